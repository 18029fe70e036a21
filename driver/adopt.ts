import { fill, readBytes, writeBytes } from '#mem';
import { ErrnoError } from '../shared/errors';
import { fifoOpen } from '../shared/loops/fifo';
import { FIFO_READ, FIFO_WRITE, MAX_POOLS, MAX_QUEUES } from '../shared/loops/layout';
import { high32, low32 } from '../shared/u64';
import { pciOf, type PortContext } from './context';
import { type Host, isSameHost, readIndex, type Window } from './host';
import {
  loadPortAllocBase,
  loadPortAllocLen,
  loadPortFreeBase,
  loadPortFreeLen,
  loadPortRxBase,
  loadPortRxLen,
  loadPortTxBase,
  loadPortTxLen,
  POOL_WINDOW_BYTES,
  PORT_HOST_DIGEST,
  PORT_REQ,
  PORT_RESP,
  PORT_WINDOW,
  RX_PAIR_BYTES,
  RX_PAIR_FREE,
  RX_PAIR_RX,
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
  storeRxQueueFifoCount,
  storeRxQueueFirstFifo,
  storeRxQueueTurn,
  TX_QUEUE_ALLOC,
  TX_QUEUE_SLOTS,
  TX_QUEUE_TX,
} from './loops/records';
import { rxPairAt, rxQueueAt } from './loops/rx';
import { txQueueAt } from './loops/tx';

/**
 * State that a port keeps about its host: addresses, limits, and the port's own ends of the rings. Probe and
 * attach adopt a host as a whole, configure and attach open its rings, detach forgets them.
 */

const HOST_DIGEST_BYTES = 32;

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

/** Writes a checked host into the port's record. An answer that a former host owed is forgotten. */
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
  // Packets whose tag was stripped under former terms may lie on the rings of the same host only.
  if (Buffer.compare(readBytes(port + PORT_HOST_DIGEST, host.digest.length), host.digest) !== 0)
    storePortRxVlan(port, 0);
  writeBytes(port + PORT_HOST_DIGEST, host.digest);
}

/** True if the host that is there now is the one that the port has adopted. */
export function isAdoptedHost(port: PortContext): boolean {
  return isSameHost(pciOf(port), readBytes(port.address + PORT_HOST_DIGEST, HOST_DIGEST_BYTES));
}

/**
 * Maps the receive FIFOs to the queues in runs whose lengths differ by at most one, longer first
 * (section 9). With fewer FIFOs than queues the first queues get one each.
 */
export function mapRxFifos(port: PortContext, rxFifos: number, rxQueues: number): void {
  let first = 0;
  for (let queue = 0; queue < MAX_QUEUES; queue++) {
    const share = Math.floor(rxFifos / Math.max(rxQueues, 1)) + (queue < rxFifos % Math.max(rxQueues, 1) ? 1 : 0);
    const count = queue < rxQueues ? share : 0;
    const q = rxQueueAt(port.address, queue);
    storeRxQueueFirstFifo(q, first);
    storeRxQueueFifoCount(q, count);
    storeRxQueueTurn(q, 0);
    first += count;
  }
}

/** The port's end of a ring that is to be opened. */
interface End {
  /** Arena address of the `fifo_end`. */
  readonly end: number;
  /** Name of the ring in messages. */
  readonly name: string;
  readonly base: number;
  readonly len: number;
  /** Offset of the header's index that the guest writes. */
  readonly own: number;
}

function rxEnds(port: number, fifo: number): End[] {
  const pair = rxPairAt(port, fifo);
  return [
    {
      end: pair + RX_PAIR_RX,
      name: `rx FIFO ${fifo}`,
      base: loadPortRxBase(port, fifo),
      len: loadPortRxLen(port, fifo),
      own: FIFO_READ,
    },
    {
      end: pair + RX_PAIR_FREE,
      name: `free FIFO ${fifo}`,
      base: loadPortFreeBase(port, fifo),
      len: loadPortFreeLen(port, fifo),
      own: FIFO_WRITE,
    },
  ];
}

function txEnds(port: number, queue: number): End[] {
  const q = txQueueAt(port, queue);
  return [
    {
      end: q + TX_QUEUE_TX,
      name: `tx FIFO ${queue}`,
      base: loadPortTxBase(port, queue),
      len: loadPortTxLen(port, queue),
      own: FIFO_WRITE,
    },
    {
      end: q + TX_QUEUE_ALLOC,
      name: `alloc FIFO ${queue}`,
      base: loadPortAllocBase(port, queue),
      len: loadPortAllocLen(port, queue),
      own: FIFO_READ,
    },
  ];
}

/**
 * Opens the port's ends with its own indices as the headers hold them. The host may have
 * initialised the FIFOs since they were last used (section 8), so this follows each request 3 that
 * is made while no burst runs. All indices are read and checked before the first one counts.
 * @throws ErrnoError EIO if one is out of range; nothing has changed then.
 */
export function openRings(port: PortContext, rxFifos: number, txQueues: number): void {
  const ends: End[] = [];
  for (let fifo = 0; fifo < rxFifos; fifo++) ends.push(...rxEnds(port.address, fifo));
  for (let queue = 0; queue < txQueues; queue++) ends.push(...txEnds(port.address, queue));
  try {
    const indices = ends.map(({ name, base, own, len }) => readIndex(name, base, own, len));
    ends.forEach(({ end, base, len }, i) => fifoOpen(end, base, len, indices[i]!));
  } catch (error) {
    if (error instanceof ErrnoError) throw new ErrnoError('EIO', error.message, { cause: error });
    throw error;
  }
}

/**
 * Clears everything of the host that a burst could find: rings, pools, addresses in the scratch
 * fields. The buffers that the guest still had are the host's again. No burst is running.
 */
export function forgetRings(port: PortContext): void {
  mapRxFifos(port, 0, 0);
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
