import { load32 } from '#mem';
import { ErrnoError } from '../../../../shared/errors';
import {
  BAR_MMIO,
  MIGRATION_ATTACHED,
  MIGRATION_DETACHED,
  REG_INTERRUPT_MASK,
  REG_INTERRUPT_STATUS,
  REG_MIGRATION_ACK,
  REG_MIGRATION_STATUS,
} from '../../../../shared/loops/layout';
import type { PciDriver, PciFunction, PciIdentity, Platform } from '../../../../shared/pci';

/** The port that a fake driver returns for a device. */
export interface FakePort {
  readonly device: PciFunction;
  interrupts: number;
}

/** A driver that matches by a predicate and records its calls. */
export class FakeDriver implements PciDriver<FakePort> {
  readonly calls: string[] = [];
  /** The error that the next probes throw, null to accept. */
  refusal: Error | null = null;
  platform: Platform | null = null;
  /** Called within probe and remove, with the driver's rights. */
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
    this.calls.push(`probe ${device.bdf}`);
    this.platform = platform;
    this.during();
    if (this.refusal !== null) throw this.refusal;
    const port = { device, interrupts: 0 };
    device.setInterruptHandler(() => port.interrupts++);
    return port;
  }

  remove(port: FakePort): void {
    this.calls.push(`remove ${port.device.bdf} ${port.device.present ? 'present' : 'gone'}`);
    this.during();
    port.device.setInterruptHandler(null);
  }
}

/** Returns the ack of a guest for a migration status, or null for none. */
export type AckPolicy = (status: number, device: PciFunction) => number | null;

/** Acks every detach and attach as successful. */
export const ackAll: AckPolicy = (status) =>
  status === MIGRATION_DETACHED || status === MIGRATION_ATTACHED ? status : null;

/** A driver that binds AVP devices and acks migration events, and does nothing else. */
export class MigratingDriver implements PciDriver<PciFunction> {
  readonly name = 'net_avp';
  /** `DEVICE-NUMBER STATUS` of each migration event. */
  readonly seen: string[] = [];
  ackFor: AckPolicy = ackAll;
  /** BDFs whose probe it refused because the device was detached, as a real driver does (section 14). */
  readonly refused: string[] = [];

  matches(identity: PciIdentity): boolean {
    return isAvp(identity);
  }

  probe(device: PciFunction): PciFunction {
    if (device.read32(BAR_MMIO, REG_MIGRATION_STATUS) === MIGRATION_DETACHED) {
      this.refused.push(device.bdf);
      throw busy();
    }
    device.setInterruptHandler(() => this.serve(device));
    device.write32(BAR_MMIO, REG_INTERRUPT_MASK, 0xffff_ffff);
    return device;
  }

  remove(device: PciFunction): void {
    device.write32(BAR_MMIO, REG_INTERRUPT_MASK, 0);
    device.setInterruptHandler(null);
  }

  private serve(device: PciFunction): void {
    device.read32(BAR_MMIO, REG_INTERRUPT_STATUS);
    const status = device.read32(BAR_MMIO, REG_MIGRATION_STATUS);
    this.seen.push(`${device.bdf.slice(8, 10)} ${status}`);
    const ack = this.ackFor(status, device);
    if (ack !== null) device.write32(BAR_MMIO, REG_MIGRATION_ACK, ack);
  }
}

export const isAvp = (identity: PciIdentity): boolean =>
  identity.device === 0x1110 && identity.subsystemDevice === 0x1104;
export const isVirtio = (identity: PciIdentity): boolean => identity.device === 0x1000;

export const busy = (): ErrnoError => new ErrnoError('EBUSY', 'the device is migrating');

/** Loads from an address with the rights of the current actor. */
export const loadFrom = (address: number): void => void load32(address);
