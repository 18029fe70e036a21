import { chmodSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { exchange32, loadAcquire32, storeRelease32 } from '#mem';
import { asHost } from '../../../shared/actors';
import { allocate, release } from '../../../shared/arena';
import { UsageError } from '../../../shared/errors';
import { HOST_ONLY } from '../../../shared/loops/rights';
import { memory } from '../../../shared/mem/memory';
import { type PciFunction, wakeInterruptWaiters } from '../../../shared/pci';
import { PCI_FUNCTION_INTERRUPT_PENDING } from '../../../shared/loops/records';
import type { TransportServer } from '../transport';
import {
  UIO_LINE_BYTES,
  UIO_LINE_DEPARTURES,
  UIO_LINE_ENABLED,
  UIO_LINE_FIRED,
  UIO_LINE_GUESTS,
  UIO_LINE_HANDLED,
} from './records';
import { UioWords } from './uioWords';

const PRIVATE_FILE = 0o600;
const INTERRUPT = Uint8Array.of(1, 0, 0, 0);
const ENABLE = 1;
/** Limit of unread bytes. A guest that reaches it gets no more words; it takes all of them as one interrupt. */
const MAX_UNREAD_BYTES = 4_096;
const MAX_AT_ONCE = 1_024;

/** In the language since 2024, in V8 since long before. */
const { waitAsync } = Atomics as unknown as {
  readonly waitAsync: (
    words: Int32Array,
    index: number,
    value: number,
  ) => { readonly async: boolean; readonly value: unknown };
};

/**
 * The uio socket of a function, which stands for /dev/uioN. It tells the guest about interrupts.
 * Through `uio_line` it tells the host how the guest handles them, and when a guest has come or has
 * died, which the connection shows.
 *
 * A connection is never closed from here: DPDK's interrupt thread would spin on the error.
 */
export class UioServer implements TransportServer {
  private readonly guests = new Set<Socket>();
  private readonly words = new Int32Array(memory.buffer);
  private readonly server: Server;
  private readonly pending: number;
  private closed = false;
  private arrival: () => void = () => {};

  private constructor(
    private readonly base: number,
    /** Arena address of the `uio_line`, which the server alone writes and a `HostLine` reads. */
    readonly line: number,
  ) {
    this.pending = base + PCI_FUNCTION_INTERRUPT_PENDING;
    this.server = createServer((guest) => this.accept(guest));
  }

  /**
   * @param path of the socket; there must be nothing.
   * @throws UsageError where there can be no socket, ErrnoError ENOMEM; nothing is left then.
   */
  static async listen(path: string, device: PciFunction): Promise<UioServer> {
    const line = allocate(UIO_LINE_BYTES, { rights: HOST_ONLY, label: `${device.bdf} uio line` });
    const made = new UioServer(device.base, line);
    try {
      await new Promise<void>((resolve, reject) => {
        made.server.on('error', (error) => reject(new UsageError(`${path}: ${error.message}`)));
        made.server.listen(path, resolve);
      });
    } catch (error) {
      release(line);
      throw error;
    }
    chmodSync(path, PRIVATE_FILE);
    void made.watch();
    return made;
  }

  /** See `TransportServer`; guests that are there keep their connections until this process ends. */
  close(): void {
    this.closed = true;
    // Also removes the socket's file.
    this.server.close();
    for (const guest of this.guests) guest.unref();
    wakeInterruptWaiters(this.base);
    this.arrival();
    release(this.line);
  }

  /** Waits for interrupts of the host and passes them on; one that no guest takes yet stays pending. */
  private async watch(): Promise<void> {
    while (!this.closed) {
      const wait = waitAsync(this.words, this.pending >>> 2, 0);
      if (wait.async) await wait.value;
      else if (!this.fire()) await new Promise<void>((resolve) => (this.arrival = resolve));
    }
  }

  /** Sends pending interrupts to the guests; false where no guest takes any at the moment. */
  private fire(): boolean {
    return asHost(() => {
      if (this.guests.size === 0 || loadAcquire32(this.line + UIO_LINE_ENABLED) === 0) return false;
      const raised = Math.min(exchange32(this.pending, 0), MAX_AT_ONCE);
      this.count(UIO_LINE_FIRED, raised);
      for (const guest of this.guests)
        for (let i = 0; i < raised && guest.writableLength < MAX_UNREAD_BYTES; i++) guest.write(INTERRUPT);
      return true;
    });
  }

  private accept(guest: Socket): void {
    this.guests.add(guest);
    const words = new UioWords();
    guest.on('data', (chunk) => words.take(chunk, (word) => this.hear(word)));
    // A broken connection is one that ends; `close` follows.
    guest.on('error', () => {});
    guest.on('close', () => this.leave(guest));
    this.tell(UIO_LINE_GUESTS, this.guests.size);
    this.tell(UIO_LINE_ENABLED, 1);
    this.arrival();
  }

  private leave(guest: Socket): void {
    this.guests.delete(guest);
    if (this.closed) return;
    this.tell(UIO_LINE_GUESTS, this.guests.size);
    if (this.guests.size > 0) return;
    this.tell(UIO_LINE_ENABLED, 0);
    asHost(() => {
      storeRelease32(this.line + UIO_LINE_HANDLED, loadAcquire32(this.line + UIO_LINE_FIRED));
      this.count(UIO_LINE_DEPARTURES);
    });
  }

  /** A guest enables interrupts once at first, and again at the end of each handler. */
  private hear(word: number): void {
    if (this.closed) return;
    const on = word === ENABLE;
    this.tell(UIO_LINE_ENABLED, on ? 1 : 0);
    if (!on) return;
    asHost(() => {
      if (loadAcquire32(this.line + UIO_LINE_HANDLED) !== loadAcquire32(this.line + UIO_LINE_FIRED))
        this.count(UIO_LINE_HANDLED);
    });
    this.arrival();
  }

  private tell(field: number, value: number): void {
    asHost(() => storeRelease32(this.line + field, value));
  }

  private count(field: number, by = 1): void {
    storeRelease32(this.line + field, (loadAcquire32(this.line + field) + by) >>> 0);
  }
}
