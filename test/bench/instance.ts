import type { Port } from '../../driver';
import type { Instance, Nic } from '../../emulator';
import { UsageError } from '../../shared/errors';
import { AppPort, type AppPortSettings } from './appPort';

/** What a guest's listing calls a class of PCI devices. */
const CLASS_NAMES: Readonly<Record<number, string>> = { 0x0200: 'Ethernet controller', 0x0500: 'RAM memory' };

/** One line of an instance's PCI listing. */
export interface PciDevice {
  readonly slot: string;
  readonly vendor: string;
  readonly device: string;
  readonly subsystemVendor: string;
  readonly subsystemDevice: string;
  readonly class: string;
  /** Driver that bound it, null where none of the bench's did. */
  readonly driver: string | null;
}

function id(value: number): string {
  return value.toString(16).padStart(4, '0');
}

/** The PCI devices of an instance as its guest lists them. */
export function pciDevicesOf(instance: Instance): PciDevice[] {
  return instance.bus.listing().map(({ slot, identity, driver }) => ({
    slot,
    vendor: id(identity.vendor),
    device: id(identity.device),
    subsystemVendor: id(identity.subsystemVendor),
    subsystemDevice: id(identity.subsystemDevice),
    class: CLASS_NAMES[identity.classCode] ?? `class ${id(identity.classCode)}`,
    driver,
  }));
}

/** A virtual machine of a scenario: its devices, and an application on each AVP port. */
export class BenchInstance {
  readonly ports: readonly AppPort[];

  /** Starts every port that the AVP driver has bound. @throws ErrnoError */
  constructor(
    private readonly instance: Instance,
    settings: AppPortSettings,
  ) {
    const bound = instance.nics.filter((nic) => instance.portOf(nic) !== null);
    this.ports = bound.map((nic) => this.start(nic, settings));
  }

  get name(): string {
    return this.instance.name;
  }

  /** What the guest lists: slot, ids, class, driver. */
  pciDevices(): PciDevice[] {
    return pciDevicesOf(this.instance);
  }

  /** The AVP port on a network. @throws UsageError where there is none. */
  port(network: string): AppPort {
    const found = this.ports.find((port) => port.nic.network === network);
    if (found !== undefined) return found;
    const known = this.ports.map((port) => port.nic.network).join(', ');
    throw new UsageError(`instance '${this.name}' has no AVP port on network '${network}'; it has ${known === '' ? 'none' : known}`);
  }

  private start(nic: Nic, settings: AppPortSettings): AppPort {
    return new AppPort(`${this.name}/${nic.network}`, this.instance.portOf(nic) as Port, nic, settings);
  }
}
