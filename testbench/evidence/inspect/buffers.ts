import { hex } from '../../../shared/hex';
import { type HostRecords, PLACE_LENT, PLACE_POOL, PLACE_RX } from './hostRecords';
import type { Problems } from './problems';
import type { BufferPlace, BufferRing, BufferRun, Buffers, Pool, Ring, RingEntry } from './inspection';
import type { Windows } from './windows';

/** The ring on which a buffer was found. */
interface Spot {
  readonly ring: BufferRing;
  readonly queue: number;
}

function isBufferRing(ring: Ring): ring is Ring & { readonly kind: BufferRing } {
  return ring.kind !== 'req' && ring.kind !== 'resp';
}

/** Records the ring of each buffer. A buffer on two rings is a problem. */
class Spots<K> {
  readonly found = new Map<K, Spot>();

  constructor(private readonly problems: Problems) {}

  /** Returns false where the buffer was found before. */
  mark(key: K, ring: BufferRing, queue: number, name: string): boolean {
    const before = this.found.get(key);
    if (before !== undefined)
      this.problems.add(`${name} is on ${ring} ${queue}, and on ${before.ring} ${before.queue} too`);
    else this.found.set(key, { ring, queue });
    return before === undefined;
  }
}

/** Numbers of an entry's buffers: on tx as the guest has linked them, on rx and free by the host's record of the chain. */
function buffersOf(kind: BufferRing, { segments }: RingEntry, host: HostRecords): number[] {
  const named = segments.map(({ va }) => host.bufferAt(BigInt(va))?.number ?? -1).filter((number) => number >= 0);
  if (kind === 'alloc' || kind === 'tx' || named.length === 0) return named;
  const chain: number[] = [];
  for (let at = named[0]!; at >= 0 && !chain.includes(at); at = host.buffer(at).next) chain.push(at);
  return chain;
}

function nameOf(number: number, host: HostRecords): string {
  const pool = host.pools.findLast(({ firstBuffer }) => firstBuffer <= number);
  return pool === undefined ? `buffer ${number}` : `buffer ${number - pool.firstBuffer} of pool ${pool.pool}`;
}

/** Finds the ring of each buffer. Only rings on which the host has put or lent the buffer count. */
function findOnRings(rings: readonly Ring[], host: HostRecords, problems: Problems): Map<number, Spot> {
  const spots = new Spots<number>(problems);
  for (const ring of rings) {
    if (!isBufferRing(ring)) continue;
    const due = ring.kind === 'alloc' || ring.kind === 'tx' ? PLACE_LENT : PLACE_RX;
    for (const entry of ring.entries)
      for (const number of buffersOf(ring.kind, entry, host)) {
        const { place, queue } = host.buffer(number);
        const name = nameOf(number, host);
        if (place === due && queue === ring.queue) spots.mark(number, ring.kind, ring.queue, name);
        else if (host.live)
          problems.add(`${name} is on ${ring.kind} ${ring.queue}, where the host has not put or lent it`);
      }
  }
  return spots.found;
}

function placeOf(
  number: number,
  spots: ReadonlyMap<number, Spot>,
  host: HostRecords,
): { readonly place: BufferPlace; readonly queue: number | null } {
  const { place, queue } = host.buffer(number);
  if (place === PLACE_POOL) return { place: 'hostPool', queue: null };
  if (place === PLACE_LENT || place === PLACE_RX) return { place: spots.get(number)?.ring ?? 'guest', queue };
  return { place: 'taken', queue: null };
}

function runsOf(first: number, count: number, spots: ReadonlyMap<number, Spot>, host: HostRecords): BufferRun[] {
  const runs: { first: number; count: number; place: BufferPlace; queue: number | null }[] = [];
  for (let buffer = 0; buffer < count; buffer++) {
    const { place, queue } = placeOf(first + buffer, spots, host);
    const last = runs.at(-1);
    if (last !== undefined && last.place === place && last.queue === queue) last.count++;
    else runs.push({ first: buffer, count: 1, place, queue });
  }
  return runs;
}

function countsOf(runs: readonly BufferRun[]): Partial<Record<BufferPlace, number>> {
  const counts: Partial<Record<BufferPlace, number>> = { hostPool: 0, alloc: 0, tx: 0, rx: 0, free: 0, guest: 0 };
  for (const { place, count } of runs) counts[place] = (counts[place] ?? 0) + count;
  return counts;
}

function poolsOf({ list }: Windows, detail: (pool: number) => Pick<Pool, 'buffers' | 'where'>): Pool[] {
  return list.map(({ pool, addr, phys, length, offset }) => ({
    pool,
    addr: hex(addr),
    phys_addr: hex(phys),
    length: hex(length),
    offset,
    ...detail(pool),
  }));
}

/** Locates buffers by the rings alone, where the host's records are unknown. */
function fromRings(rings: readonly Ring[], windows: Windows, problems: Problems): Buffers {
  const spots = new Spots<string>(problems);
  for (const ring of rings) {
    if (!isBufferRing(ring)) continue;
    for (const { segments } of ring.entries)
      for (const { va } of segments) spots.mark(va, ring.kind, ring.queue, `the buffer at ${va}`);
  }
  const counts = { alloc: 0, tx: 0, rx: 0, free: 0 };
  for (const { ring } of spots.found.values()) counts[ring]++;
  return { total: null, counts, pools: poolsOf(windows, () => ({ buffers: null, where: [] })) };
}

/** Finds out where each packet buffer is. */
export function locateBuffers(
  rings: readonly Ring[],
  windows: Windows,
  host: HostRecords | null,
  problems: Problems,
): Buffers {
  if (host === null) return fromRings(rings, windows, problems);
  const spots = findOnRings(rings, host, problems);
  const runs = new Map(
    host.pools.map(({ pool, firstBuffer, buffers }) => [
      pool,
      { buffers, where: runsOf(firstBuffer, buffers, spots, host) },
    ]),
  );
  const counts = countsOf([...runs.values()].flatMap(({ where }) => where));
  const stack = host.port.number('stack_count');
  if (stack !== counts.hostPool)
    problems.add(`the host's pool holds ${stack} buffers, and ${counts.hostPool} are marked as being there`);
  return { total: host.total, counts, pools: poolsOf(windows, (pool) => runs.get(pool) ?? { buffers: 0, where: [] }) };
}
