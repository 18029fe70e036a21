import { fill, readBytes, writeBytes } from '#mem';
import { fifoOpen } from '../shared/loops/fifo';
import { MAX_POOLS, MAX_QUEUES } from '../shared/loops/layout';
import { high32, low32 } from '../shared/u64';
import type { PortContext } from './context';
import type { Host, Window } from './host';
import { dealOut } from './negotiate';
import {
  POOL_WINDOW_BYTES,
  PORT_HOST_DIGEST,
  PORT_REQ,
  PORT_RESP,
  PORT_WINDOW,
  RX_PAIR_BYTES,
  RX_QUEUE_PKT_LEN,
  RX_QUEUE_SPARE_COUNT,
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
  storePortMaxRxPktLen,
  storePortMaxRxQueues,
  storePortMaxTxQueues,
  storePortMbufSize,
  storePortMinRxQueues,
  storePortRxBase,
  storePortRxLen,
  storePortRxVlan,
  storePortSync,
  storePortSyncVaHi,
  storePortSyncVaLo,
  storePortTxBase,
  storePortTxLen,
  storePortWindowCount,
  TX_QUEUE_SLOTS,
  TX_QUEUE_TX,
} from './loops/records';
import { rxPairAt, rxQueueAt } from './loops/rx';
import { txQueueAt } from './loops/tx';

/** What a port holds of its host: written at probe and at attach, forgotten at detach. */

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
export function adoptHost(port: number, host: Host): void {
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
  // On the rings of the same host packets may still lie whose tags it took out under former terms.
  if (Buffer.compare(readBytes(port + PORT_HOST_DIGEST, host.digest.length), host.digest) !== 0)
    storePortRxVlan(port, 0);
  writeBytes(port + PORT_HOST_DIGEST, host.digest);
}

/**
 * Leaves nothing of the host where a burst could find it: no ring, no pool, no address in the
 * scratch fields. Buffers that the guest still had are the host's again. No burst is running.
 */
export function forgetRings(port: PortContext): void {
  dealOut(port, 0, 0);
  storePortWindowCount(port.address, 0);
  fill(port.address + PORT_WINDOW, 0, MAX_POOLS * POOL_WINDOW_BYTES);
  for (let queue = 0; queue < MAX_QUEUES; queue++) {
    const [rx, tx] = [rxQueueAt(port.address, queue), txQueueAt(port.address, queue)];
    fill(rxPairAt(port.address, queue), 0, RX_PAIR_BYTES);
    // In both records these fields stand together.
    fill(rx + RX_QUEUE_PKT_LEN, 0, RX_QUEUE_SPARE_COUNT - RX_QUEUE_PKT_LEN);
    fill(tx + TX_QUEUE_TX, 0, TX_QUEUE_SLOTS - TX_QUEUE_TX);
  }
}
