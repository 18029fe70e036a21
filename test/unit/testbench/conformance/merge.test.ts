import { expect } from 'chai';
import fc from 'fast-check';
import { UsageError } from '../../../../shared/errors';
import { diffResults } from '../../../../testbench/conformance/diff';
import { mergeResults, type Part } from '../../../../testbench/conformance/merge';
import { allClauses } from '../../../../testbench/conformance/registry';
import { lacksShards, unfinishedText } from '../../../../testbench/conformance/report';
import type { ResultFile } from '../../../../testbench/conformance/result';
import { selectClauses } from '../../../../testbench/conformance/select';
import type { ClauseVerdict } from '../../../../testbench/conformance/verdict';
import { toolVersion } from '../../../../testbench/runtime/package';
import { clauseEntry, resultFile } from '../../../support/resultFile';

/** Splits a run into shards, as `conform --shard` does. */
function splitIntoShards(whole: ResultFile, count: number): Part[] {
  return Array.from({ length: count }, (_unused, at) => ({
    path: `${at + 1}.json`,
    result: {
      ...whole,
      startedAt: `2026-01-01T00:00:0${9 - (at % 10)}Z`,
      clauses: whole.clauses.filter((_clause, index) => index % count === at),
      selection: { ...whole.selection, shard: { index: at + 1, count } },
    },
  }));
}

const WHOLE = resultFile(
  Array.from({ length: 7 }, (_unused, index) => clauseEntry(`rx/${index + 101}`, index === 3 ? 'fail' : 'pass')),
);

describe('merge', () => {
  it('restores the clauses and verdicts of one run in order, whatever the order of the shards', () => {
    fc.assert(
      fc.property(
        fc.nat(12),
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.nat(), { minLength: 9, maxLength: 9 }),
        (clauses, count, keys) => {
          const whole = resultFile(
            Array.from({ length: clauses }, (_unused, index) => clauseEntry(`tx/${index + 101}`)),
          );
          const shuffled = splitIntoShards(whole, count)
            .map((part, index) => ({ part, key: keys[index]! }))
            .sort((one, other) => one.key - other.key)
            .map(({ part }) => part);
          const { report, selection } = mergeResults(shuffled);
          expect(report.results.map(({ clause }) => clause.id)).to.deep.equal(whole.clauses.map(({ id }) => id));
          expect(selection.clauses).to.equal(clauses);
        },
      ),
    );
  });

  it('adds up the durations and keeps the earliest start', () => {
    const { report } = mergeResults(splitIntoShards(WHOLE, 3));
    expect(report).to.include({ seed: 3, durationMs: 30, startedAt: '2026-01-01T00:00:07Z', toolVersion: '1.0.0' });
    expect(report.results[3]).to.deep.include({ verdict: 'fail', replay: 'npx avp conform rx/104' });
  });

  it('accepts a whole run', () => {
    expect(mergeResults([{ path: 'a', result: WHOLE }]).report.results).to.have.length(7);
  });

  const [one, two, three] = splitIntoShards(WHOLE, 3) as [Part, Part, Part];
  const changed = (over: Partial<ResultFile>): Part => ({ path: 'x.json', result: { ...two.result, ...over } });
  const wrong: readonly (readonly [string, readonly Part[], RegExp])[] = [
    ['a missing shard', [one, three], /shard 2\/3 is missing/],
    ['a shard given twice', [one, two, two, three], /both shard 2\/3/],
    ['shards of another number', [one, ...splitIntoShards(WHOLE, 2)], /is shard 1\/3 and 1\.json is 1\/2/],
    ['a whole run and a shard', [one, { path: 'w.json', result: WHOLE }], /1\.json is shard 1\/3 and w\.json is 1\/1/],
    ['another engine', [one, changed({ engine: 'wasm' }), three], /engine is ts and wasm/],
    ['another seed', [one, changed({ seed: 2 }), three], /seed is 3 and 2/],
    ['another target', [one, changed({ target: 'dpdk' }), three], /target is avp and dpdk/],
    [
      'another version',
      [one, changed({ versions: { tool: '2.0.0', target: '1.0.0' } }), three],
      /version of the tool is 1\.0\.0 and 2\.0\.0/,
    ],
    [
      'another selection',
      [one, changed({ selection: { ...two.result.selection, ids: ['rx'] } }), three],
      /selected clauses is \[\] and \[rx\]/,
    ],
    [
      'another selection of bases',
      [one, changed({ selection: { ...two.result.selection, basis: ['safety'] } }), three],
      /selected bases is \[\] and \[safety\]/,
    ],
    ['a run that ended early', [one, changed({ clauses: [] }), three], /has 0 clauses and shard 2\/3 2: .*--partial/],
    [
      'a clause that is in two',
      [one, changed({ clauses: one.result.clauses.slice(0, 2) }), three],
      /clause rx\/101 is in two/,
    ],
  ];
  for (const [what, parts, says] of wrong)
    it(`refuses ${what} in one line`, () => {
      expect(() => mergeResults(parts))
        .to.throw(UsageError, says)
        .with.property('message')
        .that.does.not.include('\n');
    });
});

describe('a partial merge', () => {
  const ids = selectClauses(allClauses, { ids: ['stats'], exclude: [], basis: [] }).map(({ id }) => id);
  const whole = resultFile(
    ids.map((id) => clauseEntry(id)),
    { versions: { tool: toolVersion(), target: '1.0.0' } },
  );
  const shards = splitIntoShards(
    { ...whole, selection: { ...whole.selection, ids: ['stats'] } },
    3,
  ) as unknown as readonly [Part, Part, Part];

  it('of all shards is complete', () => {
    expect(mergeResults(shards, { partial: true }).report.unfinished).to.equal(undefined);
  });

  it('names the shards that are missing and the clauses that have not run', () => {
    const { report } = mergeResults([shards[2], shards[0]], { partial: true });
    expect(report.results.map(({ clause }) => clause.id)).to.deep.equal(ids.filter((_id, index) => index % 3 !== 1));
    const { endedBy, notRun } = report.unfinished!;
    expect(endedBy).to.equal('missing shard 2/3');
    expect(notRun.map(({ id }) => id)).to.deep.equal(ids.filter((_id, index) => index % 3 === 1));
    expect(unfinishedText(report.unfinished!)).to.equal(
      `this run is incomplete: missing shard 2/3, ${notRun.length} clauses have not run`,
    );
    expect(lacksShards(report)).to.equal(true);
  });

  it('takes a shard that ended early for missing in part', () => {
    const cut: Part = { ...shards[1], result: { ...shards[1].result, clauses: shards[1].result.clauses.slice(0, 1) } };
    const { report } = mergeResults([shards[0], cut], { partial: true });
    expect(report.unfinished!.endedBy).to.equal('missing shards 3/3, 2/3');
    expect(report.results).to.have.length(shards[0].result.clauses.length + 1);
  });

  it('is refused for results of another version, which knows alone what it had selected', () => {
    const old = shards.map((part) => ({
      ...part,
      result: { ...part.result, versions: { tool: '0.0.1', target: '1.0.0' } },
    }));
    expect(() => mergeResults(old.slice(1), { partial: true })).to.throw(UsageError, /2\.json is of version 0\.0\.1/);
  });
});

describe('diff', () => {
  function difference(
    before: Readonly<Record<string, ClauseVerdict>>,
    after: Readonly<Record<string, ClauseVerdict>>,
  ): Record<string, unknown> {
    const file = (verdicts: Readonly<Record<string, ClauseVerdict>>): ResultFile =>
      resultFile(Object.entries(verdicts).map(([id, verdict]) => clauseEntry(id, verdict)));
    const { same, ...changes } = diffResults(file(before), file(after));
    const lists = Object.entries(changes).map(
      ([kind, list]) => [kind, list.map((one) => `${one.id} ${one.old} ${one.new}`)] as const,
    );
    return { ...Object.fromEntries(lists.filter(([, list]) => list.length > 0)), same };
  }

  it('distinguishes worse, better, changed, new, gone and same', () => {
    const before = {
      'rx/1': 'pass',
      'rx/2': 'fail',
      'rx/3': 'fail',
      'rx/4': 'pass',
      'rx/5': 'skip',
      'rx/6': 'skip',
      'rx/7': 'pass',
    } as const;
    const after = {
      'rx/1': 'fail',
      'rx/2': 'pass',
      'rx/3': 'blocked',
      'rx/4': 'skip',
      'rx/5': 'error',
      'rx/6': 'skip',
      'rx/8': 'fail',
    } as const;
    expect(difference(before, after)).to.deep.equal({
      worse: ['rx/1 pass fail', 'rx/4 pass skip', 'rx/5 skip error'],
      better: ['rx/2 fail pass'],
      changed: ['rx/3 fail blocked'],
      new: ['rx/8 null fail'],
      gone: ['rx/7 pass null'],
      same: 1,
    });
  });

  it('ranks a waived failure between a pass and a failure', () => {
    const before = { 'rx/1': 'pass', 'rx/2': 'waived', 'rx/3': 'waived', 'rx/4': 'fail', 'rx/5': 'waived' } as const;
    const after = { 'rx/1': 'waived', 'rx/2': 'pass', 'rx/3': 'fail', 'rx/4': 'waived', 'rx/5': 'waived' } as const;
    expect(difference(before, after)).to.deep.equal({
      worse: ['rx/1 pass waived', 'rx/3 waived fail'],
      better: ['rx/2 waived pass', 'rx/4 fail waived'],
      same: 1,
    });
  });
});
