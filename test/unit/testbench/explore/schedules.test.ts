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

  async function lostUpdate(atomic: boolean): Promise<string | null> {
    for (let seed = 1; seed <= 40; seed++) {
      const run = await sum(race({ kind: 'random', seed, preemptions: 2, oneIn: 4 }, atomic));
      if (run.sum !== 2 * TIMES) return run.token;
    }
    return null;
  }

  it('runs each actor until it waits, where nothing else is asked for', async () => {
    const run = await sum(race({ kind: 'run-to-block' }));
    expect(run.sum).to.equal(2 * TIMES);
    expect(run.handovers).to.have.lengthOf(1);
  });

  it('finds the race between a load and a store, and repeats it by its token', async () => {
    const token = await lostUpdate(false);
    expect(token).to.match(/^S1\.[\w.-]+$/);
    const first = await sum(race({ kind: 'replay', token: token! }));
    const second = await sum(race({ kind: 'replay', token: token! }));
    expect(first.sum).to.be.below(2 * TIMES);
    expect(second).to.deep.equal(first);
    expect(first.token).to.equal(token);
  });

  it('finds nothing where one update does it', async () => {
    expect(await lostUpdate(true)).to.equal(null);
  });

  it('draws the same schedule from the same seed, and others from others', async () => {
    const tokens = new Set<string>();
    for (const seed of [1, 2, 3, 4, 5, 1, 2, 3, 4, 5])
      tokens.add((await sum(race({ kind: 'random', seed, preemptions: 5, oneIn: 2 }))).token);
    expect(tokens.size).to.be.within(3, 5);
  });

  it('preempts no more often than it is allowed to', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { deviations } = await pool.run(race({ kind: 'random', seed, preemptions: 2, oneIn: 1 }), place);
      expect(deviations.length).to.be.at.most(2 + 1);
    }
  });

  it('holds one actor up at the access that is asked for', async () => {
    const stall = { actor: 'a', at: { kinds: ['load'] }, occurrence: 2, until: { ms: 5 } } as const;
    const plan = race({ kind: 'stall', stall });
    const { token, timeline, timeMs, deviations } = await pool.run(plan, place);
    expect(load32(counter), 'what b counted meanwhile is overwritten').to.equal(TIMES);
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

  it('holds an actor up until something has happened', async () => {
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

  it('refuses a token of another plan, of another code, and a damaged one', async () => {
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

  it('does not follow a token silently where the code goes another way', async () => {
    const plan: Plan = {
      actors: [actor('a', 'countAsTold', { address: place() }), actor('b', 'countAsTold', { address: counter })],
      points: [{}],
    };
    const told = (times: number) => (): void => store32(place() + 8, times);
    const { token } = await pool.run(
      { ...plan, strategy: { kind: 'random', seed: 1, preemptions: 3, oneIn: 2 } },
      told(3),
    );
    // What lies in memory before is not a part of the plan, as the code is not.
    for (const times of [2, 4])
      expect(await failureOf(pool, { ...plan, strategy: { kind: 'replay', token } }, told(times))).to.include({
        outcome: 'mismatch',
      });
    expect((await pool.run({ ...plan, strategy: { kind: 'replay', token } }, told(3))).token).to.equal(token);
  });
});
