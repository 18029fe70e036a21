import { record, type Struct } from '../../../shared/abi/struct';

/** Bytes of a unix socket's path, its closing NUL included. */
const SOCKET_PATH_BYTES = 108;

/**
 * The uio socket of an exported function. The thread that exports the function writes it once, before
 * any host knows it. From then on the thread that runs the host writes it, and others only read.
 */
export const uioLine = record('uio_line', 'the uio socket of an exported function', {
  /** 1 while a guest has the function open. */
  guests: 'u32',
  /** 1 while the guest takes interrupts. */
  enabled: 'u32',
  /** Interrupts that were sent to the guest. */
  fired: 'u32',
  /** Handlers of those interrupts that are known to have ended. */
  handled: 'u32',
  /** File descriptor of the listening socket. */
  listener: 'u32',
  /** File descriptor of the connection that keeps the listening socket full; all ones while it is open for a guest. */
  plug: 'u32',
  /** File descriptor of the guest's connection; all ones while there is none. */
  connection: 'u32',
  /** Absolute path of the listening socket, closed by a NUL. */
  path: ['u8', SOCKET_PATH_BYTES],
});

export const exportRecords: readonly Struct[] = [uioLine];
