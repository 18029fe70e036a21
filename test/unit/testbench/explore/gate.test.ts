import { expect } from 'chai';
import { allocate, resetArena } from '../../../../shared/arena';
import { DRIVER_ONLY } from '../../../../shared/loops/rights';
import { PORT_BYTES } from '../../../../driver/loops/records';
import { buildVariant } from '../../../../testbench/mutants/build/apply';
import { edit } from '../../../../testbench/mutants/build/mutant';
import { WorkerPool, type Plan } from '../../../../testbench/explore/engine';
import type { GateAddresses } from './actors';
import { actor, poolOfSuite } from './pool';

/** The flag is tested before the burst is announced: what the pair of fences is there to prevent. */
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

  /** Seed of the first schedule in which a burst and a control operation meet, null where none is found. */
  async function meeting(by: WorkerPool): Promise<number | null> {
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

  it('keeps bursts and control operations apart, whatever the order', async () => {
    expect(await meeting(pool)).to.equal(null);
  });

  it('does not where a burst tests the flag before it announces itself, and that is found', async () => {
    const broken = new WorkerPool({ variant: buildVariant(flagFirst) });
    try {
      expect(await meeting(broken)).to.not.equal(null);
    } finally {
      await broken.close();
    }
  });
});
