import { MAP_ALIGN_BYTES } from '../../../shared/loops/layout';
import type { Random } from '../../../shared/random';
import type { AvpDeviceSettings } from '../settings/schema';
import type { Group } from './memoryGroups';

/** Host virtual and physical address of a group's first byte, both multiples of 4,096. */
export interface Window {
  readonly va: bigint;
  readonly phys: bigint;
}

const FOUR_GIB = 0x1_0000_0000n;
const PAGE = BigInt(MAP_ALIGN_BYTES);
const MAX_GAP_PAGES = 65_536;

/** Typical bases of such memory: in a process, in a kernel, in a small embedded system. */
const VA_BASES = [0x7f00_0000_0000n, 0xffff_8880_0000_0000n, 0x10_0000_0000n] as const;
const PHYS_BASES = [0x1000_0000n, 0x1_0000_0000n, 0x30_0000_0000n, 0xf_f000_0000_0000n] as const;

type Nearness = 'across' | 'below' | 'above';

function isPool(name: string): boolean {
  return name.startsWith('pool');
}

/** Returns the lowest base address from `least` on that puts the group's first pool across, below or above a 4 GiB boundary. */
function nearBoundary(group: Group, nearness: Nearness, least: bigint): bigint {
  const pool = group.runs.find(({ run }) => isPool(run.name))!;
  const half = nearness === 'across' ? pool.run.bytes / 2 : nearness === 'below' ? pool.run.bytes : 0;
  const exact = (pool.offset + half) / MAP_ALIGN_BYTES;
  // Round so that a pool below the boundary does not reach over it, nor one above it begin before it.
  const pages = nearness === 'below' ? Math.ceil(exact) : Math.floor(exact);
  const ahead = BigInt(pages) * PAGE;
  const boundary = ((least + ahead + FOUR_GIB - 1n) / FOUR_GIB) * FOUR_GIB;
  return boundary - ahead;
}

/** Returns the base address of each group in one address space; the groups do not overlap. */
function place(
  groups: readonly Group[],
  order: readonly number[],
  base: bigint,
  layout: AvpDeviceSettings['layout'],
  random: Random,
): bigint[] {
  const bases: bigint[] = [];
  let cursor = base;
  for (const index of order) {
    const group = groups[index]!;
    // Adjacent pools would share a translation, so a gap keeps them apart.
    const apart = layout.offsets === 'different' && group.runs.some(({ run }) => isPool(run.name));
    if (layout.gaps || apart) cursor += BigInt(random.between(1, MAX_GAP_PAGES)) * PAGE;
    if (layout.nearFourGiB && group.runs.some(({ run }) => isPool(run.name))) {
      const first = group.runs.some(({ run }) => run.name === 'pool0');
      cursor = nearBoundary(group, first ? 'across' : random.pick(['across', 'below', 'above']), cursor);
    }
    bases[index] = cursor;
    cursor += BigInt(group.pages) * PAGE;
  }
  return bases;
}

/** Returns virtual and physical address of each group, in the order of the map. */
export function placeGroups(groups: readonly Group[], layout: AvpDeviceSettings['layout'], random: Random): Window[] {
  const listed = groups.map((_group, index) => index);
  const order = (): number[] => (layout.order === 'shuffled' ? random.shuffled(listed) : listed);
  const page = (): bigint => BigInt(random.below(0x1_0000)) * PAGE;
  const va = place(groups, order(), random.pick(VA_BASES) + page(), layout, random);
  const phys = place(groups, order(), random.pick(PHYS_BASES) + page(), layout, random);
  return groups.map((_group, index) => ({ va: va[index]!, phys: phys[index]! }));
}
