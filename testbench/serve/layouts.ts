import { type AvpDeviceSettings, avpDeviceSettings, type DeepPartial, memoryBarFor } from '../../emulator';
import { Random } from '../../shared/random';

const FEWEST_SEGMENTS = 3;
const MOST_SEGMENTS = 12;
const MAX_DATA_GAP_BYTES = 256;

/** Draws a layout of host memory from a seed: segments, their order, addresses, and the place of data in buffers. */
export function layoutOf(seed: number): DeepPartial<AvpDeviceSettings> {
  const random = new Random(seed);
  return {
    layout: {
      segments: random.between(FEWEST_SEGMENTS, MOST_SEGMENTS),
      order: random.chance(0.5) ? 'shuffled' : 'listed',
      gaps: random.chance(0.5),
      nearFourGiB: random.chance(0.5),
      offsets: random.chance(0.5) ? 'different' : 'same',
      seed: random.u32(),
    },
    dataGapBytes: random.below(MAX_DATA_GAP_BYTES / 4) * 4,
    dataGap: random.chance(0.5) ? 'fixed' : 'varied',
  };
}

/** Size of a BAR 2 that has room for every layout. */
export function roomForLayouts(): number {
  const segments = [FEWEST_SEGMENTS, MOST_SEGMENTS];
  const hosts = [true, false].flatMap((nearFourGiB) =>
    segments.map((count) =>
      avpDeviceSettings({ layout: { segments: count, nearFourGiB }, dataGapBytes: MAX_DATA_GAP_BYTES }),
    ),
  );
  return memoryBarFor(...hosts);
}
