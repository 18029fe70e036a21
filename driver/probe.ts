import { storeRelease32 } from '#mem';
import { allocate } from '../shared/arena';
import { ErrnoError } from '../shared/errors';
import {
  BAR_MMIO,
  INTERRUPT_MASK_ALL,
  INTERRUPT_MASK_NONE,
  MIGRATION_DETACHED,
  REG_INTERRUPT_MASK,
  REG_MIGRATION_ACK,
  REG_MIGRATION_STATUS,
} from '../shared/loops/layout';
import { DRIVER_ONLY } from '../shared/loops/rights';
import type { PciFunction, Platform } from '../shared/pci';
import { adoptHost } from './adopt';
import type { PortContext } from './context';
import { blockPort } from './loops/gate';
import { checkBars, isSameHost, readHost, type Host } from './host';
import { beginLife, takeBack } from './lifetime';
import { serveInterruptsHere, unlock } from './lock';
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

/** The MAC address as the receive filter compares it: low four bytes, then the other two. */
function adoptMac(port: number, mac: Uint8Array): void {
  const view = new DataView(mac.buffer, mac.byteOffset, mac.length);
  storePortMacLo(port, view.getUint32(0, true));
  storePortMacHi(port, view.getUint16(4, true));
}

function needPresent(pci: PciFunction): void {
  if (!pci.present) throw new ErrnoError('ENODEV', `${pci.bdf}: the device has been removed`);
}

/**
 * Section 14: a device that is being moved is refused, and told so.
 * @throws ErrnoError EBUSY where the migration status is "detached".
 */
function refuseDetached(pci: PciFunction): void {
  if (pci.read32(BAR_MMIO, REG_MIGRATION_STATUS) !== MIGRATION_DETACHED) return;
  pci.write32(BAR_MMIO, REG_MIGRATION_ACK, MIGRATION_DETACHED);
  throw new ErrnoError('EBUSY', 'migration status is 1 (detached): probe again when it has changed');
}

/** Makes the record; its lock is held, so that an interrupt waits for the end of the probe. */
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
 * A whole migration may have gone by before the interrupt was enabled.
 * @throws ErrnoError EBUSY where the host is no longer the one that was read.
 */
function needSameHost(pci: PciFunction, host: Host): void {
  if (!isSameHost(pci, host.digest))
    throw new ErrnoError('EBUSY', 'the device info changed during the probe: probe again');
}

/**
 * Takes a device over. The interrupt is enabled last, when all that its handler needs is
 * there; a migration that began meanwhile shows in the status that is read once more.
 * @throws ErrnoError ENODEV, EBUSY, EINVAL, EFAULT or ENOMEM (section 14); nothing has changed then.
 */
export function probePort<Port extends PortContext>(
  pci: PciFunction,
  platform: Platform,
  view: (address: number, platform: Platform) => Port,
): Port {
  needPresent(pci);
  checkBars(pci);
  refuseDetached(pci);
  const host = readHost(pci);
  const port = view(makeRecord(pci, host), platform);
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
