import { compareExchange32, fill, loadAcquire32, storeRelease32 } from '#mem';
import { allocate, release } from '../../shared/arena';
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
} from '../../shared/layout';
import { BOTH, DRIVER_READ, HOST_ONLY } from '../../shared/mem/rights';
import { PciFunction } from '../../shared/pci';
import {
  PCI_FUNCTION_BYTES,
  PCI_FUNCTION_INTERRUPT_PENDING,
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
} from '../../shared/records';

const ALL_ONES_BYTE = 0xff;
/** A process can map a BAR only at a page. */
const PAGE_BYTES = 4_096;

function writableBits(...registers: readonly number[]): number {
  return registers.reduce((bits, offset) => bits | (1 << (offset >>> 2)), 0);
}

/**
 * What stays the same while hosts come and go (section 15): the PCI function, its BARs and the
 * registers in BAR 0. The guest's side of it is `PciFunction`; this is the host's.
 */
export class DeviceFunction {
  readonly function: PciFunction;
  /** Bits that were raised while masked and are to be delivered once the mask allows it. */
  private latched = 0;
  private readonly allocations: number[] = [];
  /** The host's own note of where the BARs lie; the guest sees another one. */
  private readonly bars = new Map<number, number>();

  /**
   * @param slot PCI device number, 0 to 31.
   * @throws ErrnoError ENOMEM where the arena has no room; nothing has changed then.
   */
  constructor(
    readonly label: string,
    slot: number,
    readonly memoryBytes: number,
    private readonly whileMasked: 'latch' | 'drop',
  ) {
    try {
      const base = this.take(PCI_FUNCTION_BYTES, BOTH, 'PCI');
      this.function = PciFunction.at(base);
      storePciFunctionVendor(base, VENDOR_ID);
      storePciFunctionDevice(base, DEVICE_ID);
      storePciFunctionSubsystemVendor(base, SUBSYSTEM_VENDOR_ID);
      storePciFunctionSubsystemDevice(base, SUBSYSTEM_DEVICE_ID);
      storePciFunctionClassCode(base, CLASS_MEMORY_RAM);
      storePciFunctionAddress(base, slot << 3);
      this.takeBar(BAR_MMIO, BAR_MMIO_BYTES, BOTH);
      this.takeBar(BAR_MSIX, BAR_MSIX_BYTES, BOTH);
      this.takeBar(BAR_MEMMAP, BAR_MEMMAP_BYTES, HOST_ONLY | DRIVER_READ);
      this.takeBar(BAR_DEVICE, BAR_DEVICE_BYTES, HOST_ONLY | DRIVER_READ);
      this.takeBar(BAR_MEMORY, memoryBytes, HOST_ONLY);
      storePciFunctionClearOnRead(base, this.register(REG_INTERRUPT_STATUS));
      storePciFunctionWritableRegisters(base, writableBits(REG_INTERRUPT_MASK, REG_MIGRATION_ACK));
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

  /** Arena address of a BAR. */
  bar(bar: number): number {
    return this.bars.get(bar)!;
  }

  /** Arena address of a register of section 3. */
  private register(offset: number): number {
    return this.bar(BAR_MMIO) + offset;
  }

  get interruptMask(): number {
    return loadAcquire32(this.register(REG_INTERRUPT_MASK));
  }

  get migrationAck(): number {
    return loadAcquire32(this.register(REG_MIGRATION_ACK));
  }

  set migrationAck(value: number) {
    storeRelease32(this.register(REG_MIGRATION_ACK), value);
  }

  get migrationStatus(): number {
    return loadAcquire32(this.register(REG_MIGRATION_STATUS));
  }

  set migrationStatus(value: number) {
    storeRelease32(this.register(REG_MIGRATION_STATUS), value);
  }

  /** Raises bits of the interrupt status (section 3): delivered where the mask allows it. */
  raise(bits: number): void {
    const allowed = bits & this.interruptMask;
    const late = this.whileMasked === 'latch' ? bits & ~allowed : 0;
    this.latched |= late;
    this.setStatus(allowed | late);
    if (allowed !== 0) this.interrupt();
  }

  /** Delivers what was latched and is allowed by now; to be called whenever the host looks. */
  deliverLatched(): void {
    const due = this.latched & this.interruptMask;
    if (due === 0) return;
    this.latched &= ~due;
    // A guest that has read the status meanwhile knows already.
    if ((loadAcquire32(this.register(REG_INTERRUPT_STATUS)) & due) !== 0) this.interrupt();
  }

  /** The guest reads and clears the register at any time, hence the loop. */
  private setStatus(bits: number): void {
    const status = this.register(REG_INTERRUPT_STATUS);
    for (let found = loadAcquire32(status); bits !== 0; ) {
      const before = compareExchange32(status, found, (found | bits) >>> 0);
      if (before === found) return;
      found = before;
    }
  }

  private interrupt(): void {
    storeRelease32(this.function.base + PCI_FUNCTION_INTERRUPT_PENDING, 1);
  }

  /** What is left of the guest's doing when it has died: mask, ack and pending interrupts go. */
  reset(): void {
    this.latched = 0;
    storeRelease32(this.register(REG_INTERRUPT_MASK), 0);
    storeRelease32(this.register(REG_INTERRUPT_STATUS), 0);
    storeRelease32(this.register(REG_MIGRATION_ACK), 0);
    storeRelease32(this.function.base + PCI_FUNCTION_INTERRUPT_PENDING, 0);
  }

  /** Vanishes: every register and every byte of every BAR reads as all ones (section 16). */
  remove(): void {
    storeRelease32(this.function.base + PCI_FUNCTION_REMOVED, 1);
    storeRelease32(this.function.base + PCI_FUNCTION_INTERRUPT_PENDING, 0);
    fill(this.bar(BAR_MMIO), ALL_ONES_BYTE, BAR_MMIO_BYTES);
    fill(this.bar(BAR_MSIX), ALL_ONES_BYTE, BAR_MSIX_BYTES);
    fill(this.bar(BAR_MEMORY), ALL_ONES_BYTE, this.memoryBytes);
    fill(this.bar(BAR_MEMMAP), ALL_ONES_BYTE, BAR_MEMMAP_BYTES);
    fill(this.bar(BAR_DEVICE), ALL_ONES_BYTE, BAR_DEVICE_BYTES);
  }

  /** Gives all of it back to the arena. */
  release(): void {
    for (const address of this.allocations.splice(0)) release(address);
  }
}
