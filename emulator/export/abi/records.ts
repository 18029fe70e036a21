import { record, type Struct } from '../../../shared/abi/struct';

/**
 * Tells the thread that runs the host what happens on a uio socket. The thread that has the sockets
 * writes all fields.
 */
export const uioLine = record('uio_line', 'the uio socket of an exported function', {
  /** Connections that are open. */
  guests: 'u32',
  /** Times that the last connection was closed, each because a guest has ended or died. */
  departures: 'u32',
  /** 1 while the guest takes interrupts. */
  enabled: 'u32',
  /** Interrupts that were sent to the guest. */
  fired: 'u32',
  /** Handlers of those interrupts that are known to have ended. */
  handled: 'u32',
});

export const exportRecords: readonly Struct[] = [uioLine];
