import { expect } from 'chai';
import fc from 'fast-check';
import { type AccessKind, addWatcher } from '../../../shared/mem/watched';
import { ACTOR_DRIVER, ACTOR_HOST } from '../../../shared/loops/rights';
import { deviceSettings } from './arbitraries';
import { ownFrame } from './frames';
import { Guest } from './guest';
import { Rig } from './rig';
import { runs } from './runs';
import { RINGS, RingWalk } from './ringWalk';
import { itWatched } from '../../support/watched';

/** Runs `body`, and expects that `actor` reads each word of BAR 2 at most once, unless `except` excludes the word. */
function expectReadOnce(
  rig: Rig,
  actor: number,
  what: string,
  body: () => unknown,
  except: (address: number) => boolean = () => false,
): void {
  const { memory, memoryBytes } = rig.bars;
  const reads = new Map<number, number>();
  const stopWatching = addWatcher((kind: AccessKind, address: number, _bytes: number, who: number) => {
    if (kind === 'load' && who === actor && address >= memory && address < memory + memoryBytes && !except(address))
      reads.set(address, (reads.get(address) ?? 0) + 1);
  });
  try {
    body();
  } finally {
    stopWatching();
  }
  const repeated = [...reads].filter(([, times]) => times > 1);
  expect(
    repeated.map(([address, times]) => `BAR 2 + ${address - memory}: ${times} times`),
    what,
  ).to.deep.equal([]);
}

/** Selects the words that hold an index of any FIFO. */
function indicesOf(rig: Rig): (address: number) => boolean {
  const walk = new RingWalk(rig.bars);
  const packetFifos = RINGS.flatMap((ring) =>
    Array.from({ length: walk.fifos(ring) }, (_unused, i) => walk.fifo(ring, i)),
  );
  const controlFifos = (['req', 'resp'] as const).map((kind) => rig.device.inspect.host.address(kind));
  const headers = new Set([...packetFifos, ...controlFifos]);
  return (address) => headers.has(address) || headers.has(address - 4);
}

describe('driver and device: memory that the other side can write', () => {
  itWatched('is read once per burst by the driver, and once per step by the host except for indices', () => {
    const lengths = fc.array(fc.integer({ min: 14, max: 2_000 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(deviceSettings, lengths, (settings, bytes) => {
        const rig = new Rig({ ...settings, txQueues: { min: 1, max: 1 }, rxQueues: { min: 1, max: 3 } });
        const guest = new Guest(rig.probe(), { rxQueues: 1, txQueues: 1, rxMbufBytes: [300] }).setUp().start();
        rig.settle();
        // The host may read the guest's indices repeatedly, because it checks them each time.
        const isIndex = indicesOf(rig);
        for (const [i, length] of bytes.entries()) {
          const frame = ownFrame(i, { bytes: length, flow: i });
          rig.wire.send(frame);
          guest.offer(0, frame);
        }
        const expectHostReadsOnce = (): void =>
          expectReadOnce(rig, ACTOR_HOST, 'host', () => rig.device.step(), isIndex);
        expectHostReadsOnce();
        expectReadOnce(rig, ACTOR_DRIVER, 'rx burst', () => guest.receive(0, 64));
        expectReadOnce(rig, ACTOR_DRIVER, 'tx burst', () => guest.send(0, 64));
        expectHostReadsOnce();
      }),
      { numRuns: runs(40) },
    );
  });
});
