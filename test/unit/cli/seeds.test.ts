import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { avp } from '../../support/cli';
import { TemporaryFolder } from '../../support/temporaryFolder';

/** Even seeds fail, the later the higher; 5 throws, and 9 is refused. */
const SCRIPT = `
const { scenario } = require('avp-testbench');
const { UsageError } = require('avp-testbench/shared');
exports.parity = scenario(
  { name: 'parity', about: 'x', modes: ['inline', 'threads'], settings: { base: { default: '100', about: 'x' } } },
  async (bench) => {
    console.log('it prints');
    await bench.runFor(Number(bench.setting('base')) - 10 * bench.seed);
    if (bench.seed === 5) throw new Error('five\\nis odd');
    if (bench.seed === 9) throw new UsageError('nine is refused');
    bench.expect('the seed is odd', bench.seed % 2, 1);
  },
);`;

interface SeedsJson {
  readonly ran: number;
  readonly failures: readonly { readonly seed: number; readonly replay: string }[];
  readonly shortest: { readonly seed: number; readonly replay: string };
}

describe('avp run --seeds', function () {
  this.timeout(300_000);
  const folder = new TemporaryFolder().perSuite();

  function script(): string {
    const file = folder.file('parity.js');
    writeFileSync(file, SCRIPT);
    return file;
  }

  it('prints a line for each failure and the shortest replay, however many run at a time', async () => {
    const file = script();
    const results: unknown[] = [];
    for (const jobs of ['1', '3']) {
      const { status, out, err } = await avp('run', file, '--seeds', '2..7', '--jobs', jobs, '--json', '-');
      expect(status).to.equal(1);
      expect(err.split('\n').filter((line) => line !== '')).to.deep.equal([
        'seeds 2..7',
        '  ✘ seed 2  fail at 80.0 ms: the seed is odd: expected 1, actual 0',
        '  ✘ seed 4  fail at 60.0 ms: the seed is odd: expected 1, actual 0',
        '  ✘ seed 5  error at 50.0 ms: Error: five',
        '  ✘ seed 6  fail at 40.0 ms: the seed is odd: expected 1, actual 0',
        `    shortest replay: npx avp run ${file} --seed 6`,
        'parity: 4 of 6 seeds failed (seeds 2..7, mode inline, engine ts)',
      ]);
      const result = JSON.parse(out) as SeedsJson;
      expect(result).to.deep.include({ scenario: 'parity', seeds: { from: 2, to: 7 }, ran: 6, complete: true });
      expect(result.failures.map(({ seed }) => seed)).to.deep.equal([2, 4, 5, 6]);
      expect(result.shortest).to.include({ seed: 6, atMs: 40, replay: `npx avp run ${file} --seed 6` });
      results.push(result);
    }
    expect(results[0]).to.deep.equal(results[1]);
  });

  it('passes where all seeds do, in mode threads too, and keeps settings in the replay', async () => {
    const file = script();
    const good = await avp('run', file, '--seeds', '3..3', '--mode', 'threads');
    expect([good.status, good.out.split(',')[0]]).to.deep.equal([0, 'parity: pass (seeds 3..3']);
    expect(good.out).to.include('mode threads');
    const bad = await avp('run', file, '--seeds', '8..9', '--set', 'base=99', '--quiet');
    expect(bad.status).to.equal(1);
    expect(bad.out)
      .to.include('✘ seed 9  error: nine is refused\n')
      .and.include(`shortest replay: npx avp run ${file} --set base=99 --seed 8\n`);
  });

  it('refuses what is for one run, and ranges that are none', async () => {
    const file = script();
    const cases: readonly (readonly [args: string, says: string])[] = [
      ['--seeds 1', 'expected A..B'],
      ['--seeds 5..4', 'expected A..B'],
      ['--seeds 0..1000000', 'at most 1000000 seeds'],
      ['--seeds 1..2 --seed 1', 'give one of them'],
      ['--seeds 1..2 --trace t', '--trace is for one run'],
      ['--seeds 1..2 --every-fault ctrl', '--every-fault and --seeds: give one of them'],
      ['--seeds 1..2 --set bas=1', "did you mean 'base'?"],
      ['--seeds 9..10', 'nine is refused'],
      ['--jobs 2', '--jobs is for that or --seeds'],
    ];
    for (const [args, says] of cases) {
      const { status, out, err } = await avp('run', file, ...args.split(' '));
      expect([status, out], args).to.deep.equal([2, '']);
      expect(err, args).to.include(says);
    }
  });
});
