import { expect } from 'chai';
import { allocate, resetArena } from '../../../../shared/arena';
import { DRIVER_ONLY } from '../../../../shared/loops/rights';
import { PORT_BYTES } from '../../../../driver/loops/records';
import { buildVariant } from '../../../../testbench/mutants/build/apply';
import { edit } from '../../../../testbench/mutants/build/mutant';
import { WorkerPool, type Plan } from '../../../../testbench/explore/engine';
import type { GateAddresses } from './actors';
import { actor, poolOfSuite } from './pool';

/** A gate that tests the flag before it announces the burst: the order that the two fences prevent. */
const flagFirst = {
  id: 'gate-flag-first',
  row: 'M1',
  what: 'a burst looks at the flag and announces itself afterwards',
  fails: [],
  edits: [
    edit(
      'driver/loops/gate.ts',
      `  store32(busy, 1);
  fence();
  if (loadAcquire32(port + PORT_BLOCKED) === 0) return true;
  storeRelease32(busy, 0);
  return false;`,
      `  if (loadAcquire32(port + PORT_BLOCKED) !== 0) return false;
  store32(busy, 1);
  fence();
  return true;`,
    ),
  ],
};

const SCHEDULES = 100;

describe("stepped: the driver's gate", () => {
  const pool = poolOfSuite();
  let place: GateAddresses;

  function prepare(): void {
    const port = allocate(PORT_BYTES, { rights: DRIVER_ONLY, label: 'port' });
    const words = allocate(64, { rights: DRIVER_ONLY, label: 'words' });
    place = { port, busy: words, exclusive: words + 8 };
  }

  /** The seed of the first schedule in which a burst runs during a control operation, or null if there is none. */
  async function seedOfOverlap(by: WorkerPool): Promise<number | null> {
    resetArena();
    prepare();
    for (let seed = 1; seed <= SCHEDULES; seed++) {
      const strategy = { kind: 'random', seed, preemptions: 4, oneIn: 3 } as const;
      const plan: Plan = {
        actors: [actor('burst', 'burst', place), actor('control', 'block', place)],
        points: [{}],
        strategy,
      };
      const { results } = await by.run(plan, prepare);
      if (results['burst'] !== 0) return seed;
    }
    return null;
  }

  it('separates bursts from control operations in every schedule', async () => {
    expect(await seedOfOverlap(pool)).to.equal(null);
  });

  it('fails to do so if a burst tests the flag before it announces itself', async () => {
    const broken = new WorkerPool({ variant: buildVariant(flagFirst) });
    try {
      expect(await seedOfOverlap(broken)).to.not.equal(null);
    } finally {
      await broken.close();
    }
  });
});
