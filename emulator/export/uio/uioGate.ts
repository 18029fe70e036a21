import { chmodSync, renameSync, rmSync } from 'node:fs';
import { loadAcquire32, readBytes, storeRelease32, writeBytes } from '#mem';
import { UIO_LINE_BYTES, UIO_LINE_LISTENER, UIO_LINE_PATH, UIO_LINE_PLUG } from './records';
import { acceptNow, closeSocket, connectNow, isAwaited, listenForOne, refuseMore } from './unixSockets';

const PRIVATE_FILE = 0o600;
const NUL = 0;
/** Stands for a file descriptor in `uio_line` where there is none. */
export const NO_FILE = 0xffff_ffff;

/** Path of a socket that is being made. */
export function unfinishedPath(path: string): string {
  return `${path}.next`;
}

/**
 * The listening socket of a function, which lets one guest in at a time: the next one's `connect`
 * returns only after `open`. A guest works in shared memory from its `connect` on and asks nobody,
 * so this is the only moment at which the host can make it wait.
 *
 * A unix socket that listens with a backlog of 0 has room for one connection that is not accepted
 * yet. While that room is taken, a blocking `connect` waits, and one that does not block fails with
 * EAGAIN. The host takes the room itself, with a connection of its own (the plug), and gives it up
 * in `open`. To accept the guest would make room for another one, so `take` first puts a new socket,
 * plugged, in the place of the old one, and lets nobody else into that. A `connect` that waits on
 * the old one looks the path up again, and waits on the new one.
 *
 * Its state is in `uio_line`; the thread that runs the host calls it, acting as the host.
 */
export class UioGate {
  constructor(
    /** Arena address of the `uio_line`. */
    private readonly line: number,
  ) {}

  /** Makes the socket, open for a guest. @throws Error where there can be none. */
  make(path: string): void {
    writeBytes(this.line + UIO_LINE_PATH, Buffer.from(`${path}\0`));
    this.replace(path);
    this.open();
  }

  /** False while a `connect` has to wait. */
  get isOpen(): boolean {
    return this.read(UIO_LINE_PLUG) === NO_FILE;
  }

  /** Lets the next guest in. Without a free file descriptor it stays shut, and a later call may succeed. */
  open(): void {
    const other = acceptNow(this.read(UIO_LINE_LISTENER));
    if (other === null) return;
    closeSocket(other);
    closeSocket(this.read(UIO_LINE_PLUG));
    this.write(UIO_LINE_PLUG, NO_FILE);
  }

  /**
   * Returns the connection of a guest that has been let in and shuts the gate behind it; null where
   * none has come. Where the gate can't be shut, the guest has to wait for a later call.
   */
  take(): number | null {
    const listener = this.read(UIO_LINE_LISTENER);
    if (!isAwaited(listener)) return null;
    try {
      this.replace(this.path);
    } catch {
      return null;
    }
    refuseMore(listener);
    const guest = acceptNow(listener);
    closeSocket(listener);
    return guest;
  }

  /** Ends the gate; a guest that waits is refused. */
  close(): void {
    rmSync(this.path, { force: true });
    closeSocket(this.read(UIO_LINE_LISTENER));
    if (!this.isOpen) closeSocket(this.read(UIO_LINE_PLUG));
  }

  /** Puts a new socket, plugged, in the place of the one at the path, which goes on to exist without a name. */
  private replace(path: string): void {
    const unfinished = unfinishedPath(path);
    rmSync(unfinished, { force: true });
    const listener = listenForOne(unfinished);
    try {
      chmodSync(unfinished, PRIVATE_FILE);
      const plug = connectNow(unfinished);
      try {
        renameSync(unfinished, path);
      } catch (error) {
        closeSocket(plug);
        throw error;
      }
      this.write(UIO_LINE_LISTENER, listener);
      this.write(UIO_LINE_PLUG, plug);
    } catch (error) {
      closeSocket(listener);
      throw error;
    }
  }

  private get path(): string {
    const bytes = Buffer.from(readBytes(this.line + UIO_LINE_PATH, UIO_LINE_BYTES - UIO_LINE_PATH));
    return bytes.toString('utf8', 0, bytes.indexOf(NUL));
  }

  private read(field: number): number {
    return loadAcquire32(this.line + field);
  }

  private write(field: number, value: number): void {
    storeRelease32(this.line + field, value);
  }
}
