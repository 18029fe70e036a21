import { expect } from 'chai';
import { allocate, resetArena } from '../../../../shared/arena';
import { BOTH, HOST_ONLY } from '../../../../shared/loops/rights';
import { type Plan, WorkerPool } from '../../../../testbench/explore/engine';
import { actor, poolOfSuite, failureOf } from './pool';

describe('stepped: actors', () => {
  const pool = poolOfSuite();
  let word = 0;

  const place = (): void => void (word = allocate(64, { rights: BOTH, label: 'word' }));

  before(() => {
    resetArena();
    place();
  });

  it('share one clock that advances only when all of them wait', async () => {
    const { results, timeMs } = await pool.run({
      actors: [
        actor('three', 'sleeper', { ms: 3, times: 2 }),
        actor('two', 'sleeper', { ms: 2, times: 3 }),
        actor('server', 'server', null, { service: true }),
      ],
    });
    expect(results['three']).to.deep.equal([3, 6]);
    expect(results['two']).to.deep.equal([2, 4, 6]);
    expect(results['server'], 'a service actor is told that the run is over').to.equal(12);
    expect(timeMs).to.equal(6);
  });

  it('wait for what others post', async () => {
    const { results, timeMs } = await pool.run({
      actors: [
        actor('w', 'waiter', { name: 'port' }),
        actor('p', 'poster', { name: 'port', value: { at: 12 }, atMs: 4 }),
      ],
    });
    expect(results['w']).to.deep.equal({ at: 12 });
    expect(timeMs).to.equal(4);
  });

  it('wait for a change of a word in the arena', async () => {
    const { results } = await pool.run(
      { actors: [actor('w', 'waiter', { word }), actor('p', 'poster', { name: 'n', value: 0, atMs: 2, word })] },
      place,
    );
    expect(results['w']).to.equal(true);
  });

  it('yield if they poll a word', async () => {
    const { timeMs } = await pool.run(
      { actors: [actor('s', 'spin', { word }), actor('p', 'poster', { name: 'n', value: 0, atMs: 1, word })] },
      place,
    );
    expect(timeMs).to.be.at.least(1);
  });

  it('are reported with what they wait for if all of them wait for ever', async () => {
    const error = await failureOf(
      pool,
      {
        actors: [
          actor('w', 'waiter', { word }),
          actor('n', 'waiter', { name: 'port' }),
          actor('s', 'sleeper', { ms: 1, times: 2 }),
        ],
      },
      place,
    );
    expect(error.outcome).to.equal('deadlock');
    expect(error.message)
      .to.contain('w waits for another value than 0 at word+0x0')
      .and.to.contain("n waits for 'port' on the board");
    expect(error.run.timeMs).to.equal(2);
  });

  it('end the run if they throw, with their stack and the schedule', async () => {
    const actors = [actor('t', 'thrower', { atMs: 2 }), actor('s', 'sleeper', { ms: 1, times: 100 })];
    const error = await failureOf(pool, { actors });
    expect(error).to.include({ outcome: 'failed', actor: 't' });
    expect(error.message)
      .to.contain('the actor has a bug')
      .and.to.contain('at thrower')
      .and.to.contain(error.run.token);
    const again = await failureOf(pool, { actors, strategy: { kind: 'replay', token: error.run.token } });
    expect(again.message).to.equal(error.message);
  });

  it('are stopped at a limit of time or of steps if they never end', async () => {
    const actors = [actor('w', 'waiter', { name: 'never' }), actor('h', 'sleeper', { ms: 1, times: 1e9 })];
    const late = await failureOf(pool, { actors, limits: { virtualMs: 50 } });
    expect(late.outcome).to.equal('limit');
    expect(late.message).to.contain('50 ms of virtual time');
    expect((await failureOf(pool, { actors, limits: { steps: 1_000 } })).message).to.contain('more than 1000 steps');
  });

  it('are stopped if they touch memory without the right to, or recorded if the plan says so', async () => {
    const secret = (): void => void (word = allocate(64, { rights: HOST_ONLY, label: 'secret' }));
    resetArena();
    secret();
    const plan = { actors: [actor('t', 'trespass', { address: word })] };
    expect((await failureOf(pool, plan, secret)).message).to.contain('secret+0x0');
    const { results, violations, violationCount } = await pool.run({ ...plan, recordViolations: true }, secret);
    expect(results['t']).to.equal(5);
    expect(violationCount).to.equal(2);
    expect(violations.map(({ where }) => where)).to.deep.equal(
      Array(2).fill('trespass (test/unit/testbench/explore/actors)'),
    );
    expect(violations[0]).to.include({ actor: 't', kind: 'store', bytes: 4, at: 'secret+0x0' });
  });

  it('are abandoned if they no longer respond, and the pool goes on', async () => {
    const own = new WorkerPool();
    try {
      const unwilling = await failureOf(own, { actors: [actor('s', 'stubborn')], limits: { steps: 100 } });
      expect(unwilling.outcome).to.equal('stuck');
      const hanging = await failureOf(own, { actors: [actor('h', 'hang')], limits: { realMs: 50 } });
      expect(hanging).to.include({ outcome: 'stuck', actor: 'h' });
      const { timeMs } = await own.run({ actors: [actor('s', 'sleeper', { ms: 1, times: 1 })] });
      expect(timeMs).to.equal(1);
    } finally {
      await own.close();
    }
  });

  it('fail the run if they do not exist', async () => {
    expect((await failureOf(pool, { actors: [actor('x', 'nobody')] })).message).to.contain(
      "exports no function 'nobody'",
    );
  });

  it('keep evidence if the plan wants it, also where the run ends early', async () => {
    const actors = (fails: boolean): Plan['actors'] => [actor('w', 'witness', { fails })];
    expect((await pool.run({ actors: actors(false), evidence: true })).kept).to.deep.equal({ steps: 2 });
    expect((await failureOf(pool, { actors: actors(true), evidence: true })).run.kept).to.deep.equal({ steps: 1 });
    expect((await pool.run({ actors: actors(false) })).kept).to.deep.equal({});
  });
});
