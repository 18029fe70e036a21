/** Random device settings and packet lengths; the devices are small, so that a case is cheap. */
import fc from 'fast-check';
import type { AvpDeviceSettings, DeepPartial } from '../../../emulator/device/settings';

const slots = fc.constantFrom(2, 4, 8, 16, 64);

const fifoSlots = fc.record({
  tx: slots,
  rx: slots,
  alloc: slots,
  free: slots,
  req: fc.constantFrom(2, 4),
  resp: fc.constantFrom(2, 8),
});

/** Bytes by which a stride exceeds the FIFO's size; 0 leaves the default stride. */
const slack = fc.constantFrom(0, 0, 8, 264, 4_096);

const queues = fc
  .record({ min: fc.integer({ min: 0, max: 4 }), more: fc.constantFrom(0, 0, 1, 3, 7) })
  .map(({ min, more }) => ({ min, max: Math.max(1, min + more) }));

const layout = fc.record({
  segments: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 40 }) },
    { weight: 1, arbitrary: fc.integer({ min: 41, max: 2_048 }) },
  ),
  order: fc.constantFrom('listed' as const, 'shuffled' as const),
  gaps: fc.boolean(),
  nearFourGiB: fc.boolean(),
  offsets: fc.constantFrom('same' as const, 'different' as const),
  seed: fc.nat(),
});

export const mbufSizes = fc.constantFrom(64, 100, 128, 250, 1_024, 1_848, 2_048, 4_096, 16_384);

const budget = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.record({
      tx: fc.constantFrom(1, 3),
      free: fc.constantFrom(1, 3),
      alloc: fc.constantFrom(1, 3),
      requests: fc.constant(1),
    }),
  },
);

const parts = fc.record({
  fifoSlots,
  slack: fc.record({ tx: slack, rx: slack, alloc: slack, free: slack }),
  rxQueues: queues,
  txQueues: queues,
  layout,
  mbufSize: mbufSizes,
  pools: fc.array(
    fc.integer({ min: 12, max: 48 }).map((buffers) => ({ buffers })),
    { minLength: 1, maxLength: 4 },
  ),
  vlanOffload: fc.boolean(),
  dataGapBytes: fc.constantFrom(0, 4, 128),
  dataGap: fc.constantFrom('fixed' as const, 'varied' as const),
  canaryBytes: fc.constantFrom(4, 64),
  poisonAlloc: fc.constantFrom(true, false, false),
  allocSharePercent: fc.integer({ min: 20, max: 80 }),
  maxRxPacketBytes: fc.constantFrom(86, 86, 1_000, 1_518, 2_048, 9_022, 9_238, 9_239, 20_000),
  rxSegmentPercent: fc.constantFrom(0, 0, 1, 30, 100),
  rxStage: fc.constantFrom(1, 3, 64),
  budget,
});

/** Valid device settings. */
export const deviceSettings: fc.Arbitrary<DeepPartial<AvpDeviceSettings>> = parts.map((drawn) => {
  const {
    slack: more,
    rxSegmentPercent,
    layout: { segments, ...place },
    ...rest
  } = drawn;
  const stride = (kind: 'tx' | 'rx' | 'alloc' | 'free'): number =>
    more[kind] === 0 ? 0 : 16 + 8 * rest.fifoSlots[kind] + more[kind];
  return {
    ...rest,
    fifoStrideBytes: { tx: stride('tx'), rx: stride('rx'), alloc: stride('alloc'), free: stride('free') },
    rxSegmentBytes: Math.ceil((rest.mbufSize * rxSegmentPercent) / 100),
    layout: { ...place, segments: Math.max(segments, rest.pools.length) },
  };
});

/** Packet lengths: at the limits of both sides, and anything between. */
export const packetBytes = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 300 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 9_238 }) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      0,
      1,
      11,
      13,
      14,
      15,
      17,
      18,
      60,
      64,
      65,
      1_514,
      1_518,
      2_048,
      2_049,
      9_238,
      9_239,
      9_242,
    ),
  },
);

export const tci = fc.oneof(
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 0x0123, 0xffff) },
);
