import { copy, exchange32, fence, fill, loadAcquire32, storeRelease32 } from '#mem';
import { allocate, release } from '../../../shared/arena';
import type { Clock } from '../../../shared/clock';
import {
  BAR_DEVICE,
  BAR_DEVICE_BYTES,
  BAR_MEMMAP,
  BAR_MEMMAP_BYTES,
  BAR_MEMORY,
  BAR_MMIO,
  BAR_MMIO_BYTES,
  BAR_MSIX,
  BAR_MSIX_BYTES,
  CLASS_MEMORY_RAM,
  DEVICE_ID,
  REG_INTERRUPT_MASK,
  REG_INTERRUPT_STATUS,
  REG_MIGRATION_ACK,
  REG_MIGRATION_STATUS,
  SUBSYSTEM_DEVICE_ID,
  SUBSYSTEM_VENDOR_ID,
  VENDOR_ID,
} from '../../../shared/loops/layout';
import { BOTH, DRIVER_READ, HOST_ONLY } from '../../../shared/loops/rights';
import { PciFunction, wakeInterruptWaiters } from '../../../shared/pci';
import type { Random } from '../../../shared/random';
import {
  PCI_FUNCTION_BYTES,
  PCI_FUNCTION_REMOVED,
  storePciFunctionAddress,
  storePciFunctionBarAddress,
  storePciFunctionBarBytes,
  storePciFunctionClassCode,
  storePciFunctionClearOnRead,
  storePciFunctionDevice,
  storePciFunctionSubsystemDevice,
  storePciFunctionSubsystemVendor,
  storePciFunctionVendor,
  storePciFunctionWritableRegisters,
} from '../../../shared/loops/records';
import { InterruptLine } from './interruptLine';
import { HOST_DEVICE_BYTES, loadHostDeviceLatched, loadHostDeviceStatus } from '../loops/records';
import type { AvpDeviceSettings } from '../settings';

/** The registers of section 3; the rest of BAR 0 is 0. */
const REGISTERS_BYTES = 16;
const ALL_ONES_BYTE = 0xff;
/** BARs are page-aligned, so that a process can map them. */
const PAGE_BYTES = 4_096;

function writableBits(...registers: readonly number[]): number {
  return registers.reduce((bits, offset) => bits | (1 << (offset >>> 2)), 0);
}

export interface FunctionOptions {
  readonly label: string;
  /** PCI device number, 0 to 31. */
  readonly deviceNumber: number;
  /** Size of BAR 2, a power of two. */
  readonly memoryBytes: number;
  /** Interrupt settings of the first host. */
  readonly interrupt: AvpDeviceSettings['interrupt'];
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * The host's side of the PCI function, its BARs and the registers in BAR 0, which outlive a change of
 * the host (section 15). The guest's side is `PciFunction`.
 */
export class DeviceFunction {
  readonly function: PciFunction;
  readonly interrupts: InterruptLine;
  /** Arena address of `host_device`. */
  readonly state: number;
  private readonly allocations: number[] = [];
  /** Arena address of each BAR, by number. Private, because a test may overwrite what the guest sees. */
  private readonly bars = new Map<number, number>();
  /** Arena address of the host's own copy of each BAR that describes the device, by number. */
  private readonly originals = new Map<number, number>();
  /** Arena address of BAR 0, kept apart because every round reads registers. */
  private readonly registers: number;

  /** Prefix of the labels of its allocations. */
  private readonly label: string;
  /** Size of BAR 2. */
  readonly memoryBytes: number;

  /** @throws ErrnoError ENOMEM where the arena has no room; nothing has changed then. */
  constructor({ label, deviceNumber, memoryBytes, interrupt, clock, random }: FunctionOptions) {
    this.label = label;
    this.memoryBytes = memoryBytes;
    try {
      const base = this.take(PCI_FUNCTION_BYTES, BOTH, 'PCI');
      this.function = PciFunction.at(base);
      storePciFunctionVendor(base, VENDOR_ID);
      storePciFunctionDevice(base, DEVICE_ID);
      storePciFunctionSubsystemVendor(base, SUBSYSTEM_VENDOR_ID);
      storePciFunctionSubsystemDevice(base, SUBSYSTEM_DEVICE_ID);
      storePciFunctionClassCode(base, CLASS_MEMORY_RAM);
      storePciFunctionAddress(base, deviceNumber << 3);
      this.takeBar(BAR_MMIO, BAR_MMIO_BYTES, BOTH);
      this.registers = this.bar(BAR_MMIO);
      this.takeBar(BAR_MSIX, BAR_MSIX_BYTES, BOTH);
      this.takeDescription(BAR_MEMMAP, BAR_MEMMAP_BYTES);
      this.takeDescription(BAR_DEVICE, BAR_DEVICE_BYTES);
      this.takeBar(BAR_MEMORY, memoryBytes, HOST_ONLY);
      storePciFunctionClearOnRead(base, this.register(REG_INTERRUPT_STATUS));
      storePciFunctionWritableRegisters(base, writableBits(REG_INTERRUPT_MASK, REG_MIGRATION_ACK));
      this.state = this.take(HOST_DEVICE_BYTES, HOST_ONLY, 'state');
      this.interrupts = new InterruptLine(
        { base, registers: this.bar(BAR_MMIO), state: this.state },
        interrupt,
        clock,
        random,
      );
    } catch (error) {
      this.release();
      throw error;
    }
  }

  private take(bytes: number, rights: number, part: string): number {
    const address = allocate(bytes, { align: PAGE_BYTES, rights, label: `${this.label} ${part}` });
    this.allocations.push(address);
    return address;
  }

  private takeBar(bar: number, bytes: number, rights: number): void {
    const address = this.take(bytes, rights, `BAR ${bar}`);
    this.bars.set(bar, address);
    storePciFunctionBarAddress(this.function.base, bar, address);
    storePciFunctionBarBytes(this.function.base, bar, bytes);
  }

  private takeDescription(bar: number, bytes: number): void {
    this.takeBar(bar, bytes, HOST_ONLY | DRIVER_READ);
    this.originals.set(bar, this.take(bytes, HOST_ONLY, `original of BAR ${bar}`));
  }

  /** Returns the arena address of a BAR. */
  bar(bar: number): number {
    return this.bars.get(bar)!;
  }

  /**
   * Writes into a BAR that describes the device, BAR 4 or 5, and into the host's own copy.
   * @param write is given the address of either.
   */
  describe(bar: number, write: (base: number) => void): void {
    write(this.originals.get(bar)!);
    write(this.bar(bar));
  }

  /**
   * Writes all words of BARs 0, 4 and 5 anew that are the host's, for the next guest. A guest in another
   * process can write to any of them, so their values come from the host's own records.
   */
  restore(): void {
    for (const [bar, original] of this.originals) copy(this.bar(bar), original, this.function.barBytes(bar));
    const { state } = this;
    storeRelease32(this.register(REG_INTERRUPT_STATUS), loadHostDeviceLatched(state));
    this.migrationStatus = loadHostDeviceStatus(state);
    fill(this.register(REGISTERS_BYTES), 0, BAR_MMIO_BYTES - REGISTERS_BYTES);
  }

  /** Returns the arena address of a register of section 3. */
  private register(offset: number): number {
    return this.registers + offset;
  }

  get interruptMask(): number {
    return loadAcquire32(this.register(REG_INTERRUPT_MASK));
  }

  get migrationAck(): number {
    return loadAcquire32(this.register(REG_MIGRATION_ACK));
  }

  /** Sets the ack to 0. Returns its former value. */
  takeMigrationAck(): number {
    return exchange32(this.register(REG_MIGRATION_ACK), 0);
  }

  set migrationStatus(value: number) {
    storeRelease32(this.register(REG_MIGRATION_STATUS), value);
  }

  /** Resets what a dead guest has left behind: pending interrupts, and every word of BARs 0, 1, 4 and 5. */
  reset(): void {
    this.interrupts.forget();
    storeRelease32(this.register(REG_INTERRUPT_MASK), 0);
    storeRelease32(this.register(REG_MIGRATION_ACK), 0);
    fill(this.bar(BAR_MSIX), 0, BAR_MSIX_BYTES);
    this.restore();
  }

  /** Makes every byte of every BAR read as all ones (section 16). */
  remove(): void {
    storeRelease32(this.function.base + PCI_FUNCTION_REMOVED, 1);
    // A guest that reads ones looks whether the function is still there, and must not find that it is.
    fence();
    this.interrupts.forget();
    wakeInterruptWaiters(this.function.base);
    fill(this.bar(BAR_MMIO), ALL_ONES_BYTE, BAR_MMIO_BYTES);
    fill(this.bar(BAR_MSIX), ALL_ONES_BYTE, BAR_MSIX_BYTES);
    fill(this.bar(BAR_MEMORY), ALL_ONES_BYTE, this.memoryBytes);
    fill(this.bar(BAR_MEMMAP), ALL_ONES_BYTE, BAR_MEMMAP_BYTES);
    fill(this.bar(BAR_DEVICE), ALL_ONES_BYTE, BAR_DEVICE_BYTES);
  }

  /** Releases all of its memory. */
  release(): void {
    for (const address of this.allocations.splice(0)) release(address);
  }
}
