import { fifoOpen } from '../shared/loops/fifo';
import { FEATURE_VLAN_OFFLOAD, FIFO_READ, FIFO_WRITE, MAX_QUEUES } from '../shared/loops/layout';
import type { PortContext } from './context';
import {
  loadPortAllocBase,
  loadPortAllocLen,
  loadPortFreeBase,
  loadPortFreeLen,
  loadPortHostFeatures,
  loadPortMaxRxPktLen,
  loadPortMaxRxQueues,
  loadPortMbufSize,
  loadPortMinRxQueues,
  loadPortMtu,
  loadPortRxBase,
  loadPortRxLen,
  loadPortRxQueues,
  loadPortTxBase,
  loadPortTxLen,
  loadRxQueueMbufBytes,
  loadRxQueueMempool,
  RX_PAIR_FREE,
  RX_PAIR_RX,
  storePortScattered,
  storeRxQueueFifoCount,
  storeRxQueueFirstFifo,
  storeRxQueueTurn,
  TX_QUEUE_ALLOC,
  TX_QUEUE_TX,
} from './loops/records';
import { ErrnoError } from '../shared/errors';
import { readIndex } from './rings';
import { rxPairAt, rxQueueAt } from './loops/rx';
import { txQueueAt } from './loops/tx';

/** What a frame adds to the MTU: Ethernet header and CRC. */
export const FRAME_OVERHEAD_BYTES = 18;

/**
 * Receive FIFOs to ask for: never fewer than the host wants served (section 9), nor more than it
 * has, which after a migration may be fewer than there are queues.
 */
export function rxFifosFor(port: PortContext, rxQueues: number): number {
  const most = Math.min(loadPortMaxRxQueues(port.address), MAX_QUEUES);
  return Math.min(Math.max(loadPortMinRxQueues(port.address), rxQueues), most);
}

/** Features to ask for: one bit for both directions, never one that the host lacks (section 12). */
export function featuresFor(port: PortContext, vlanStrip: boolean, vlanInsert: boolean): number {
  return vlanStrip || vlanInsert ? loadPortHostFeatures(port.address) & FEATURE_VLAN_OFFLOAD : 0;
}

/**
 * Deals the FIFOs out to the queues in runs whose lengths differ by at most one, longer first;
 * with fewer FIFOs than queues the first ones get one each.
 */
export function dealOut(port: PortContext, rxFifos: number, rxQueues: number): void {
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

/** One end to open: who, where, and which index of the header is its own. */
interface End {
  readonly end: number;
  readonly name: string;
  readonly base: number;
  readonly len: number;
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
 * Takes this side's own indices over from the headers. The host may have initialised the FIFOs
 * since they were last used (section 8), so this follows each request 3 that is made while no
 * burst runs. All are read before the first one counts.
 * @throws ErrnoError EIO where one lies outside its ring; nothing has changed then.
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

/** Smallest room for a packet that an mbuf of any queue has; none set up: no limit. */
function smallestMbuf(port: PortContext): number {
  let smallest = Infinity;
  for (let queue = 0; queue < loadPortRxQueues(port.address); queue++) {
    const q = rxQueueAt(port.address, queue);
    if (loadRxQueueMempool(q) !== 0) smallest = Math.min(smallest, loadRxQueueMbufBytes(q));
  }
  return smallest;
}

/** Scattered mode (section 10): where the longest packet exceeds a buffer of either side. */
export function decideScattered(port: PortContext): void {
  const longest = Math.max(loadPortMtu(port.address) + FRAME_OVERHEAD_BYTES, loadPortMaxRxPktLen(port.address));
  const buffer = Math.min(loadPortMbufSize(port.address), smallestMbuf(port));
  storePortScattered(port.address, longest > buffer ? 1 : 0);
}
