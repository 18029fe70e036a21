import { compareExchange32, loadAcquire32, storeRelease32 } from '#mem';
import type { Clock } from '../../../shared/clock';
import { REG_INTERRUPT_MASK, REG_INTERRUPT_STATUS } from '../../../shared/loops/layout';
import { postInterrupt } from '../../../shared/pci';
import type { Random } from '../../../shared/random';
import { PCI_FUNCTION_INTERRUPT_PENDING } from '../../../shared/loops/records';
import { load64, store64 } from '../../../shared/u64';
import {
  HOST_DEVICE_DUE_US,
  loadHostDeviceDelayed,
  loadHostDeviceLatched,
  storeHostDeviceDelayed,
  storeHostDeviceLatched,
} from '../loops/records';
import type { AvpDeviceSettings } from '../settings';

/** Entries of `host_device.due_us`. When all are taken, a further interrupt is merged with a delayed one. */
const MAX_DELAYED = 16;
const US_PER_MS = 1_000;

/** Arena addresses of an interrupt line's registers and records. */
export interface LinePlaces {
  /** `pci_function`. */
  readonly base: number;
  /** BAR 0. */
  readonly registers: number;
  /** `host_device`. */
  readonly state: number;
}

/** The host's end of a device's one interrupt (section 3). Its state is in `host_device`. */
export class InterruptLine {
  constructor(
    private readonly places: LinePlaces,
    /** Settings of the present host. */
    public settings: AvpDeviceSettings['interrupt'],
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  private get mask(): number {
    return loadAcquire32(this.places.registers + REG_INTERRUPT_MASK);
  }

  private get status(): number {
    return this.places.registers + REG_INTERRUPT_STATUS;
  }

  /** Raises bits of the interrupt status, and delivers the interrupt if the mask allows it. */
  raise(bits: number): void {
    const { state } = this.places;
    const allowed = (bits & this.mask) >>> 0;
    const late = this.settings.whileMasked === 'latch' ? (bits & ~allowed) >>> 0 : 0;
    storeHostDeviceLatched(state, (loadHostDeviceLatched(state) | late) >>> 0);
    this.setStatus((allowed | late) >>> 0);
    if (allowed !== 0) this.send();
  }

  /** Delivers due interrupts; to be called in each round of the host. */
  step(): void {
    this.deliverLatched();
    this.deliverDelayed();
    const { spuriousPercent } = this.settings;
    if (spuriousPercent > 0 && this.mask !== 0 && this.random.between(1, 100) <= spuriousPercent) this.post();
  }

  /** Delivers bits that were raised while masked and are enabled by now. */
  private deliverLatched(): void {
    const { state } = this.places;
    const latched = loadHostDeviceLatched(state);
    const due = latched === 0 ? 0 : (latched & this.mask) >>> 0;
    if (due === 0) return;
    storeHostDeviceLatched(state, (latched & ~due) >>> 0);
    // A guest that has read the status meanwhile needs no interrupt.
    if ((loadAcquire32(this.status) & due) !== 0) this.send();
  }

  private deliverDelayed(): void {
    const { state } = this.places;
    const count = loadHostDeviceDelayed(state);
    if (count === 0) return;
    const nowUs = this.nowUs();
    let left = 0;
    for (let i = 0; i < count; i++) {
      const due = load64(this.dueAt(i));
      if (due <= nowUs) this.post();
      else store64(this.dueAt(left++), due);
    }
    storeHostDeviceDelayed(state, left);
  }

  /** Sets bits of the status; the loop is needed because the guest may clear the register at any time. */
  private setStatus(bits: number): void {
    for (let found = loadAcquire32(this.status); bits !== 0;) {
      const before = compareExchange32(this.status, found, (found | bits) >>> 0);
      if (before === found) return;
      found = before;
    }
  }

  private send(): void {
    const { delayMs, delay, coalesced } = this.settings;
    if (delayMs === 0) return this.post();
    const { state } = this.places;
    const count = loadHostDeviceDelayed(state);
    if (count === MAX_DELAYED || (coalesced && count > 0)) return;
    const most = Math.round(delayMs * US_PER_MS);
    const wait = delay === 'fixed' ? most : this.random.between(0, most);
    store64(this.dueAt(count), this.nowUs() + BigInt(wait));
    storeHostDeviceDelayed(state, count + 1);
  }

  private post(): void {
    postInterrupt(this.places.base, this.settings.coalesced);
  }

  private nowUs(): bigint {
    return BigInt(Math.round(this.clock.nowMs() * US_PER_MS));
  }

  private dueAt(index: number): number {
    return this.places.state + HOST_DEVICE_DUE_US + 8 * index;
  }

  /** Discards pending interrupts; the registers stay. */
  forget(): void {
    storeHostDeviceLatched(this.places.state, 0);
    storeHostDeviceDelayed(this.places.state, 0);
    storeRelease32(this.places.base + PCI_FUNCTION_INTERRUPT_PENDING, 0);
  }
}
