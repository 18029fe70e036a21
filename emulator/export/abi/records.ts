import { record, type Struct } from '../../../shared/abi/struct';

/**
 * What the thread that has the sockets and the thread that runs the host tell each other. The
 * former is the one writer of all fields.
 */
export const uioLine = record('uio_line', 'the uio socket of an exported function', {
  /** Connections that are open now. */
  guests: 'u32',
  /** How often the last connection has been closed: each time a guest has ended, or died. */
  departures: 'u32',
  /** 1 while the guest takes interrupts. */
  enabled: 'u32',
  /** Interrupts that were fired, and how many of their handlers are known to have ended. */
  fired: 'u32',
  handled: 'u32',
});

export const exportRecords: readonly Struct[] = [uioLine];
