import { storeRelease32 } from '#mem';
import { allocate, release } from '../shared/arena';
import { ErrnoError } from '../shared/errors';
import { fifoOpen } from '../shared/fifo';
import {
  BAR_MMIO,
  INTERRUPT_MASK_ALL,
  INTERRUPT_MASK_NONE,
  MIGRATION_DETACHED,
  REG_INTERRUPT_MASK,
  REG_MIGRATION_ACK,
  REG_MIGRATION_STATUS,
} from '../shared/layout';
import { DRIVER_ONLY } from '../shared/mem/rights';
import type { PciFunction, Platform } from '../shared/pci';
import { high32, low32 } from '../shared/u64';
import type { PortContext } from './context';
import { listen } from './events';
import { blockPort } from './gate';
import { checkBars, readHost, type Host, type Window } from './host';
import { noteInterrupt, unlock } from './lock';
import {
  BLOCKED_STOPPED,
  POOL_WINDOW_BYTES,
  PORT_BYTES,
  PORT_LOCK,
  PORT_REQ,
  PORT_RESP,
  PORT_WINDOW,
  STATE_PROBED,
  storePoolWindowAddress,
  storePoolWindowLength,
  storePoolWindowVaHi,
  storePoolWindowVaLo,
  storePortAllocBase,
  storePortAllocLen,
  storePortAnswerOwed,
  storePortDeviceIdHi,
  storePortDeviceIdLo,
  storePortFreeBase,
  storePortFreeLen,
  storePortHostFeatures,
  storePortHostVersion,
  storePortMacHi,
  storePortMacLo,
  storePortMaxRxPktLen,
  storePortMaxRxQueues,
  storePortMaxTxQueues,
  storePortMbufSize,
  storePortMinRxQueues,
  storePortPci,
  storePortRxBase,
  storePortRxLen,
  storePortState,
  storePortSync,
  storePortSyncVaHi,
  storePortSyncVaLo,
  storePortTxBase,
  storePortTxLen,
  storePortWindowCount,
} from './records';

function adoptWindow(port: number, index: number, window: Window): void {
  const at = port + PORT_WINDOW + index * POOL_WINDOW_BYTES;
  storePoolWindowVaLo(at, low32(window.va));
  storePoolWindowVaHi(at, high32(window.va));
  storePoolWindowLength(at, window.length);
  storePoolWindowAddress(at, window.address);
}

function adoptRings(port: number, host: Host): void {
  host.rx.forEach(({ base, len }, i) => (storePortRxBase(port, i, base), storePortRxLen(port, i, len)));
  host.free.forEach(({ base, len }, i) => (storePortFreeBase(port, i, base), storePortFreeLen(port, i, len)));
  host.tx.forEach(({ base, len }, i) => (storePortTxBase(port, i, base), storePortTxLen(port, i, len)));
  host.alloc.forEach(({ base, len }, i) => (storePortAllocBase(port, i, base), storePortAllocLen(port, i, len)));
  fifoOpen(port + PORT_REQ, host.req.base, host.req.len, host.req.write);
  fifoOpen(port + PORT_RESP, host.resp.base, host.resp.len, host.resp.read);
}

/** Writes a checked host into the port's record; an answer that a former host owed is forgotten. */
function adoptHost(port: number, host: Host): void {
  const { info } = host;
  storePortHostVersion(port, info.version);
  storePortHostFeatures(port, info.features);
  storePortMinRxQueues(port, info.minRxQueues);
  storePortMaxRxQueues(port, info.maxRxQueues);
  storePortMaxTxQueues(port, info.maxTxQueues);
  storePortMbufSize(port, info.mbufSize);
  storePortMaxRxPktLen(port, info.maxRxPktLen);
  storePortDeviceIdLo(port, low32(info.deviceId));
  storePortDeviceIdHi(port, high32(info.deviceId));
  storePortSync(port, host.sync);
  storePortSyncVaLo(port, low32(info.syncVa));
  storePortSyncVaHi(port, high32(info.syncVa));
  storePortWindowCount(port, host.windows.length);
  host.windows.forEach((window, index) => adoptWindow(port, index, window));
  adoptRings(port, host);
  storePortAnswerOwed(port, 0);
}

/** The MAC address as the receive filter compares it: low four bytes, then the other two. */
function adoptMac(port: number, mac: Uint8Array): void {
  const view = new DataView(mac.buffer, mac.byteOffset, mac.length);
  storePortMacLo(port, view.getUint32(0, true));
  storePortMacHi(port, view.getUint16(4, true));
}

function needPresent(pci: PciFunction): void {
  if (!pci.present) throw new ErrnoError('ENODEV', `${pci.slot}: the device has been removed`);
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
  const port = allocate(PORT_BYTES, { rights: DRIVER_ONLY, label: `port ${pci.slot}` });
  storeRelease32(port + PORT_LOCK, 1);
  blockPort(port, BLOCKED_STOPPED);
  storePortPci(port, pci.base);
  storePortState(port, STATE_PROBED);
  adoptHost(port, host);
  adoptMac(port, host.info.mac);
  return port;
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
  const port = view(makeRecord(pci, readHost(pci)), platform);
  listen(port.address, null);
  pci.setInterruptHandler(() => noteInterrupt(port));
  pci.write32(BAR_MMIO, REG_INTERRUPT_MASK, INTERRUPT_MASK_ALL);
  try {
    needPresent(pci);
    refuseDetached(pci);
  } catch (error) {
    pci.write32(BAR_MMIO, REG_INTERRUPT_MASK, INTERRUPT_MASK_NONE);
    pci.setInterruptHandler(null);
    release(port.address);
    throw error;
  }
  unlock(port);
  return port;
}
