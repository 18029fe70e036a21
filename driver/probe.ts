import { storeRelease32 } from '#mem';
import { allocate } from '../shared/arena';
import { ErrnoError } from '../shared/errors';
import {
  BAR_MMIO,
  DEVICE_ID,
  INTERRUPT_MASK_ALL,
  INTERRUPT_MASK_NONE,
  MIGRATION_DETACHED,
  REG_INTERRUPT_MASK,
  REG_MIGRATION_ACK,
  REG_MIGRATION_STATUS,
  SUBSYSTEM_DEVICE_ID,
  SUBSYSTEM_VENDOR_ID,
  VENDOR_ID,
} from '../shared/loops/layout';
import { DRIVER_ONLY } from '../shared/loops/rights';
import type { PciDriver, PciFunction, PciIdentity, Platform } from '../shared/pci';
import { adoptHost } from './adopt';
import { checkBars, type Host, isSameHost, readHost } from './host';
import { beginLife, takeBack } from './lifetime';
import { removePort, serveInterruptsHere, unlock } from './lock';
import { blockPort } from './loops/gate';
import {
  BLOCKED_STOPPED,
  PORT_BYTES,
  PORT_LOCK,
  STATE_PROBED,
  storePortMacHi,
  storePortMacLo,
  storePortPci,
  storePortState,
} from './loops/records';
import { Port } from './port';

/** The AVP poll-mode driver as a guest's PCI bus sees it: what it matches, probe and removal. */

/** Stores the MAC address in the form that the receive filter compares: low four bytes, then the other two. */
function adoptMac(port: number, mac: Uint8Array): void {
  const view = new DataView(mac.buffer, mac.byteOffset, mac.length);
  storePortMacLo(port, view.getUint32(0, true));
  storePortMacHi(port, view.getUint16(4, true));
}

function needPresent(pci: PciFunction): void {
  if (!pci.present) throw new ErrnoError('ENODEV', `${pci.bdf}: the device has been removed`);
}

/**
 * Refuses a device that is being moved, and acks that (section 14).
 * @throws ErrnoError EBUSY where the migration status is "detached".
 */
function refuseDetached(pci: PciFunction): void {
  if (pci.read32(BAR_MMIO, REG_MIGRATION_STATUS) !== MIGRATION_DETACHED) return;
  pci.write32(BAR_MMIO, REG_MIGRATION_ACK, MIGRATION_DETACHED);
  throw new ErrnoError('EBUSY', 'migration status is 1 (detached): probe again when it has changed');
}

/** Makes the port's record. Its lock is held, so that an interrupt waits for the end of the probe. */
function makeRecord(pci: PciFunction, host: Host): number {
  const port = allocate(PORT_BYTES, { rights: DRIVER_ONLY, label: `port ${pci.bdf}` });
  storeRelease32(port + PORT_LOCK, 1);
  blockPort(port, BLOCKED_STOPPED);
  storePortPci(port, pci.base);
  storePortState(port, STATE_PROBED);
  adoptHost(port, host);
  adoptMac(port, host.info.mac);
  beginLife(port);
  return port;
}

/**
 * Checks that no whole migration went by before the interrupt was enabled.
 * @throws ErrnoError EBUSY where the host is no longer the one that was read.
 */
function needSameHost(pci: PciFunction, host: Host): void {
  if (!isSameHost(pci, host.digest))
    throw new ErrnoError('EBUSY', 'the device info changed during the probe: probe again');
}

/**
 * Takes a device over. The interrupt is enabled last, once everything that its handler needs is
 * there. A migration that began meanwhile shows in the status, which is therefore read again.
 */
function probePort(pci: PciFunction, platform: Platform): Port {
  needPresent(pci);
  checkBars(pci);
  refuseDetached(pci);
  const host = readHost(pci);
  const port = Port.at(makeRecord(pci, host), platform);
  try {
    serveInterruptsHere(port);
    pci.write32(BAR_MMIO, REG_INTERRUPT_MASK, INTERRUPT_MASK_ALL);
    needPresent(pci);
    refuseDetached(pci);
    needSameHost(pci, host);
  } catch (error) {
    pci.write32(BAR_MMIO, REG_INTERRUPT_MASK, INTERRUPT_MASK_NONE);
    pci.setInterruptHandler(null);
    takeBack(port.address);
    throw error;
  }
  unlock(port);
  return port;
}

/** The AVP poll-mode driver, for a PCI bus. */
export const avpDriver: PciDriver<Port> = {
  name: 'avp',

  /** Section 2: vendor and device alone would match ivshmem devices too. */
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
    return probePort(device, platform);
  },

  /**
   * Closes the port and takes it off the device, in any state of both. On the views of other
   * threads nothing works any more.
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
