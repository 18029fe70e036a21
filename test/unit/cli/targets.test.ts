import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { XMLValidator } from 'fast-xml-parser';
import type { ResultFile } from '../../../testbench/conformance/result';
import type { ClauseVerdict } from '../../../testbench/conformance/verdict';
import { avp } from '../../support/cli';
import { clauseEntry, resultFile } from '../../support/resultFile';
import { TemporaryFolder } from '../../support/temporaryFolder';

const folder = new TemporaryFolder();

/** Verdicts by clause id; one may be invalid. */
type Verdicts = Readonly<Record<string, string>>;

/** The result of one target in shard `index` of `count`. */
function result(target: string, verdicts: Verdicts, index = 1, count = 1): ResultFile {
  const all = Object.entries(verdicts).map(([id, verdict]) =>
    clauseEntry(id, verdict as ClauseVerdict, { replay: `npx avp conform ${id} --target ${target}` }),
  );
  const whole = resultFile(all, { target, versions: { tool: '1.0.0', target: `${target}-1` } });
  return {
    ...whole,
    clauses: all.filter((_clause, at) => at % count === index - 1),
    selection: { ...whole.selection, shard: count === 1 ? null : { index, count } },
  };
}

function written(name: string, ...targets: readonly object[]): string {
  const path = folder.file(name);
  writeFileSync(path, JSON.stringify({ targets, differences: [] }));
  return path;
}

function read(name: string): string {
  return readFileSync(folder.file(name), 'utf8');
}

const OURS: Verdicts = { 'mac/1': 'pass', 'mac/2': 'pass', 'mac/3': 'pass' };
const THEIRS: Verdicts = { 'mac/1': 'pass', 'mac/2': 'fail', 'mac/3': 'skip' };

describe('avp merge of runs on several targets', () => {
  folder.perTest();

  it('prints the matrix and the differences, and writes every report of the whole run', async () => {
    const parts = [1, 2].map((index) =>
      written(`${index}.json`, result('avp', OURS, index, 2), result('dpdk', THEIRS, index, 2)),
    );
    const outputs = [
      '--json',
      folder.file('all.json'),
      '--junit',
      folder.file('j.xml'),
      '--html',
      folder.file('r.html'),
    ];
    const { status, out, err } = await avp('merge', ...parts, ...outputs);
    expect([status, err]).to.deep.equal([1, 'seed 3\n']);
    expect(out)
      .to.match(/^mac\/2 +pass +fail +≠$/m)
      .and.include('avp: pass, as required\n    dpdk: fail, expected e, but a\n');
    const { targets, differences } = JSON.parse(read('all.json')) as {
      targets: { target: string; clauses: { id: string }[] }[];
      differences: { id: string }[];
    };
    expect(targets.map(({ target, clauses }) => [target, ...clauses.map(({ id }) => id)])).to.deep.equal([
      ['avp', 'mac/1', 'mac/2', 'mac/3'],
      ['dpdk', 'mac/1', 'mac/2', 'mac/3'],
    ]);
    expect(differences.map(({ id }) => id)).to.deep.equal(['mac/2']);
    expect(XMLValidator.validate(read('j.xml'))).to.equal(true);
    expect(read('j.xml').match(/<testsuite name="(avp|dpdk): /g)).to.have.length(2);
    expect(read('r.html')).to.include(
      '<th scope="colgroup" colspan="6">avp</th><th scope="colgroup" colspan="6">dpdk</th>',
    );
  });

  it('refuses parts about different targets', async () => {
    const [both, one] = [
      written('b.json', result('avp', OURS), result('dpdk', THEIRS)),
      written('o.json', result('avp', OURS)),
    ];
    const { status, err } = await avp('merge', both, one);
    expect(status).to.equal(2);
    expect(err).to.match(/^avp: [^\n]* are no parts of one run: target is avp,dpdk and avp\n$/);
  });

  it('refuses a file that is not a result of several targets', async () => {
    const { status, err } = await avp(
      'merge',
      written('b.json', result('avp', OURS), result('dpdk', { 'mac/1': 'good' })),
    );
    expect(status).to.equal(2);
    expect(err).to.match(/^avp: [^\n]*targets\[1\]\.clauses\[0\]\.verdict: [^\n]*\n$/);
    expect((await avp('diff', written('e.json'), written('f.json'))).err).to.match(
      /is no result of avp conform --json: targets: /,
    );
  });
});

describe('avp diff of runs on several targets', () => {
  folder.perTest();

  it('compares each target with its former result, and ends with 1 if one got worse', async () => {
    const before = written('old.json', result('avp', OURS), result('dpdk', THEIRS));
    const after = written('new.json', result('avp', OURS), result('dpdk', { ...THEIRS, 'mac/1': 'fail' }));
    const { status, out } = await avp('diff', before, after, '--json', folder.file('d.json'), '--quiet');
    expect([status, out.includes('target avp')]).to.deep.equal([1, false]);
    expect(out)
      .to.match(/^\ntarget dpdk\n\nWorse:\n {2}mac\/1: /)
      .and.include('replay: npx avp conform mac/1 --target dpdk');
    const { targets } = JSON.parse(read('d.json')) as { targets: { target: string; worse: object[] }[] };
    expect(targets.map(({ target, worse }) => `${target} ${worse.length}`)).to.deep.equal(['avp 0', 'dpdk 1']);
    expect((await avp('diff', before, before)).status).to.equal(0);
  });

  it('refuses two files about different targets', async () => {
    const [both, one] = [
      written('b.json', result('avp', OURS), result('dpdk', THEIRS)),
      written('o.json', result('dpdk', THEIRS)),
    ];
    const { status, err } = await avp('diff', both, one);
    expect(status).to.equal(2);
    expect(err).to.match(
      /^avp: [^\n]* about target avp,dpdk and [^\n]* about dpdk: give two results of the same targets\n$/,
    );
  });
});

describe('settings of the C driver', () => {
  for (const [args, says] of [
    [['--testpmd', '/nowhere/dpdk-testpmd', '--target', 'dpdk'], /there is no such file/],
    [['--testpmd', '/bin', '--target', 'dpdk'], /expected a program, the dpdk-testpmd itself/],
    [['--testpmd', '/bin/true', '--target', 'dpdk'], /it does not name its version of DPDK/],
    [['--wrap', 'nobody-has-this -batch', '--target', 'dpdk'], /--wrap: there is no command 'nobody-has-this' here/],
    [['--wrap', "gdb 'x", '--target', 'dpdk'], /a quote is not closed/],
    [['--testpmd', '/bin/true', '--lib-path', '/nowhere', '--target', 'dpdk'], /there is no folder \/nowhere/],
    [['--testpmd', '/bin/true', '--lib-path', '/etc', '--target', 'dpdk'], /expected librte_net_avp\.so\.\* in it/],
    [['--lib-path', '/etc', '--target', 'avp,dpdk'], /give its --testpmd too/],
    [['--wrap', 'gdb', '--target', 'avp'], /--wrap is for --target dpdk/],
    [['--testpmd', '/bin/true', '--target', 'dpdk@25.11'], /--testpmd is for --target dpdk, without a release/],
    [
      ['--target', 'dpdk@23.11'],
      /did you mean 'dpdk@22\.11'\? Expected avp, dpdk, dpdk@22\.11, dpdk@24\.11, dpdk@25\.11, a path such as \.\/mine\.ts, or several/,
    ],
    [['--target', 'dpdk@25.11,dpdk@25.11'], /'dpdk@25\.11' is given twice/],
  ] as const)
    it(`refuses ${args.join(' ')} with status 2 and one clear line`, async () => {
      const { status, out, err } = await avp('conform', 'mac/1', ...args);
      expect([status, out]).to.deep.equal([2, '']);
      expect(err.replace(/^seed 1\n/, ''))
        .to.match(says)
        .and.match(/^avp: [^\n]+\n$/);
    });
});
