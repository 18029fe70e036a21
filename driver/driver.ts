import { ErrnoError } from '../shared/errors';
import { DEVICE_ID, SUBSYSTEM_DEVICE_ID, SUBSYSTEM_VENDOR_ID, VENDOR_ID } from '../shared/loops/layout';
import type { PciDriver, PciFunction, PciIdentity, Platform } from '../shared/pci';
import { removePort } from './lock';
import { Port } from './port';
import { probePort } from './probe';

/** The AVP poll-mode driver as a guest's PCI bus sees it. */
export const avpDriver: PciDriver<Port> = {
  name: 'avp',

  /** Section 2: vendor and device alone would take ivshmem devices too. */
  matches(identity: PciIdentity): boolean {
    return (
      identity.vendor === VENDOR_ID &&
      identity.device === DEVICE_ID &&
      identity.subsystemVendor === SUBSYSTEM_VENDOR_ID &&
      identity.subsystemDevice === SUBSYSTEM_DEVICE_ID
    );
  },

  /** @throws ErrnoError ENODEV, EBUSY, EINVAL, EFAULT or ENOMEM (section 14); nothing has changed then. */
  probe(device: PciFunction, platform: Platform): Port {
    return probePort(device, platform, (address) => Port.at(address, platform));
  },

  /**
   * Closes the port and takes it off the device, in whatever state both are. Other threads that
   * have a view find a port on which nothing works any more.
   */
  remove(port: Port): void {
    try {
      port.close();
    } catch (error) {
      if (!(error instanceof ErrnoError)) throw error;
      // Something still runs on the port; it will find the device gone.
    } finally {
      removePort(port);
    }
  },
};
