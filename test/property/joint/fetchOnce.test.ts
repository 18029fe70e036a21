import { expect } from 'chai';
import fc from 'fast-check';
import { type AccessKind, addWatcher } from '../../../shared/mem/watched';
import { ACTOR_DRIVER, ACTOR_HOST } from '../../../shared/loops/rights';
import { deviceSettings } from './arbitraries';
import { makeFrame } from './frames';
import { Guest } from './guest';
import { OWN_MAC } from './oracle';
import { Rig } from './rig';
import { runs } from './runs';
import { RINGS, RingWalk } from './ringWalk';

/** Words that `actor` read more than once in BAR 2 during `body`, out of those that `counts` admits. */
function readAgain(rig: Rig, actor: number, counts: (address: number) => boolean, body: () => void): string[] {
  const { memory, memoryBytes } = rig.bars;
  const reads = new Map<number, number>();
  const stopWatching = addWatcher((kind: AccessKind, address: number, _bytes: number, who: number) => {
    if (kind === 'load' && who === actor && address >= memory && address < memory + memoryBytes && counts(address))
      reads.set(address, (reads.get(address) ?? 0) + 1);
  });
  try {
    body();
  } finally {
    stopWatching();
  }
  return [...reads]
    .filter(([, times]) => times > 1)
    .map(([address, times]) => `BAR 2 + ${address - memory}: ${times} times`);
}

describe('driver and host: what the other side can write', () => {
  it('is fetched once a burst by the driver, indices, slots and descriptors alike; once a round by the host', () => {
    const lengths = fc.array(fc.integer({ min: 14, max: 2_000 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(deviceSettings, lengths, (settings, bytes) => {
        const rig = new Rig({ ...settings, txQueues: { min: 1, max: 1 }, rxQueues: { min: 1, max: 3 } });
        const guest = new Guest(rig.probe(), { rxQueues: 1, txQueues: 1, rxMbufBytes: [300] }).setUp().start();
        rig.settle();
        // The host reads the guest's indices as often as it likes: each time it checks them anew.
        const walk = new RingWalk(rig.bars);
        const headers = new Set(
          RINGS.flatMap((ring) => Array.from({ length: walk.fifos(ring) }, (_unused, i) => walk.fifo(ring, i))),
        );
        const control = new Set((['req', 'resp'] as const).map((kind) => rig.device.inspect.host.address(kind)));
        const isIndex = (address: number): boolean =>
          [address, address - 4].some((base) => headers.has(base) || control.has(base));
        for (const [i, length] of bytes.entries()) {
          const frame = makeFrame({ to: 'own', bytes: length, tci: null, flow: i }, i, OWN_MAC);
          rig.wire.send(frame);
          guest.offer(0, frame);
        }
        expect(
          readAgain(
            rig,
            ACTOR_HOST,
            (address) => !isIndex(address),
            () => rig.device.step(),
          ),
          'host',
        ).to.deep.equal([]);
        expect(
          readAgain(
            rig,
            ACTOR_DRIVER,
            () => true,
            () => guest.receive(0, 64),
          ),
          'rx burst',
        ).to.deep.equal([]);
        expect(
          readAgain(
            rig,
            ACTOR_DRIVER,
            () => true,
            () => guest.send(0, 64),
          ),
          'tx burst',
        ).to.deep.equal([]);
        expect(
          readAgain(
            rig,
            ACTOR_HOST,
            (address) => !isIndex(address),
            () => rig.device.step(),
          ),
          'host',
        ).to.deep.equal([]);
      }),
      { numRuns: runs(40) },
    );
  });
});
