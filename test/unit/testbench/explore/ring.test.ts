import { expect } from 'chai';
import { allocate } from '../../../../shared/arena';
import { fifoBytes, fifoInit, fifoOpen } from '../../../../shared/loops/fifo';
import { BOTH } from '../../../../shared/loops/rights';
import { FIFO_END_BYTES } from '../../../../shared/loops/records';
import type { Plan } from '../../../../testbench/explore/engine';
import type { RingAddresses } from './actors';
import { actor, poolOfSuite } from './pool';

const LEN = 4;
const ITEMS = 10;

describe('stepped: a ring', () => {
  const pool = poolOfSuite();
  let place: RingAddresses;

  function prepare(): void {
    const base = allocate(fifoBytes(LEN), { rights: BOTH, label: 'ring' });
    const [producer, consumer] = [0, 1].map(() => allocate(FIFO_END_BYTES, { rights: BOTH, label: 'end' }));
    fifoInit(base, LEN);
    fifoOpen(producer!, base, LEN, 0);
    fifoOpen(consumer!, base, LEN, 0);
    place = { producer: producer!, consumer: consumer!, items: ITEMS };
  }

  it('carries every entry once and in order, however producer and consumer take turns', async () => {
    await pool.run({ actors: [actor('nobody', 'sleeper', { ms: 0, times: 0 })] }, prepare);
    const wanted = Array.from({ length: ITEMS }, (_unused, index) => index + 1);
    const tokens = new Set<string>();
    for (let seed = 1; seed <= 100; seed++) {
      const plan: Plan = {
        actors: [actor('producer', 'produce', place), actor('consumer', 'consume', place)],
        points: [{}],
        strategy: { kind: 'random', seed, preemptions: 6, oneIn: 4 },
      };
      const { results, token } = await pool.run(plan, prepare);
      expect(results['consumer'], token).to.deep.equal(wanted);
      tokens.add(token);
    }
    expect(tokens.size).to.be.above(50);
  });
});
