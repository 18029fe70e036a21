import { exchange32, fill, loadAcquire32, storeRelease32 } from '#mem';
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
import { HOST_DEVICE_BYTES } from '../loops/records';
import type { AvpDeviceSettings } from '../settings';

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
      this.takeBar(BAR_MEMMAP, BAR_MEMMAP_BYTES, HOST_ONLY | DRIVER_READ);
      this.takeBar(BAR_DEVICE, BAR_DEVICE_BYTES, HOST_ONLY | DRIVER_READ);
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

  /** Returns the arena address of a BAR. */
  bar(bar: number): number {
    return this.bars.get(bar)!;
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

  get migrationStatus(): number {
    return loadAcquire32(this.register(REG_MIGRATION_STATUS));
  }

  set migrationStatus(value: number) {
    storeRelease32(this.register(REG_MIGRATION_STATUS), value);
  }

  /** Resets what a dead guest has left behind: mask, ack and pending interrupts. */
  reset(): void {
    this.interrupts.reset();
    storeRelease32(this.register(REG_INTERRUPT_MASK), 0);
    storeRelease32(this.register(REG_MIGRATION_ACK), 0);
  }

  /** Makes every byte of every BAR read as all ones (section 16). */
  remove(): void {
    storeRelease32(this.function.base + PCI_FUNCTION_REMOVED, 1);
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
