import { load32, store32 } from '#mem';
import { expect } from 'chai';
import { allocate, resetArena } from '../../../../shared/arena';
import { UsageError } from '../../../../shared/errors';
import { BOTH } from '../../../../shared/loops/rights';
import type { Plan, Strategy } from '../../../../testbench/explore/engine';
import { actor, poolOfSuite, failureOf } from './pool';

const TIMES = 3;

describe('stepped: schedules', () => {
  const pool = poolOfSuite();
  let counter = 0;

  function place(): number {
    resetArena();
    return (counter = allocate(64, { rights: BOTH, label: 'counter' }));
  }

  function race(strategy: Strategy, atomic = false): Plan {
    const data = { address: place(), times: TIMES, atomic };
    return { actors: [actor('a', 'count', data), actor('b', 'count', data)], points: [{}], strategy, trace: true };
  }

  async function sum(plan: Plan): Promise<{ sum: number; token: string; handovers: readonly unknown[] }> {
    const { token, handovers } = await pool.run(plan, place);
    return { sum: load32(counter), token, handovers };
  }

  /** The token of a schedule that loses an update, or null if none of 40 does. */
  async function lostUpdate(atomic: boolean): Promise<string | null> {
    for (let seed = 1; seed <= 40; seed++) {
      const run = await sum(race({ kind: 'random', seed, preemptions: 2, oneIn: 4 }, atomic));
      if (run.sum !== 2 * TIMES) return run.token;
    }
    return null;
  }

  it('run each actor until it waits by default', async () => {
    const run = await sum(race({ kind: 'run-to-block' }));
    expect(run.sum).to.equal(2 * TIMES);
    expect(run.handovers).to.have.lengthOf(1);
  });

  it('find the race between a load and a store, and repeat it by token', async () => {
    const token = await lostUpdate(false);
    expect(token).to.match(/^S1\.[\w.-]+$/);
    const first = await sum(race({ kind: 'replay', token: token! }));
    const second = await sum(race({ kind: 'replay', token: token! }));
    expect(first.sum).to.be.below(2 * TIMES);
    expect(second).to.deep.equal(first);
    expect(first.token).to.equal(token);
  });

  it('find no race in atomic updates', async () => {
    expect(await lostUpdate(true)).to.equal(null);
  });

  it('are the same for the same seed, and differ between seeds', async () => {
    const tokens = new Set<string>();
    for (const seed of [1, 2, 3, 4, 5, 1, 2, 3, 4, 5])
      tokens.add((await sum(race({ kind: 'random', seed, preemptions: 5, oneIn: 2 }))).token);
    expect(tokens.size).to.be.within(3, 5);
  });

  it('preempt no more often than allowed', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { deviations } = await pool.run(race({ kind: 'random', seed, preemptions: 2, oneIn: 1 }), place);
      expect(deviations.length).to.be.at.most(2 + 1);
    }
  });

  it('hold an actor up at a given access', async () => {
    const stall = { actor: 'a', at: { kinds: ['load'] }, occurrence: 2, until: { ms: 5 } } as const;
    const plan = race({ kind: 'stall', stall });
    const { token, timeline, timeMs, deviations } = await pool.run(plan, place);
    expect(load32(counter), 'the counts of b are overwritten').to.equal(TIMES);
    expect(timeMs).to.equal(5);
    expect(timeline.map(({ actor: who, what }) => `${who} ${what}`)).to.deep.equal([
      'a is held up for 5 ms after a load of 4 bytes at counter+0x0, in count (test/unit/testbench/explore/actors)',
      'a goes on',
      'a goes on with a store of 4 bytes at counter+0x0, in count (test/unit/testbench/explore/actors)',
      'a goes on with a store of 4 bytes at counter+0x0, in count (test/unit/testbench/explore/actors)',
    ]);
    expect(deviations).to.have.lengthOf(1);
    const again = await pool.run(race({ kind: 'replay', token }), place);
    expect(again.timeline).to.deep.equal(timeline);
  });

  it('hold an actor up until something is posted', async () => {
    const data = { address: place(), times: 1, atomic: false };
    const stall = { actor: 'a', occurrence: 1, until: { posted: 'enough' } };
    const plan: Plan = {
      actors: [actor('a', 'count', data), actor('b', 'poster', { name: 'enough', value: 1, atMs: 3 })],
      points: [{ kinds: ['load'] }],
      strategy: { kind: 'stall', stall },
    };
    const { timeMs, token } = await pool.run(plan, place);
    expect(timeMs).to.equal(3);
    expect((await pool.run({ ...plan, strategy: { kind: 'replay', token } }, place)).timeMs).to.equal(3);
  });

  it('refuse a token of another plan, and a damaged token', async () => {
    const { token } = await sum(race({ kind: 'random', seed: 1, preemptions: 2, oneIn: 1 }));
    const refusal = async (plan: Plan): Promise<Error> => failureOf(pool, plan, place);
    const other = await refusal(race({ kind: 'replay', token }, true));
    expect(other).to.be.instanceOf(UsageError);
    expect(other.message).to.contain('belongs to another plan');
    for (const text of ['', 'S1', 'S9.A.B.C.D', `${token}x.`, token.replace(/^S1\./, 'S1.*'), token.slice(0, -1)])
      expect((await refusal(race({ kind: 'replay', token: text }))).message, text).to.match(
        /schedule token|does not go the way/,
      );
  });

  it('report a token that does not fit the code', async () => {
    const plan: Plan = {
      actors: [actor('a', 'countAsTold', { address: place() }), actor('b', 'countAsTold', { address: counter })],
      points: [{}],
    };
    const told = (times: number) => (): void => store32(place() + 8, times);
    const { token } = await pool.run(
      { ...plan, strategy: { kind: 'random', seed: 1, preemptions: 3, oneIn: 2 } },
      told(3),
    );
    // The initial memory is not part of the plan, just as the code is not.
    for (const times of [2, 4])
      expect(await failureOf(pool, { ...plan, strategy: { kind: 'replay', token } }, told(times))).to.include({
        outcome: 'mismatch',
      });
    expect((await pool.run({ ...plan, strategy: { kind: 'replay', token } }, told(3))).token).to.equal(token);
  });
});
