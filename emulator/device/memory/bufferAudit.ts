import { load32 } from '#mem';
import { FIFO_BYTES, loadDescNextHi, loadDescNextLo, loadFifoRead, loadFifoWrite } from '../../../shared/loops/layout';
import { loadFifoEndIndex } from '../../../shared/loops/records';
import type { HostMemory } from './hostMemory';
import {
  HOST_BUFFER_BYTES,
  loadHostBufferChain,
  loadHostBufferDesc,
  loadHostBufferPlace,
  loadHostBufferQueue,
  loadHostPortBuffers,
  loadHostPortRecords,
  loadHostPortStackCount,
  loadHostRxQueueStaged,
  PLACE_LENT,
  PLACE_RX,
} from '../loops/records';
import { bufferAt } from '../loops/buffers';

/** Counts packet buffers by place. The places add up to `total` unless a buffer is lost or in the pool twice. */
export interface BufferAudit {
  /** All buffers of the pools. */
  readonly total: number;
  /** In the host's pool, free to be lent. */
  readonly hostPool: number;
  /** On alloc, of all queues. */
  readonly alloc: number;
  /** In chains on tx, of all queues. */
  readonly tx: number;
  /** In chains on rx, of all queues. */
  readonly rx: number;
  /** In chains on free, of all queues. */
  readonly free: number;
  /** Handed out and on no ring: held by the guest. */
  readonly guest: number;
}

/** Kind of a FIFO that carries packet buffers (section 6). */
type Ring = 'alloc' | 'tx' | 'rx' | 'free';

/** Number of entries on the rings of each kind, all queues together. */
export type RingEntries = Readonly<Record<Ring, number>>;

/**
 * Returns the range of filled slots of a ring, empty if the guest's index lies outside the ring.
 * The host's index is its private one, plus the packets staged on rx.
 */
function span(host: HostMemory, ring: Ring, queue: number): { readonly from: number; readonly to: number } {
  const base = host.fifoAddress(ring, queue);
  const slots = host.settings.fifoSlots[ring];
  const own = loadFifoEndIndex(host.fifoEnd(ring, queue));
  const staged = ring === 'rx' ? loadHostRxQueueStaged(host.rxQueue(queue)) : 0;
  const produces = ring === 'alloc' || ring === 'rx';
  const from = produces ? loadFifoRead(base) : own;
  const to = produces ? (own + staged) % slots : loadFifoWrite(base);
  return from >= slots || to >= slots ? { from: 0, to: 0 } : { from, to };
}

/** Counts the entries on the rings, valid or not. */
export function ringEntries(host: HostMemory): RingEntries {
  const count = (ring: Ring): number => {
    const slots = host.settings.fifoSlots[ring];
    let sum = 0;
    for (let queue = 0; queue < host.fifosOfKind(ring); queue++) {
      const { from, to } = span(host, ring, queue);
      sum += (to - from + slots) % slots;
    }
    return sum;
  };
  return { alloc: count('alloc'), tx: count('tx'), rx: count('rx'), free: count('free') };
}

/** Yields the records of the buffers that the filled slots of a ring refer to; skips invalid entries. */
function* entries(host: HostMemory, ring: Ring, queue: number): Generator<number> {
  const base = host.fifoAddress(ring, queue);
  const slots = host.settings.fifoSlots[ring];
  const { from, to } = span(host, ring, queue);
  for (let index = from; index !== to; index = (index + 1) % slots) {
    const slot = base + FIFO_BYTES + 8 * index;
    const record = bufferAt(host.port, load32(slot), load32(slot + 4));
    if (record !== 0) yield record;
  }
}

/** Marks a transmit chain along the guest's links, as far as its buffers are lent on this queue. */
function followGuest(host: HostMemory, queue: number, first: number, mark: (record: number) => boolean): void {
  let record = first;
  while (record !== 0 && loadHostBufferPlace(record) === PLACE_LENT && loadHostBufferQueue(record) === queue) {
    if (!mark(record)) return;
    const desc = loadHostBufferDesc(record);
    record = bufferAt(host.port, loadDescNextLo(desc), loadDescNextHi(desc));
  }
}

/** Marks a received chain along the host's own links. */
function followHost(queue: number, first: number, mark: (record: number) => boolean): void {
  if (loadHostBufferPlace(first) !== PLACE_RX || loadHostBufferQueue(first) !== queue) return;
  for (let record = first; record !== 0; record = loadHostBufferChain(record)) if (!mark(record)) return;
}

/** Locates each buffer by the rings and the host's records. */
export function auditBuffers(host: HostMemory): BufferAudit {
  const { port } = host;
  const found = new Map<number, Ring>();
  for (const ring of ['alloc', 'tx', 'rx', 'free'] as const) {
    const mark = (record: number): boolean => !found.has(record) && found.set(record, ring) !== undefined;
    for (let queue = 0; queue < host.fifosOfKind(ring); queue++)
      for (const record of entries(host, ring, queue)) {
        if (ring === 'tx') followGuest(host, queue, record, mark);
        else if (ring !== 'alloc') followHost(queue, record, mark);
        else if (loadHostBufferPlace(record) === PLACE_LENT && loadHostBufferQueue(record) === queue) mark(record);
      }
  }
  const counts = { alloc: 0, tx: 0, rx: 0, free: 0, guest: 0 };
  const total = loadHostPortBuffers(port);
  for (let i = 0; i < total; i++) {
    const record = loadHostPortRecords(port) + i * HOST_BUFFER_BYTES;
    const place = loadHostBufferPlace(record);
    if (place === PLACE_LENT || place === PLACE_RX) counts[found.get(record) ?? 'guest']++;
  }
  return { total, hostPool: loadHostPortStackCount(port), ...counts };
}
