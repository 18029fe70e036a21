import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { type ClauseResult, runClauses, type RunSettings } from '../../../../testbench/conformance/runner';
import { WaiverBook } from '../../../../testbench/conformance/waivers';
import { someClause } from './clauses';

const SETTINGS: RunSettings = {
  target: 'avp',
  seed: 10,
  repeat: 1,
  bail: false,
  print: new PassThrough().resume(),
  module: 'test/unit/testbench/conformance/stuckWorker',
};

function verdicts(results: readonly ClauseResult[]): string[] {
  return results.map(({ clause, verdict }) => `${clause.id} ${verdict}`);
}

describe('clause runner', () => {
  it('goes on with a new worker after a clause that hangs, dies or throws', async () => {
    const clauses = ['x/0', 'x/1', 'x/2', 'x/3', 'x/5'].map((id) =>
      someClause(id, { timeLimitMs: id === 'x/1' ? 200 : 20_000 }),
    );
    const results = await runClauses(clauses, SETTINGS);
    expect(verdicts(results)).to.deep.equal(['x/0 pass', 'x/1 error', 'x/2 error', 'x/3 error', 'x/5 pass']);
    expect(results[1]?.detail).to.equal('time limit: no end after 200 ms');
    expect(results[2]?.detail).to.include('status 7');
    expect(results[3]?.detail).to.include('thrown by x/3');
  });

  it('stops after the first finding with bail', async () => {
    const clauses = ['x/0', 'x/2', 'x/5'].map((id) => someClause(id));
    expect(verdicts(await runClauses(clauses, { ...SETTINGS, bail: true }))).to.deep.equal(['x/0 pass', 'x/2 error']);
  });

  it('is stopped: gives up the clause that runs, and keeps those that have ended behind it', async () => {
    const clauses = ['x/0', 'x/1', 'x/5', 'x/6'].map((id) => someClause(id));
    const controller = new AbortController();
    const begun: string[] = [];
    // One job hangs on the first x/1. The other passes the rest, and then hangs on the last.
    const results = await runClauses([...clauses, someClause('x/1')], {
      ...SETTINGS,
      jobs: 2,
      stop: controller.signal,
      onStart: ({ id }) => begun.push(id) === 5 && setTimeout(() => controller.abort('a signal'), 100),
    });
    expect(verdicts(results)).to.deep.equal(['x/0 pass', 'x/5 pass', 'x/6 pass']);
  });

  it('does not stop at a failed SHOULD clause unless it is strict', async () => {
    const clauses = [someClause('x/4', { level: 'SHOULD' }), someClause('x/5')];
    const settings = { ...SETTINGS, seed: 12, bail: true };
    expect(verdicts(await runClauses(clauses, settings))).to.deep.equal(['x/4 fail', 'x/5 pass']);
    expect(verdicts(await runClauses(clauses, { ...settings, strict: true }))).to.deep.equal(['x/4 fail']);
  });

  it('applies waivers to a result after all repetitions', async () => {
    const book = new WaiverBook([{ id: 'x/4', target: 'avp', reason: 'known', expires: '2026-01-01' }], {
      target: 'avp',
      knownTargets: ['avp'],
      knownIds: new Set(['x/4']),
      today: '2026-01-01',
    });
    const settings: RunSettings = { ...SETTINGS, repeat: 5, bail: true, judge: (one) => book.judge(one) };
    const results = await runClauses([someClause('x/4'), someClause('x/2'), someClause('x/5')], settings);
    expect(verdicts(results)).to.deep.equal(['x/4 waived', 'x/2 error']);
    expect(results[0]).to.include({
      detail: 'waived until 2026-01-01: known\nrequirement: r',
      replay: 'npx avp conform x/4 --seed 12',
    });
    expect(book.report()[0]!.state).to.equal('used');
  });

  it('runs several clauses at once, and reports the results in the order of the clauses', async () => {
    const events: string[] = [];
    const settings: RunSettings = {
      ...SETTINGS,
      jobs: 3,
      onStart: (clause) => events.push(`start ${clause.id}`),
      onResult: (result) => events.push(result.clause.id),
    };
    const clauses = ['x/1', 'x/0', 'x/2', 'x/4', 'x/5'].map((id) =>
      someClause(id, { timeLimitMs: id === 'x/1' ? 1_000 : 20_000 }),
    );
    const results = await runClauses(clauses, settings);
    expect(verdicts(results)).to.deep.equal(['x/1 error', 'x/0 pass', 'x/2 error', 'x/4 pass', 'x/5 pass']);
    expect(events.slice(0, 3)).to.deep.equal(['start x/1', 'start x/0', 'start x/2']);
    expect(events.filter((event) => !event.startsWith('start'))).to.deep.equal(clauses.map(({ id }) => id));
  });

  it('bails at the finding that comes first in the order of the clauses, whichever ends first', async () => {
    const clauses = ['x/0', 'x/1', 'x/2', 'x/5'].map((id) =>
      someClause(id, { timeLimitMs: id === 'x/1' ? 1_000 : 20_000 }),
    );
    expect(verdicts(await runClauses(clauses, { ...SETTINGS, bail: true, jobs: 4 }))).to.deep.equal([
      'x/0 pass',
      'x/1 error',
    ]);
  });

  it('ends all clauses if a report cannot be written', async () => {
    const started: string[] = [];
    const settings: RunSettings = {
      ...SETTINGS,
      jobs: 2,
      onStart: (clause) => started.push(clause.id),
      onResult: () => {
        throw new Error('no space left');
      },
    };
    const clauses = ['x/0', 'x/1', 'x/5'].map((id) => someClause(id, { timeLimitMs: 20_000 }));
    const error: unknown = await runClauses(clauses, settings).catch((reason: unknown) => reason);
    expect(error).to.have.property('message', 'no space left');
    expect(started).to.deep.equal(['x/0', 'x/1']);
  });

  it('ends a clause if a repetition takes too long', async () => {
    const clauses = [someClause('x/1', { timeLimitMs: 100 }), someClause('x/5')];
    expect(verdicts(await runClauses(clauses, { ...SETTINGS, repeat: 3 }))).to.deep.equal(['x/1 error', 'x/5 pass']);
  });

  it('repeats a clause with consecutive seeds, and names the seed that failed', async () => {
    const [result] = await runClauses([someClause('x/4')], { ...SETTINGS, repeat: 9 });
    expect(result).to.include({ verdict: 'fail', replay: 'npx avp conform x/4 --seed 12', durationMs: 3 });
  });
});
