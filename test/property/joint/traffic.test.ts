import fc from 'fast-check';
import { deviceSettings, mbufSizes, packetBytes, tci } from './arbitraries';
import { Rig } from './rig';
import { Traffic, type OutSpec, type Round } from './traffic';
import type { FrameSpec, To } from './frames';
import { runs } from './runs';

const to = fc.constantFrom<To>('own', 'own', 'own', 'other', 'broadcast', 'multicast');
const frame: fc.Arbitrary<FrameSpec> = fc.record({ to, bytes: packetBytes, tci, flow: fc.nat({ max: 15 }) });
const out: fc.Arbitrary<OutSpec> = fc.record({
  to,
  bytes: packetBytes,
  tci,
  flow: fc.constant(0),
  queue: fc.nat({ max: 7 }),
  segmentBytes: fc.constantFrom(1, 13, 64, 999, 2_048),
  defect: fc.constantFrom('pkt_len' as const, 'nb_segs' as const, ...Array<null>(12).fill(null)),
});
const bursts = fc
  .array(fc.integer({ min: 0, max: 70 }), { minLength: 1, maxLength: 3 })
  .map((lengths) => [...lengths, 64]);
const round: fc.Arbitrary<Round> = fc.record({
  toGuest: fc.array(frame, { maxLength: 24 }),
  fromGuest: fc.array(out, { maxLength: 16 }),
  bursts,
  keep: fc.boolean(),
});

const guestDraw = fc.record({
  rx: fc.nat({ max: 8 }),
  tx: fc.nat({ max: 8 }),
  rxMbufBytes: fc.array(
    fc.oneof(
      mbufSizes.filter((bytes) => bytes <= 4_096),
      fc.constantFrom(66, 9_238),
    ),
    { minLength: 1, maxLength: 3 },
  ),
  rxMbufs: fc.constantFrom(1, 5, 64, 130),
  vlanStrip: fc.boolean(),
  vlanInsert: fc.boolean(),
  promiscuous: fc.boolean(),
  mtu: fc.constantFrom(undefined, 68, 1_500),
});

/** Makes traffic for a guest that asks for no more queues and features than the device has. */
function trafficOn(rig: Rig, draw: typeof guestDraw extends fc.Arbitrary<infer T> ? T : never): Traffic {
  const { rxQueues, txQueues, vlanOffload, maxRxPacketBytes } = rig.device.settings;
  const rx = Math.min(draw.rx, rxQueues.max, 8);
  const tx = Math.min(draw.tx, txQueues.max, 8);
  const { mtu } = draw;
  return new Traffic(
    rig,
    {
      rxQueues: rx + tx === 0 ? 1 : rx,
      txQueues: tx,
      rxMbufBytes: draw.rxMbufBytes,
      rxMbufs: draw.rxMbufs,
      txMbufs: 128,
      vlanStrip: draw.vlanStrip && vlanOffload,
      vlanInsert: draw.vlanInsert && vlanOffload,
      ...(mtu === undefined || mtu > maxRxPacketBytes - 18 ? {} : { mtu }),
    },
    draw.promiscuous,
  );
}

describe('driver and device: traffic', () => {
  it('on any device, every packet arrives once, unchanged and in order, or is counted under its cause', () => {
    fc.assert(
      fc.property(
        deviceSettings,
        guestDraw,
        fc.array(round, { minLength: 1, maxLength: 3 }),
        (settings, draw, rounds) => {
          const traffic = trafficOn(new Rig(settings), draw);
          traffic.run(rounds);
          traffic.close();
        },
      ),
      { numRuns: runs(100) },
    );
  });
});
