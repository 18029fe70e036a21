import { expect } from 'chai';
import { XMLValidator } from 'fast-xml-parser';
import { scoreChart } from '../../../../../testbench/mutants/score/chart';
import { mergeScores } from '../../../../../testbench/mutants/score/merge';
import { scorePage } from '../../../../../testbench/mutants/score/page';
import { isGood, totalsOf, tryScore } from '../../../../../testbench/mutants/score/report';
import { engineScore, someMutant, someReport, tried } from './reports';

const SCHEDULERS = ['dfs', 'random', 'pct', 'pos', 'surw'] as const;

/** A race with the median schedules of each scheduler under sc. */
function race(id: string, cases: readonly (number | null)[]): ReturnType<typeof someMutant> {
  const tries = SCHEDULERS.map((scheduler, i) => tried(`detach ${scheduler} sc`, cases[i]!));
  return someMutant(id, [engineScore('explore', tries)], { race: true });
}

const RACES = [race('race-one', [null, 90, 10, 20, null]), race('race-two', [400, null, 30, null, 7])];

describe('page of the score', () => {
  it('has the caught, the uncaught and the clauses that no variant fails', () => {
    const uncaught = someMutant('rx-quiet', [engineScore('conform', [tried('rx/1', null)])]);
    const caught = someMutant('rx-loud', [engineScore('conform', [tried('rx/2', 1)])], { row: 'R1' });
    const clauses = [
      { id: 'rx/1', level: 'MUST', variants: [] },
      { id: 'rx/2', level: 'MUST', variants: ['rx-loud'] },
    ] as const;
    const page = scorePage(someReport([uncaught, caught], { clauses }), 'docs/score.svg');
    expect(page).to.include('**1 of 2 variants are caught.**');
    expect(page).to.match(/## Not caught\n\n- `rx-quiet`/);
    expect(page).to.include('1 of 2: `rx/1`.');
    expect(page).to.include('| R1 | `rx-loud` | conform |');
    expect(page).to.include('| `rx/2` | `rx-loud` |');
  });

  it('compares schedulers by the races that they find, then by schedules', () => {
    const page = scorePage(someReport(RACES), 'docs/score.svg');
    expect(page).to.include(
      '`pct` finds 2 of 2 races, after 10 schedules in the median; `surw` finds 1, after 7 schedules in the median.',
    );
    expect(page).to.include('| `race-two` | `detach` | `sc` | 400 | - | 30 | - | 7 |');
    expect(page).to.include('![Share of races found over schedules, by scheduler](score.svg)');
  });

  it('has a chart that is well-formed, with a curve for each scheduler', () => {
    const chart = scoreChart(someReport(RACES));
    expect(XMLValidator.validate(chart)).to.equal(true);
    for (const scheduler of SCHEDULERS) expect(chart).to.include(`<path class="${scheduler}"`);
    expect(XMLValidator.validate(scoreChart(someReport([])))).to.equal(true);
  });
});

describe('figures of the score', () => {
  it('take a seed that caught nothing for infinitely many cases', () => {
    const sample = (caught: boolean, cases: number): Parameters<typeof tryScore>[1][0] => ({
      caught,
      cases,
      durationMs: 1,
      detail: '',
    });
    expect(tryScore('x', [sample(true, 5), sample(false, 9), sample(true, 3)]).cases).to.equal(5);
    expect(tryScore('x', [sample(true, 5), sample(false, 9), sample(false, 9)]).cases).to.equal(null);
  });

  it('count reports on the product, and such a score is not good', () => {
    const clean = [{ engine: 'conform', how: 'rx/1', cases: 1, durationMs: 1, report: 'too short', replay: 'x' }];
    expect(totalsOf([], clean).cleanReports).to.equal(1);
    expect(isGood(someReport([], { clean }))).to.equal(false);
    expect(isGood(someReport([]))).to.equal(true);
  });

  it('count an equivalent variant as a finding only if it is caught', () => {
    const quiet = someMutant('race-a', [], { race: true, equivalent: 'loads stay in order' });
    const loud = someMutant('race-b', [engineScore('explore', [tried('detach pct pso', 4)])], {
      equivalent: 'as before',
    });
    expect(totalsOf([quiet, loud], [])).to.deep.equal({
      cleanReports: 0,
      notCaught: [],
      wronglyEquivalent: ['race-b'],
    });
  });
});

describe('merging shards of a score', () => {
  const shardOf = (index: number, over: object = {}): Parameters<typeof mergeScores>[0][0] => {
    const report = someReport([someMutant(`rx-${index}`, [])]);
    const selection = { ...report.selection, shard: { index, count: 2 }, items: 2, ...over };
    return { path: `${index}.json`, toolVersion: '1', report: { ...report, selection } };
  };

  it('refuses what is missing, twice, interrupted or of another run', () => {
    expect(() => mergeScores([shardOf(1)])).to.throw('shard 2/2 is missing');
    expect(() => mergeScores([shardOf(1), shardOf(1)])).to.throw('are both shard 1/2');
    expect(() => mergeScores([shardOf(1), shardOf(2, { seeds: 4 })])).to.throw('number of seeds is 3 and 4');
    const cut = shardOf(2);
    const parts = [shardOf(1), { ...cut, report: { ...cut.report, endedBy: 'SIGINT' } }];
    expect(() => mergeScores(parts)).to.throw('shard 2/2 is missing or ended early');
  });

  it('takes what there is with --partial, and such a score is not good', () => {
    const report = mergeScores([shardOf(1)], { partial: true });
    expect(report.mutants.map(({ id }) => id)).to.deep.equal(['rx-1']);
    expect(report.endedBy).to.equal('missing shard 2/2');
    expect(isGood(report)).to.equal(false);
  });

  it('joins runs of different engines, variant by variant', () => {
    const runOf = (engine: string, cases: number | null): Parameters<typeof mergeScores>[0][0] => {
      const engines = [{ name: engine, about: '', unit: 'cases', lacking: null }];
      const mutant = someMutant('rx-1', [engineScore(engine, [tried('rx/1', cases)])]);
      return { path: `${engine}.json`, toolVersion: '1', report: someReport([mutant], { engines }) };
    };
    const { mutants, engines, notCaught } = mergeScores([runOf('conform', null), runOf('hostile', 7)]);
    expect(mutants).to.have.length(1);
    expect(mutants[0]).to.deep.include({ caught: true, by: ['hostile'], cases: 1, durationMs: 20 });
    expect(engines.map(({ name }) => name)).to.deep.equal(['conform', 'hostile']);
    expect(notCaught).to.deep.equal([]);
    expect(() => mergeScores([runOf('conform', 1), { ...runOf('conform', 1) }])).to.throw('are both shard 1/1');
  });
});
