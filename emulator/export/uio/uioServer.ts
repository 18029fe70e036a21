import { Socket } from 'node:net';
import { fill, loadAcquire32, storeRelease32 } from '#mem';
import { asHost } from '../../../shared/actors';
import { allocate, release } from '../../../shared/arena';
import { UsageError } from '../../../shared/errors';
import { HOST_ONLY } from '../../../shared/loops/rights';
import type { PciFunction } from '../../../shared/pci';
import type { TransportServer } from '../transport';
import { UIO_LINE_BYTES, UIO_LINE_CONNECTION } from './records';
import { NO_FILE, UioGate } from './uioGate';

/**
 * The uio socket of a function, which stands for /dev/uioN, from the making of it to its end. In
 * between, the thread that runs the host serves it through `HostLine`.
 */
export class UioServer implements TransportServer {
  private constructor(
    /** Arena address of the `uio_line`. */
    readonly line: number,
  ) {}

  /**
   * Makes the socket. The first guest may connect at once.
   * @throws UsageError where there can be no socket, ErrnoError ENOMEM; nothing is left then.
   */
  static listen(path: string, device: PciFunction): UioServer {
    const line = allocate(UIO_LINE_BYTES, { rights: HOST_ONLY, label: `${device.bdf} uio line` });
    try {
      asHost(() => {
        fill(line, 0, UIO_LINE_BYTES);
        storeRelease32(line + UIO_LINE_CONNECTION, NO_FILE);
        new UioGate(line).make(path);
      });
      return new UioServer(line);
    } catch (error) {
      release(line);
      throw new UsageError(`${path}: there can be no socket (${(error as Error).message})`, { cause: error });
    }
  }

  /**
   * See `TransportServer`. A guest that is there keeps its connection until it leaves or this process
   * ends: DPDK's interrupt thread would spin on the error.
   */
  close(): void {
    const guest = asHost(() => {
      new UioGate(this.line).close();
      return loadAcquire32(this.line + UIO_LINE_CONNECTION);
    });
    release(this.line);
    if (guest !== NO_FILE) keepUntilItEnds(guest);
  }
}

/** Hands a connection to the event loop of this thread, which closes it when its other end has gone. */
function keepUntilItEnds(connection: number): void {
  const socket = new Socket({ fd: connection, readable: true, writable: true });
  socket.on('error', () => {});
  socket.resume();
  socket.unref();
}
