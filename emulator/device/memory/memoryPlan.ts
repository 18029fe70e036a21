import { UsageError } from '../../../shared/errors';
import { MAP_ALIGN_BYTES } from '../../../shared/loops/layout';
import { Random } from '../../../shared/random';
import { memoryRuns, type Run, type RunName } from './memoryRuns';
import { placeGroups, type Window } from './memoryPlacement';
import type { AvpDeviceSettings } from '../settings';

/** One segment of the memory map (section 4). */
export interface Segment {
  readonly va: bigint;
  readonly phys: bigint;
  readonly bytes: number;
}

/** Where a run lies: both addresses, and its offset in BAR 2. */
export interface PlacedRun {
  readonly name: RunName;
  readonly va: bigint;
  readonly phys: bigint;
  readonly offset: number;
  readonly bytes: number;
}

/** The host's memory as the guest will see it. */
export interface MemoryPlan {
  readonly segments: readonly Segment[];
  readonly runs: ReadonlyMap<RunName, PlacedRun>;
  /** Size of BAR 2: a power of two. */
  readonly barBytes: number;
  /** How much of it the map describes. */
  readonly usedBytes: number;
}

/** Runs that are adjacent in every respect; the map holds a group as one or several segments. */
export interface Group {
  readonly runs: readonly { readonly run: Run; readonly offset: number }[];
  readonly pages: number;
}

/** The largest power of two that the arena has room for. */
const MAX_BAR_BYTES = 0x4000_0000;

function makeGroup(runs: readonly Run[]): Group {
  let end = 0;
  const placed = runs.map((run) => {
    const offset = Math.ceil(end / run.align) * run.align;
    end = offset + run.bytes;
    return { run, offset };
  });
  return { runs: placed, pages: Math.max(1, Math.ceil(end / MAP_ALIGN_BYTES)) };
}

/** What must share a group: with one translation for all pools they lie in one, else each in its own. */
function poolUnits(settings: AvpDeviceSettings, runs: readonly Run[]): Run[][] {
  const pools = runs.filter((run) => run.name.startsWith('pool'));
  return settings.layout.offsets === 'same' ? [pools] : pools.map((pool) => [pool]);
}

/** Deals the runs out to at most `segments` groups, because each group needs a segment of its own. */
function makeGroups(settings: AvpDeviceSettings, random: Random): Group[] {
  const runs = memoryRuns(settings);
  const shuffled = settings.layout.order === 'shuffled';
  const rings = runs.filter((run) => !run.name.startsWith('pool'));
  const groups = poolUnits(settings, runs);
  const forRings = Math.min(rings.length, settings.layout.segments - groups.length);
  const extra: Run[][] = Array.from({ length: forRings }, () => []);
  (shuffled ? random.shuffled(rings) : rings).forEach((run, i) => {
    if (forRings > 0) extra[i % forRings]!.push(run);
    else groups[0]!.unshift(run);
  });
  return [...extra, ...groups].map(makeGroup);
}

/** A page that holds nothing, where the map is to have more segments than there are pages in use. */
const FILLER: Group = { runs: [], pages: 1 };

/** How many segments each group becomes: `total` of them, the larger groups the more. */
function dealSegments(groups: readonly Group[], total: number): number[] {
  const counts = groups.map(() => 1);
  for (let dealt = groups.length; dealt < total; dealt++) {
    let widest = 0;
    for (let i = 1; i < groups.length; i++)
      if (groups[i]!.pages * counts[widest]! > groups[widest]!.pages * counts[i]!) widest = i;
    counts[widest]!++;
  }
  return counts;
}

/** Lengths, in pages, of the segments of a group. */
function cut(pages: number, count: number, random: Random | null): number[] {
  let cuts = Array.from({ length: count - 1 }, (_unused, i) => Math.floor(((i + 1) * pages) / count));
  if (random !== null) {
    const chosen = new Set<number>();
    while (chosen.size < count - 1 && chosen.size < cuts.length) {
      // The even cut steps in where chance finds no free page, so that this ends.
      const page = random.between(1, pages - 1);
      chosen.add(chosen.has(page) ? (cuts.find((even) => !chosen.has(even)) ?? page) : page);
    }
    cuts = [...chosen].sort((a, b) => a - b);
  }
  return [...cuts, pages].map((end, i) => end - (i === 0 ? 0 : cuts[i - 1]!));
}

function segmentsOf(window: Window, lengths: readonly number[]): Segment[] {
  let before = 0;
  return lengths.map((pages) => {
    const from = BigInt(before * MAP_ALIGN_BYTES);
    before += pages;
    return { va: window.va + from, phys: window.phys + from, bytes: pages * MAP_ALIGN_BYTES };
  });
}

function barBytesFor(settings: AvpDeviceSettings, used: number): number {
  const least = 2 ** Math.ceil(Math.log2(Math.max(used, MAP_ALIGN_BYTES)));
  if (least > MAX_BAR_BYTES)
    throw new UsageError(
      `the exported memory takes ${used} bytes: expected at most ${MAX_BAR_BYTES}; set fewer or smaller pools`,
    );
  if (settings.memoryBarBytes === 0) return least;
  if (settings.memoryBarBytes < least)
    throw new UsageError(
      `setting memoryBarBytes is ${settings.memoryBarBytes}: expected at least ${least}, or 0; ` +
        'BAR 2 keeps its size over migrations, so create the NIC with room for its largest host',
    );
  return settings.memoryBarBytes;
}

/**
 * Lays the host's memory out: the same settings give the same plan. Nothing is allocated.
 * @throws UsageError where it exceeds what the arena, or the set size of BAR 2, can hold.
 */
export function planMemory(settings: AvpDeviceSettings): MemoryPlan {
  const random = new Random(settings.layout.seed);
  const wanted = settings.layout.segments;
  const used = makeGroups(settings, random);
  const pages = used.reduce((sum, group) => sum + group.pages, 0);
  const fillers = Array.from({ length: Math.max(0, wanted - pages) }, () => FILLER);
  const usedBytes = (pages + fillers.length) * MAP_ALIGN_BYTES;
  const barBytes = barBytesFor(settings, usedBytes);
  const counts = dealSegments(used, Math.min(wanted, pages));
  const shuffled = settings.layout.order === 'shuffled';
  const groups = [...used, ...fillers].map((group, i) => ({ group, count: counts[i] ?? 1 }));
  const listed = shuffled ? random.shuffled(groups) : groups;
  const windows = placeGroups(
    listed.map(({ group }) => group),
    settings.layout,
    random,
  );
  const segments: Segment[] = [];
  const runs = new Map<RunName, PlacedRun>();
  let offset = 0;
  listed.forEach(({ group, count }, i) => {
    const window = windows[i]!;
    segments.push(...segmentsOf(window, cut(group.pages, count, shuffled ? random : null)));
    for (const { run, offset: at } of group.runs)
      runs.set(run.name, {
        name: run.name,
        va: window.va + BigInt(at),
        phys: window.phys + BigInt(at),
        offset: offset + at,
        bytes: run.bytes,
      });
    offset += group.pages * MAP_ALIGN_BYTES;
  });
  return { segments, runs, barBytes, usedBytes };
}

/** The smallest `memoryBarBytes` behind which each of these hosts fits. */
export function memoryBarFor(...hosts: readonly AvpDeviceSettings[]): number {
  return Math.max(...hosts.map((settings) => planMemory({ ...settings, memoryBarBytes: 0 }).barBytes));
}
