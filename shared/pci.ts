import { add32, compareExchange32, exchange32, loadAcquire32, storeRelease32 } from '#mem';
import type { Clock } from './clock';
import { BAR_MMIO } from './loops/layout';
import { memory } from './mem/memory';
import {
  loadPciFunctionAddress,
  loadPciFunctionBarAddress,
  loadPciFunctionBarBytes,
  loadPciFunctionClassCode,
  loadPciFunctionClearOnRead,
  loadPciFunctionDevice,
  loadPciFunctionSubsystemDevice,
  loadPciFunctionSubsystemVendor,
  loadPciFunctionVendor,
  loadPciFunctionWritableRegisters,
  PCI_FUNCTION_HANDLER_CHANGES,
  PCI_FUNCTION_INTERRUPT_PENDING,
  PCI_FUNCTION_REMOVED,
} from './loops/records';

/** The ids by which a driver recognises its device (section 2). */
export interface PciIdentity {
  /** Vendor id, 16 bits. */
  readonly vendor: number;
  /** Device id, 16 bits. */
  readonly device: number;
  /** Subsystem vendor id, 16 bits. */
  readonly subsystemVendor: number;
  /** Subsystem id, 16 bits. */
  readonly subsystemDevice: number;
  /** Class and subclass, for example 0x0500. */
  readonly classCode: number;
}

/** Value of every read from a function that has vanished (section 16). */
export const ALL_ONES = 0xffff_ffff;

interface Handler {
  readonly call: () => void;
  /** Value of `handler_changes` after this registration. Another value means that it no longer counts. */
  readonly change: number;
}

/** Interrupt handlers of this thread, keyed by the function's arena address. */
const handlers = new Map<number, Handler>();

/** View of the arena for `Atomics.wait` and `Atomics.notify`, which need signed words. */
const waitWords = new Int32Array(memory.buffer);

/**
 * Host: makes an interrupt pending and wakes the threads that wait for it.
 * @param base arena address of the `pci_function` record.
 * @param coalesced true to merge it with an interrupt that is pending already.
 */
export function postInterrupt(base: number, coalesced: boolean): void {
  if (coalesced) storeRelease32(base + PCI_FUNCTION_INTERRUPT_PENDING, 1);
  else add32(base + PCI_FUNCTION_INTERRUPT_PENDING, 1);
  wakeInterruptWaiters(base);
}

/** Ends every `waitInterrupt` on this function, whether or not an interrupt is pending. */
export function wakeInterruptWaiters(base: number): void {
  Atomics.notify(waitWords, (base + PCI_FUNCTION_INTERRUPT_PENDING) >>> 2);
}

/** Forgets all handlers of this thread, between test cases. */
export function resetInterruptHandlers(): void {
  handlers.clear();
}

/**
 * A PCI function as a guest sees it: the seam between guest and host. The object is a view of a
 * `pci_function` record in the arena, so any thread can make one from the address.
 */
export class PciFunction {
  private constructor(
    /** Arena address of the `pci_function` record. */
    readonly base: number,
  ) {}

  /** Makes a view of the `pci_function` record at an arena address. */
  static at(base: number): PciFunction {
    return new PciFunction(base);
  }

  /** The ids in the function's configuration space (section 2). */
  get identity(): PciIdentity {
    return {
      vendor: loadPciFunctionVendor(this.base),
      device: loadPciFunctionDevice(this.base),
      subsystemVendor: loadPciFunctionSubsystemVendor(this.base),
      subsystemDevice: loadPciFunctionSubsystemDevice(this.base),
      classCode: loadPciFunctionClassCode(this.base),
    };
  }

  /** PCI address in the usual notation, as in `0000:00:05.0`. */
  get bdf(): string {
    const address = loadPciFunctionAddress(this.base);
    const hex = (value: number): string => value.toString(16).padStart(2, '0');
    return `0000:${hex(address >>> 8)}:${hex((address >>> 3) & 31)}.${address & 7}`;
  }

  /** False after a surprise removal. */
  get present(): boolean {
    return loadAcquire32(this.base + PCI_FUNCTION_REMOVED) === 0;
  }

  /** Returns the size of a BAR in bytes, 0 if the BAR does not exist. */
  barBytes(bar: number): number {
    return loadPciFunctionBarBytes(this.base, bar);
  }

  /** Returns the arena address of a mapped BAR, 0 if the BAR does not exist. */
  barAddress(bar: number): number {
    return loadPciFunctionBarAddress(this.base, bar);
  }

  /** Reads a 32-bit register. Returns all ones for an offset outside the BAR and after a removal. */
  read32(bar: number, offset: number): number {
    const address = this.registerAddress(bar, offset);
    if (address === 0) return ALL_ONES;
    return address === loadPciFunctionClearOnRead(this.base) ? exchange32(address, 0) : loadAcquire32(address);
  }

  /** Writes a 32-bit register. The write is lost if the register does not exist or is read-only for the guest. */
  write32(bar: number, offset: number, value: number): void {
    const address = this.registerAddress(bar, offset);
    const writable = loadPciFunctionWritableRegisters(this.base) & (1 << (offset >>> 2));
    if (address !== 0 && bar === BAR_MMIO && offset < 128 && writable !== 0) storeRelease32(address, value);
  }

  private registerAddress(bar: number, offset: number): number {
    if (!this.present || (offset & 3) !== 0 || offset < 0 || offset + 4 > this.barBytes(bar)) return 0;
    return this.barAddress(bar) + offset;
  }

  /**
   * Registers this thread's interrupt handler, or unregisters it with null. A function has one
   * handler in all threads together: the last registration counts, and null ends that of any thread.
   */
  setInterruptHandler(handler: (() => void) | null): void {
    const change = (add32(this.base + PCI_FUNCTION_HANDLER_CHANGES, 1) + 1) >>> 0;
    if (handler === null) handlers.delete(this.base);
    else handlers.set(this.base, { call: handler, change });
  }

  /** Forgets this thread's handler without access to the function, which may no longer exist. */
  forgetInterruptHandler(): void {
    handlers.delete(this.base);
  }

  /** Delivers one pending interrupt to this thread's handler. Returns true if it delivered one. */
  dispatchInterrupt(): boolean {
    const handler = handlers.get(this.base);
    if (handler === undefined) return false;
    if (handler.change !== loadAcquire32(this.base + PCI_FUNCTION_HANDLER_CHANGES)) {
      handlers.delete(this.base);
      return false;
    }
    if (!this.takeInterrupt()) return false;
    handler.call();
    return true;
  }

  /**
   * Sleeps until an interrupt is pending, the function vanishes, `wakeInterruptWaiters` is called,
   * or the time is over. Returns true if an interrupt is pending. It blocks the thread, so call it
   * only in a thread of the guest's own: with a virtual clock nobody could raise the interrupt.
   */
  waitInterrupt(timeoutMs: number): boolean {
    const pending = this.base + PCI_FUNCTION_INTERRUPT_PENDING;
    if (loadAcquire32(pending) === 0 && this.present) Atomics.wait(waitWords, pending >>> 2, 0, timeoutMs);
    return loadAcquire32(pending) !== 0;
  }

  /** Takes one pending interrupt. If several threads try, exactly one of them gets it. */
  private takeInterrupt(): boolean {
    const pending = this.base + PCI_FUNCTION_INTERRUPT_PENDING;
    for (let found = loadAcquire32(pending); found !== 0;) {
      const before = compareExchange32(pending, found, found - 1);
      if (before === found) return true;
      found = before;
    }
    return false;
  }
}

/** Services that a guest's platform gives a driver in addition to the function. */
export interface Platform {
  /** Clock by which the driver polls, waits and notes times. */
  readonly clock: Clock;
}

/** A PCI driver as the guest's bus code sees it. `Port` is the type that its probe returns. */
export interface PciDriver<Port = unknown> {
  /** Name in events and listings of the bus. */
  readonly name: string;
  /** Tells whether the driver is for devices with these ids (section 2). */
  matches(identity: PciIdentity): boolean;
  /**
   * Takes a device over (section 14). @throws ErrnoError if the driver refuses the device; nothing has changed then.
   */
  probe(device: PciFunction, platform: Platform): Port;
  /** Removes the port in an orderly way, also after the device has vanished (section 16). Never throws. */
  remove(port: Port): void;
}
