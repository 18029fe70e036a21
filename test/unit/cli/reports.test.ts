import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { XMLValidator } from 'fast-xml-parser';
import { toolVersion } from '../../../testbench/runtime/package';
import { allClauses } from '../../../testbench/conformance/registry';
import type { ClauseVerdict } from '../../../testbench/conformance/verdict';
import { avp } from '../../support/cli';
import { clauseEntry, resultFile } from '../../support/resultFile';
import { TemporaryFolder } from '../../support/temporaryFolder';

interface Result {
  readonly counts: Readonly<Record<string, number>>;
  readonly selection: { readonly basis: readonly string[] };
  readonly clauses: readonly { readonly id: string; readonly verdict: string; readonly basis: string }[];
  readonly waivers?: readonly { readonly id: string; readonly state: string }[];
}

const folder = new TemporaryFolder();

function file(name: string): string {
  return folder.file(name);
}

function written(name: string, content: unknown): string {
  writeFileSync(file(name), typeof content === 'string' ? content : JSON.stringify(content));
  return file(name);
}

function read(name: string): Result {
  return JSON.parse(readFileSync(file(name), 'utf8')) as Result;
}

/** The result without its times, which differ from run to run. */
function timeless(name: string): string {
  const {
    startedAt: _startedAt,
    durationMs: _durationMs,
    ...rest
  } = JSON.parse(readFileSync(file(name), 'utf8')) as Record<string, unknown>;
  return JSON.stringify(rest).replace(/"durationMs":\d+/g, '');
}

/** Writes a result file, in the form that `avp conform` writes. A verdict may be invalid. */
function handMade(
  name: string,
  verdicts: Readonly<Record<string, string>>,
  over: Readonly<Record<string, unknown>> = {},
): string {
  const clauses = Object.entries(verdicts).map(([id, verdict]) =>
    clauseEntry(id, verdict as ClauseVerdict, { level: id === 'mac/4' ? 'SHOULD' : 'MUST' }),
  );
  const versions = { tool: toolVersion(), target: '1.0.0' };
  return written(name, { ...resultFile(clauses, { versions }), ...over });
}

describe('reports of avp conform', () => {
  folder.perTest();

  it('can all be written in one run, for the selected clauses', async () => {
    const reports = ['--junit', file('j.xml'), '--html', file('r.html'), '--json', file('r.json')];
    const { status } = await avp('conform', 'mac/1', 'fifo', '--exclude', 'fifo/2', '--quiet', ...reports);
    expect(status).to.equal(0);
    const ids = read('r.json').clauses.map(({ id }) => id);
    expect(ids).to.include('mac/1').and.include('fifo/1').and.not.include('fifo/2');
    const [xml, page] = [readFileSync(file('j.xml'), 'utf8'), readFileSync(file('r.html'), 'utf8')];
    expect(XMLValidator.validate(xml)).to.equal(true);
    for (const id of ids) {
      expect(xml).to.include(`name="${id}: `);
      expect(page).to.include(`id="${id.replace('/', '-')}"`);
    }
    expect(page).to.include('class="hex"').and.include('device config: 1 receive and 1 transmit queues');
  });

  it('select by basis, in shards too, and the result says so', async () => {
    const run = ['conform', 'mac', 'link', '--basis', 'protocol,ethdev', '--quiet'];
    await avp(...run, '--exclude', 'mac/2', '--json', file('whole.json'));
    const { selection, clauses } = read('whole.json');
    expect(selection.basis).to.deep.equal(['protocol', 'ethdev']);
    expect(clauses.map(({ id }) => id))
      .to.include('mac/1')
      .and.not.include('mac/2');
    for (const { basis } of clauses) expect(basis).to.be.oneOf(['protocol', 'ethdev']);
    for (const index of [1, 2])
      await avp(...run, '--exclude', 'mac/2', '--shard', `${index}/2`, '--json', file(`${index}.json`));
    const { status } = await avp('merge', file('1.json'), file('2.json'), '--json', file('merged.json'));
    expect([status, timeless('merged.json')]).to.deep.equal([0, timeless('whole.json')]);
  });

  it('list what each clause rests on', async () => {
    const { status, out } = await avp('conform', '--list', '--basis', 'reading', '--json', '-');
    const { clauses } = JSON.parse(out) as { clauses: Readonly<Record<string, string | null>>[] };
    expect([status, clauses.length]).to.deep.equal([0, allClauses.filter(({ basis }) => basis === 'reading').length]);
    for (const { id, basis, level, note } of clauses) {
      expect([id, basis, level]).to.deep.equal([id, 'reading', 'SHOULD']);
      expect(note).to.match(/^\S.{30,}\.$/);
    }
    expect((await avp('conform', '--list', 'mac/1')).out).to.equal(
      'mac/1        MUST   protocol section 14  the port has the address of the device info\n',
    );
  });

  it('of shards merge into the clauses and verdicts of a single run', async () => {
    const run = ['conform', 'mac', 'link', '--seed', '9', '--quiet'];
    await avp(...run, '--json', file('whole.json'));
    for (const index of [1, 2]) await avp(...run, '--shard', `${index}/2`, '--json', file(`${index}.json`));
    const { status, out, err } = await avp(
      'merge',
      ...[2, 1].map((index) => file(`${index}.json`)),
      '--json',
      file('merged.json'),
      '--junit',
      file('j.xml'),
      '--html',
      file('r.html'),
    );
    expect([status, err]).to.deep.equal([0, 'seed 9\n']);
    expect(out).to.include(`${read('whole.json').clauses.length} clauses: `);
    expect(timeless('merged.json')).to.equal(timeless('whole.json'));
    expect(XMLValidator.validate(readFileSync(file('j.xml'), 'utf8'))).to.equal(true);
    expect(readFileSync(file('r.html'), 'utf8'))
      .to.include('id="mac-1"')
      .and.include('<h4>Requirement</h4>');
  });
});

describe('waivers of avp conform', () => {
  folder.perTest();

  const far = '9999-12-31';

  async function conform(waivers: unknown, ...args: readonly string[]): ReturnType<typeof avp> {
    return avp('conform', 'mac/1', 'mac/2', '--waivers', written('w.json', waivers), '--json', file('r.json'), ...args);
  }

  function states(): string[] {
    return (read('r.json').waivers ?? []).map(({ id, state }) => `${id} ${state}`);
  }

  it('are reported if they have expired, name no clause or are not needed, even with --quiet', async () => {
    const waiver = { target: 'avp', reason: 'x', expires: far };
    const others = [
      { ...waiver, id: 'mac/99' },
      { ...waiver, id: 'mac/2', expires: '2020-02-29' },
      { ...waiver, id: 'mac/3' },
    ];
    const { status, out } = await conform([{ ...waiver, id: 'mac/1' }, ...others], '--quiet');
    expect(status).to.equal(1);
    expect(out).to.include('✘ waiver mac/1 for avp is unused: the clause passes: take the waiver out\n');
    expect(out).to.include(
      "✘ waiver mac/99 for avp is unknown: there is no clause 'mac/99': did you mean 'mac/1'? Run avp conform --list for all\n",
    );
    expect(out).to.match(
      /✘ waiver mac\/2 for avp is expired: it held until 2020-02-29, and today is \d{4}-\d\d-\d\d\n/,
    );
    expect(states()).to.deep.equal(['mac/1 unused', 'mac/99 unknown', 'mac/2 expired', 'mac/3 unjudged']);
  });

  it('are refused in one line before anything runs if they are malformed', async () => {
    for (const content of ['no json', '{}', '[{"id":"mac/1"}]']) {
      const { status, out, err } = await conform(content);
      expect([status, out]).to.deep.equal([2, '']);
      expect(err).to.match(/^seed 1\navp: [^\n]*w\.json [^\n]+\n$/);
    }
  });
});

describe('avp merge', () => {
  folder.perTest();

  it('ends with the exit status that the whole run would have', async () => {
    const ends = async (verdicts: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<number> =>
      (await avp('merge', handMade('m.json', verdicts), ...args)).status;
    expect(await ends({ 'mac/1': 'pass', 'mac/2': 'skip' })).to.equal(0);
    expect(await ends({ 'mac/1': 'pass', 'mac/2': 'waived' }, '--strict')).to.equal(0);
    expect(await ends({ 'mac/1': 'fail' })).to.equal(1);
    expect(await ends({ 'mac/1': 'blocked' })).to.equal(1);
    expect(await ends({ 'mac/4': 'fail' })).to.equal(0);
    expect(await ends({ 'mac/4': 'fail' }, '--strict')).to.equal(1);
  });

  it('reports a waiver that no shard needed, but not one that some shard needed', async () => {
    const waiver = { id: 'mac/1', target: 'avp', reason: 'x', expires: '9999-12-31', detail: 'd' };
    const shard = (index: number, state: string): string =>
      handMade(`${index}.json`, index === 1 ? { 'mac/1': 'pass' } : { 'mac/2': 'pass' }, {
        selection: { ids: [], exclude: [], repeat: 1, shard: { index, count: 2 }, clauses: 2 },
        waivers: [{ ...waiver, state }],
      });
    expect((await avp('merge', shard(1, 'used'), shard(2, 'unjudged'))).status).to.equal(0);
    const { status, out } = await avp('merge', shard(1, 'unused'), shard(2, 'unjudged'));
    expect([status, out.includes('waiver mac/1 for avp is unused')]).to.deep.equal([1, true]);
  });
});

describe('avp diff', () => {
  folder.perTest();

  const before = { 'mac/1': 'pass', 'mac/2': 'fail', 'mac/3': 'pass', 'mac/4': 'pass' };

  it('ends with 1 if a clause got worse, and prints why and how to run it again', async () => {
    const after = { 'mac/1': 'fail', 'mac/2': 'pass', 'mac/3': 'pass', 'link/1': 'pass' };
    const { status, out } = await avp(
      'diff',
      handMade('old.json', before),
      handMade('new.json', after),
      '--json',
      file('d.json'),
    );
    expect(status).to.equal(1);
    expect(out)
      .to.include('Worse:\n  mac/1: title of mac/1 (pass -> fail)\n      requirement: r\n')
      .and.include('replay: npx avp conform mac/1');
    expect(out).to.include('Better:\n  mac/2: ').and.include('New:\n  link/1: ').and.include('Gone:\n  mac/4: ');
    const { counts, worse, versions } = JSON.parse(readFileSync(file('d.json'), 'utf8')) as Record<string, unknown>;
    expect(counts).to.deep.equal({ worse: 1, better: 1, changed: 0, new: 1, gone: 1, same: 1 });
    expect(worse).to.have.length(1);
    expect(versions).to.deep.equal({ tool: toolVersion() });
  });

  it('reads results of older versions, which had no basis and showed waived failures as passes', async () => {
    const detail = 'waived until 2026-12-31: known\nrequirement: r';
    const { clauses, selection, ...rest } = resultFile([
      clauseEntry('mac/1', 'pass', { detail }),
      clauseEntry('mac/2', 'pass', { detail }),
      clauseEntry('mac/3', 'pass'),
    ]);
    const { basis: _bases, ...oldSelection } = selection;
    const old = { ...rest, selection: oldSelection, clauses: clauses.map(({ basis: _basis, ...clause }) => clause) };
    const { status, out } = await avp(
      'diff',
      written('old.json', old),
      handMade('new.json', { 'mac/1': 'waived', 'mac/2': 'pass', 'mac/3': 'pass' }),
    );
    expect(status).to.equal(0);
    expect(out).to.include('Better:\n  mac/2: title of mac/2 (waived -> pass)\n').and.include('0 worse, 1 better');
    expect(out).to.include('2 same');
    expect((await avp('merge', written('old.json', old), '--json', file('m.json'))).status).to.equal(0);
    expect(read('m.json').counts).to.include({ pass: 1, waived: 2 });
  });

  it('ends with 0 if no clause got worse, and prints both seeds', async () => {
    const { status, err } = await avp(
      'diff',
      handMade('old.json', before),
      handMade('new.json', { ...before, 'mac/2': 'pass' }, { seed: 8 }),
      '--quiet',
    );
    expect([status, err]).to.deep.equal([0, 'seed 3 and 8\n']);
  });
});

describe('avp merge and diff, used wrongly', () => {
  folder.perTest();

  async function refusalOf(...args: readonly string[]): Promise<string> {
    const { status, out, err } = await avp(...args);
    expect([status, out]).to.deep.equal([2, '']);
    expect(err).to.match(/^avp: [^\n]+\n$/);
    return err;
  }

  it('refuse a file that is not a result, in one line', async () => {
    const good = handMade('good.json', { 'mac/1': 'pass' });
    for (const command of ['merge', 'diff']) {
      expect(await refusalOf(command)).to.include('missing required argument');
      expect(await refusalOf(command, file('none.json'), good)).to.match(/cannot read .*none\.json/);
      expect(await refusalOf(command, written('bad.json', '{"a":'), good)).to.include('is no JSON');
      expect(await refusalOf(command, written('list.json', '[]'), good)).to.include(
        'is no result of avp conform --json',
      );
      expect(await refusalOf(command, handMade('v.json', { 'mac/1': 'good' }), good)).to.include('clauses[0].verdict');
      expect(await refusalOf(command, good, good, '--seed', '9')).to.include('was made with seed 3, not 9');
    }
  });

  it('refuse results that do not belong together', async () => {
    const good = handMade('good.json', { 'mac/1': 'pass' });
    const other = handMade('other.json', { 'mac/1': 'pass' }, { target: 'dpdk' });
    expect(await refusalOf('merge', good, good)).to.include('are both shard 1/1');
    expect(await refusalOf('merge', good, other)).to.include('target is avp and dpdk');
    expect(await refusalOf('diff', good, other)).to.include('about target avp');
    expect(await refusalOf('diff', good)).to.include('missing required argument');
    expect(await refusalOf('diff', good, good, good)).to.include('too many arguments');
  });
});
