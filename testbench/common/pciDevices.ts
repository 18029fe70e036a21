import type { Instance, PciListing } from '../../emulator';
import type { PciDevice } from '../api/bench';

/** Names of PCI classes, as a guest's `lspci` prints them. */
const CLASS_NAMES: Readonly<Record<number, string>> = { 0x0200: 'Ethernet controller', 0x0500: 'RAM memory' };

function hex4(value: number): string {
  return value.toString(16).padStart(4, '0');
}

/** Converts an entry of a bus's listing to the form in which a guest prints it. */
export function pciDeviceOf({ bdf, identity, driver }: Pick<PciListing, 'bdf' | 'identity' | 'driver'>): PciDevice {
  return {
    slot: bdf,
    vendor: hex4(identity.vendor),
    device: hex4(identity.device),
    subsystemVendor: hex4(identity.subsystemVendor),
    subsystemDevice: hex4(identity.subsystemDevice),
    class: CLASS_NAMES[identity.classCode] ?? `class ${hex4(identity.classCode)}`,
    driver,
  };
}

/** The PCI devices that an instance's guest lists. */
export function pciDevicesOf(instance: Instance): PciDevice[] {
  return instance.bus.listing().map(pciDeviceOf);
}
