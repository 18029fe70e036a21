import { load32 } from '#mem';
import { ErrnoError } from '../../../shared/errors';
import type { PciDriver, PciFunction, PciIdentity, Platform } from '../../../shared/pci';

/** What a fake driver gives for a device that it took. */
export interface FakePort {
  readonly device: PciFunction;
  interrupts: number;
}

/** A driver that matches by a predicate and notes what is asked of it. */
export class FakeDriver implements PciDriver<FakePort> {
  readonly calls: string[] = [];
  /** Why the next probes are refused, null to accept. */
  refusal: Error | null = null;
  platform: Platform | null = null;
  /** Runs within probe and remove, as the guest. */
  during: () => void = () => {};

  constructor(
    readonly name: string,
    private readonly wanted: (identity: PciIdentity) => boolean,
  ) {}

  matches(identity: PciIdentity): boolean {
    this.calls.push(`matches ${identity.device.toString(16)}`);
    return this.wanted(identity);
  }

  probe(device: PciFunction, platform: Platform): FakePort {
    this.calls.push(`probe ${device.slot}`);
    this.platform = platform;
    this.during();
    if (this.refusal !== null) throw this.refusal;
    const port = { device, interrupts: 0 };
    device.setInterruptHandler(() => port.interrupts++);
    return port;
  }

  remove(port: FakePort): void {
    this.calls.push(`remove ${port.device.slot} ${port.device.present ? 'present' : 'gone'}`);
    this.during();
    port.device.setInterruptHandler(null);
  }
}

export const isAvp = (identity: PciIdentity): boolean =>
  identity.device === 0x1110 && identity.subsystemDevice === 0x1104;
export const isVirtio = (identity: PciIdentity): boolean => identity.device === 0x1000;

export const busy = (): ErrnoError => new ErrnoError('EBUSY', 'the device is migrating');

/** Touches an address as whoever acts. */
export const touch = (address: number): void => void load32(address);
