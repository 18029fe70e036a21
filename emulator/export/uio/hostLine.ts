import { actAs, compareExchange32, exchange32, loadAcquire32, storeRelease32 } from '#mem';
import { asHost } from '../../../shared/actors';
import { RealClock } from '../../../shared/clock';
import { REG_INTERRUPT_STATUS } from '../../../shared/loops/layout';
import { ACTOR_HOST } from '../../../shared/loops/rights';
import { PCI_FUNCTION_INTERRUPT_PENDING } from '../../../shared/loops/records';
import type { AvpDevice } from '../../device/device';
import type { HostEnd } from '../transport';
import { UIO_LINE_CONNECTION, UIO_LINE_ENABLED, UIO_LINE_FIRED, UIO_LINE_GUESTS, UIO_LINE_HANDLED } from './records';
import { NO_FILE, UioGate } from './uioGate';
import { UioWords } from './uioWords';
import { closeSocket, peerProcess, receiveNow, sendNow } from './unixSockets';

/** Time between two looks at the socket: a look costs system calls, and a round must not. */
const LOOK_MS = 0.25;
/** Most bytes that are read in one look. */
const MAX_READ_BYTES = 1_024;
const INTERRUPT = Uint8Array.of(1, 0, 0, 0);
/** Most interrupts that the host signals at once. A guest with this number of unread words takes them all as one. */
const MAX_AT_ONCE = 1_024;
const ENABLE = 1;

/**
 * The host's end of an exported device's uio socket. It tells the guest about interrupts and does
 * what the hardware would: ends a guest that has died, and clears the interrupt status that a guest
 * has read, since a read of plain memory clears nothing.
 *
 * One thread sees all of it in order: what a guest has sent, its end, what that does to the device,
 * and only then the next guest, which `UioGate` keeps waiting until then.
 */
export class HostLine implements HostEnd {
  private readonly clock = new RealClock();
  private readonly gate: UioGate;
  private readonly pending: number;
  private readonly status: number;
  private readonly bytes = new Uint8Array(MAX_READ_BYTES);
  private words = new UioWords();
  /** True once the present guest has sent a word. */
  private hasSpoken = false;
  private nextLookMs = 0;

  /**
   * @param line arena address of the `uio_line`, `ExportedFunction.line`.
   * @param leaving called when a guest has gone, before the device forgets what it wrote last.
   */
  constructor(
    private readonly line: number,
    private readonly device: AvpDevice,
    private readonly leaving: () => void = () => {},
  ) {
    const { base } = device.function;
    this.gate = new UioGate(line);
    this.pending = base + PCI_FUNCTION_INTERRUPT_PENDING;
    this.status = device.function.barAddress(0) + REG_INTERRUPT_STATUS;
  }

  get hasGuest(): boolean {
    return asHost(() => this.read(UIO_LINE_GUESTS)) !== 0;
  }

  get guestProcess(): number | null {
    const guest = asHost(() => this.read(UIO_LINE_CONNECTION));
    return guest === NO_FILE ? null : peerProcess(guest);
  }

  step(): void {
    const former = actAs(ACTOR_HOST);
    try {
      if (this.clock.nowMs() >= this.nextLookMs) this.look();
      if (loadAcquire32(this.pending) !== 0) this.fire();
    } finally {
      actAs(former);
    }
  }

  private look(): void {
    const guest = this.read(UIO_LINE_CONNECTION);
    if (guest !== NO_FILE) this.listen(guest);
    else if (this.gate.isOpen) this.awaitGuest();
    else this.gate.open();
    this.nextLookMs = this.clock.nowMs() + LOOK_MS;
  }

  private awaitGuest(): void {
    const guest = this.gate.take();
    if (guest === null) return;
    this.words = new UioWords();
    this.hasSpoken = false;
    this.write(UIO_LINE_CONNECTION, guest);
    this.write(UIO_LINE_ENABLED, 1);
    this.write(UIO_LINE_GUESTS, 1);
  }

  /** Hears what the guest has sent; its end comes after the last word. */
  private listen(guest: number): void {
    const bytes = receiveNow(guest, this.bytes);
    if (bytes === null) return;
    if (bytes === 0) return this.endGuest(guest);
    this.words.take(Buffer.from(this.bytes.subarray(0, bytes)), (word) => this.hear(word));
  }

  /**
   * A guest enables interrupts once at first, and again at the end of each handler. The first word ends
   * no handler, even if an interrupt was sent before it came.
   */
  private hear(word: number): void {
    const first = !this.hasSpoken;
    this.hasSpoken = true;
    this.write(UIO_LINE_ENABLED, word === ENABLE ? 1 : 0);
    const handled = this.read(UIO_LINE_HANDLED);
    if (first || word !== ENABLE || handled === this.read(UIO_LINE_FIRED)) return;
    this.write(UIO_LINE_HANDLED, (handled + 1) >>> 0);
    this.clearStatus();
  }

  /**
   * Clears the interrupt status once no interrupt is on its way, since the guest has read all bits
   * then. Only this thread raises bits, so none can come between.
   */
  private clearStatus(): void {
    if (loadAcquire32(this.pending) !== 0 || this.read(UIO_LINE_FIRED) !== this.read(UIO_LINE_HANDLED)) return;
    compareExchange32(this.status, loadAcquire32(this.status), 0);
  }

  /** Ends a guest for the device, and only then lets the next one in. */
  private endGuest(guest: number): void {
    this.leaving();
    this.device.guestDied();
    this.write(UIO_LINE_ENABLED, 0);
    this.write(UIO_LINE_HANDLED, this.read(UIO_LINE_FIRED));
    this.write(UIO_LINE_CONNECTION, NO_FILE);
    this.write(UIO_LINE_GUESTS, 0);
    closeSocket(guest);
    this.gate.open();
  }

  /** Tells the guest about pending interrupts; without a guest that takes them they stay pending. */
  private fire(): void {
    const guest = this.read(UIO_LINE_CONNECTION);
    if (guest === NO_FILE || this.read(UIO_LINE_ENABLED) === 0) return;
    const raised = Math.min(exchange32(this.pending, 0), MAX_AT_ONCE);
    this.write(UIO_LINE_FIRED, (this.read(UIO_LINE_FIRED) + raised) >>> 0);
    for (let i = 0; i < raised; i++) sendNow(guest, INTERRUPT);
  }

  private read(field: number): number {
    return loadAcquire32(this.line + field);
  }

  private write(field: number, value: number): void {
    storeRelease32(this.line + field, value);
  }
}
