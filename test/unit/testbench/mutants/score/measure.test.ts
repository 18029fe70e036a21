import { expect } from 'chai';
import { findVariant } from '../../../../../testbench/mutants/catalog';
import type { AnyVariant, Mutant, Race } from '../../../../../testbench/mutants/build/mutant';
import type { Sample, TryOrder } from '../../../../../testbench/mutants/score/engine';
import { engineNamed, ENGINES } from '../../../../../testbench/mutants/score/engines';
import { measureScore, type ScoreSettings } from '../../../../../testbench/mutants/score/measure';
import { mergeScores } from '../../../../../testbench/mutants/score/merge';
import { isGood, type ScoreReport } from '../../../../../testbench/mutants/score/report';
import { scoreSchema } from '../../../../../testbench/mutants/score/result';
import { runJobs } from '../../../../../testbench/mutants/score/threads';

const CRC = findVariant('rx-crc-taken-off') as Mutant;
const MAGIC = findVariant('info-magic-unchecked') as Mutant;

const SETTINGS: ScoreSettings = {
  ids: [],
  engines: ['conform'],
  seeds: 3,
  schedules: 500,
  all: false,
  seed: 1,
  jobs: 2,
  shard: null,
  stop: new AbortController().signal,
  onProgress: () => {},
};

function measured(variants: readonly AnyVariant[], over: Partial<ScoreSettings> = {}): Promise<ScoreReport> {
  return measureScore({ ...SETTINGS, variants, ...over });
}

/** A result without what differs from run to run. */
function timeless(report: ScoreReport): unknown {
  return JSON.parse(
    JSON.stringify(report, (key, value: unknown) => (key === 'durationMs' || key === 'startedAt' ? 0 : value)),
  );
}

/** Runs one try of an engine on a variant, or on the product. */
async function oneTry(engine: string, variant: string | null, how: string): Promise<readonly Sample[]> {
  const order: TryOrder = { engine, variant, how, seed: 1, size: { seeds: 1, schedules: 500, all: false } };
  let found: readonly Sample[] = [];
  const onTried = (_order: TryOrder, samples: readonly Sample[]): void => void (found = samples);
  const job = { engine: engineNamed(engine), orders: [order], lastResort: [], onTried, onEnd: () => {} };
  await runJobs([job], 1, new AbortController().signal);
  return found;
}

describe('score of the broken variants', function () {
  this.timeout(300_000);

  it('measures which clause catches a variant, and that the product passes it', async () => {
    const report = await measured([CRC]);
    expect(report.mutants[0]).to.include({ id: CRC.id, caught: true, cases: 1, race: false });
    expect(report.mutants[0]!.by).to.deep.equal(['conform']);
    expect(report.clauses.find(({ id }) => id === 'rx/1')!.variants).to.deep.equal([CRC.id]);
    expect(report.clean.map(({ how, report: said }) => [how, said])).to.deep.equal([['rx/1', null]]);
    expect(report).to.include({ cleanReports: 0 });
    expect(isGood(report)).to.equal(true);
  });

  it('tells a variant that nothing catches, although the catalog names a clause', async () => {
    const report = await measured([{ ...CRC, fails: ['pci/1'] }]);
    expect(report.notCaught).to.deep.equal([CRC.id]);
    expect(report.mutants[0]).to.include({ caught: false, cases: null });
    expect(isGood(report)).to.equal(false);
  });

  it('has the JSON form that merge and the page read', async () => {
    const report = await measured([CRC, { ...MAGIC, fails: ['pci/1'] }]);
    expect(scoreSchema.parse(JSON.parse(JSON.stringify(report)))).to.deep.equal(report);
  });

  it('is the same in one piece and in merged shards', async () => {
    const variants = [CRC, MAGIC, { ...findVariant('rx-no-mbuf-limit'), fails: ['rx/3'], row: null } as Mutant];
    const whole = await measured(variants);
    const parts = [];
    for (const index of [2, 1])
      parts.push({
        path: `${index}.json`,
        toolVersion: '1',
        report: await measured(variants, { shard: { index, count: 2 } }),
      });
    expect(parts.map(({ report }) => report.mutants.length)).to.deep.equal([1, 2]);
    expect(timeless(mergeScores(parts))).to.deep.equal(timeless(whole));
  });

  it('explores a race with each scheduler, and takes the median of the seeds', async () => {
    const race = findVariant('race-fifo-index-before-slot') as Race;
    const report = await measured([race], { engines: ['explore'], schedules: 200 });
    const [{ engines, caught }] = report.mutants as [ScoreReport['mutants'][0]];
    const tries = engines[0]!.tries;
    expect(caught, race.id).to.equal(true);
    // The weaker memory models with the two schedulers that find most.
    expect(tries.map(({ how }) => how))
      .to.include.members(['fifo dfs sc', 'fifo surw sc', 'fifo pct tso', 'fifo pos pso'])
      .and.not.to.include('fifo surw pso');
    expect(tries.find(({ how }) => how === 'fifo pct sc')).to.include({ samples: 3, caught: 3 });
    expect(tries.find(({ how }) => how === 'fifo dfs sc')!.samples).to.equal(1);
    expect(report.cleanReports).to.equal(0);
  });

  it('says nothing against a variant that equals the product', async () => {
    const race = findVariant('race-fifo-write-not-acquired') as Race;
    expect(race.equivalent).to.be.a('string');
    const report = await measured([race], { engines: ['explore'], schedules: 20 });
    expect(report).to.deep.include({ notCaught: [], wronglyEquivalent: [], cleanReports: 0 });
  });

  for (const [engine, how] of [
    ['property', 'test/property/joint/packetLengths.test.ts'],
    ['hostile', 'receive'],
    ['faults', 'mixed-queues network.loss'],
  ] as const)
    it(`${engine} catches a variant, and reports nothing on the product`, async () => {
      const variant = engine === 'hostile' ? 'rx-no-mbuf-limit' : CRC.id;
      const [found] = await oneTry(engine, variant, how);
      expect(found, engine).to.include({ caught: true });
      expect(found!.cases).to.be.at.least(1);
      expect(found!.detail).to.not.equal('');
      const [clean] = await oneTry(engine, null, how);
      expect(clean).to.include({ caught: false, detail: '' });
    });

  it('has engines with different names, each of which can run in a checkout', () => {
    expect(new Set(ENGINES.map(({ name }) => name)).size).to.equal(ENGINES.length);
    for (const engine of ENGINES) expect(engine.lacking(), engine.name).to.equal(null);
  });
});
