import { MAP_ALIGN_BYTES } from '../../../shared/loops/layout';
import type { Random } from '../../../shared/random';
import type { AvpDeviceSettings } from '../settings/schema';
import { memoryRuns, type Run } from './memoryRuns';

/** Runs that are adjacent virtually, physically and in BAR 2. The map describes a group by one or several segments. */
export interface Group {
  /** Each run with its offset from the start of the group, bytes. */
  readonly runs: readonly { readonly run: Run; readonly offset: number }[];
  /** Size in pages of `MAP_ALIGN_BYTES`. */
  readonly pages: number;
}

function makeGroup(runs: readonly Run[]): Group {
  let end = 0;
  const placed = runs.map((run) => {
    const offset = Math.ceil(end / run.align) * run.align;
    end = offset + run.bytes;
    return { run, offset };
  });
  return { runs: placed, pages: Math.max(1, Math.ceil(end / MAP_ALIGN_BYTES)) };
}

/** Pools that share a translation share a group; otherwise each pool has a group of its own. */
function poolUnits(settings: AvpDeviceSettings, runs: readonly Run[]): Run[][] {
  const pools = runs.filter((run) => run.name.startsWith('pool'));
  return settings.layout.offsets === 'same' ? [pools] : pools.map((pool) => [pool]);
}

/** Distributes the runs over at most `layout.segments` groups, because each group needs a segment of its own. */
export function makeGroups(settings: AvpDeviceSettings, random: Random): Group[] {
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
