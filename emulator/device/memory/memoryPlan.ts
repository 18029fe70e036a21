import { UsageError } from '../../../shared/errors';
import { MAP_ALIGN_BYTES } from '../../../shared/loops/layout';
import { Random } from '../../../shared/random';
import type { AvpDeviceSettings } from '../settings/schema';
import { makeGroups, type Group } from './memoryGroups';
import { placeGroups, type Window } from './memoryPlacement';
import type { RunName } from './memoryRuns';

/** One segment of the memory map (section 4). */
export interface Segment {
  /** Host virtual address of the first byte. */
  readonly va: bigint;
  /** Host physical address of the first byte. */
  readonly phys: bigint;
  /** Length, a multiple of 4,096. */
  readonly bytes: number;
}

/** A run with its host virtual and physical address and its offset in BAR 2. */
export interface PlacedRun {
  /** Name of the run. */
  readonly name: RunName;
  /** Host virtual address of the first byte. */
  readonly va: bigint;
  /** Host physical address of the first byte. */
  readonly phys: bigint;
  /** Offset of the first byte in BAR 2. */
  readonly offset: number;
  /** Length in bytes. */
  readonly bytes: number;
}

/** The layout of a host's exported memory. */
export interface MemoryPlan {
  /** Segments of the memory map, in its order. They lie back to back in BAR 2. */
  readonly segments: readonly Segment[];
  /** Place of each run, by its name. */
  readonly runs: ReadonlyMap<RunName, PlacedRun>;
  /** Size of BAR 2, a power of two. */
  readonly barBytes: number;
  /** Bytes of BAR 2 that the map describes, from its start. */
  readonly usedBytes: number;
}

/** The largest power of two that fits into the arena. */
const MAX_BAR_BYTES = 0x4000_0000;

/** An unused page, added where the map is to have more segments than there are pages in use. */
const FILLER: Group = { runs: [], pages: 1 };

/** Distributes `total` segments over the groups; larger groups get more. Returns the count of each group. */
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

/** Cuts a group into `count` segments, evenly or, with `random`, at random pages. Returns their lengths in pages. */
function cut(pages: number, count: number, random: Random | null): number[] {
  let cuts = Array.from({ length: count - 1 }, (_unused, i) => Math.floor(((i + 1) * pages) / count));
  if (random !== null) {
    const chosen = new Set<number>();
    while (chosen.size < count - 1 && chosen.size < cuts.length) {
      // If the drawn page is taken already, an even cut replaces it, so the loop ends.
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
 * Lays out a host's exported memory. Allocates nothing; equal settings give equal plans.
 * @throws UsageError where the memory exceeds the arena or the size set for BAR 2.
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

/** Returns the smallest `memoryBarBytes` that suits each of these hosts. */
export function memoryBarFor(...hosts: readonly AvpDeviceSettings[]): number {
  return Math.max(...hosts.map((settings) => planMemory({ ...settings, memoryBarBytes: 0 }).barBytes));
}
