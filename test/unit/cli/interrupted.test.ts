import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { XMLValidator } from 'fast-xml-parser';
import { restore, stub } from 'sinon';
import { allClauses } from '../../../testbench/conformance/registry';
import { WaiverBook } from '../../../testbench/conformance/waivers';
import { packageRoot } from '../../../testbench/runtime/package';
import { AvpProcess, avpWords } from '../../support/avpProcess';
import { avp } from '../../support/cli';
import { TemporaryFolder } from '../../support/temporaryFolder';

const ENDLESS = join(packageRoot(), 'test/unit/cli/fixture/endless.ts');

interface Incomplete {
  readonly complete: boolean;
  readonly endedBy?: string;
  readonly notRun?: readonly string[];
  readonly clauses: readonly { readonly id: string; readonly verdict: string }[];
}

const folder = new TemporaryFolder();
const names = (): string[] => readdirSync(folder.path).sort();
const text = (name: string): string => readFileSync(folder.file(name), 'utf8');
const json = (name: string): Incomplete => JSON.parse(text(name)) as Incomplete;

/** Names files with reports of a former run. */
function former(...files: readonly string[]): string[] {
  for (const name of files) writeFileSync(folder.file(name), 'a former run');
  return files.map((name) => folder.file(name));
}

/** Options of `conform` for all kinds of reports, and the files of a former run that they name. */
function reports(): string[] {
  const [r, j, h] = former('r.json', 'j.xml', 'r.html');
  return ['--json', r!, '--junit', j!, '--html', h!];
}

/** Expects that all reports say what ended the run and list all clauses, those that have run and the others. */
function expectIncomplete(endedBy: string, ids: readonly string[]): void {
  expect(names()).to.deep.equal(['j.xml', 'r.html', 'r.json']);
  const { complete, notRun, clauses, ...rest } = json('r.json');
  expect([complete, rest.endedBy]).to.deep.equal([false, endedBy]);
  expect(clauses).to.have.length.above(0);
  expect(notRun).to.have.length.above(0);
  expect([...clauses.map(({ id }) => id), ...notRun!]).to.have.members(ids);
  const says = `this run is incomplete: ${endedBy} ended it, ${notRun!.length} clauses have not run`;
  const xml = text('j.xml');
  expect(XMLValidator.validate(xml)).to.equal(true);
  expect(xml)
    .to.include(`<error message="${says}"`)
    .and.include('<property name="complete" value="false"/>')
    .and.include(`<skipped message="not run: ${endedBy} ended the run"/>`);
  for (const id of ids) expect(xml.split(`name="${id}: `)).to.have.length(2);
  expect(text('r.html')).to.include(`<div class="incomplete" role="alert"><p>${says}.</p>`);
}

describe('a report to a pipe without a reader', () => {
  folder.perTest();

  it('keeps no signal from ending the command', async () => {
    expect(spawnSync('mkfifo', [folder.file('pipe')]).status).to.equal(0);
    const run = new AvpProcess(avpWords('conform', 'pci/1', '--json', folder.file('pipe')));
    await run.until('the summary', () => run.out.includes('1 passed'));
    // The first may come before the command waits for a reader.
    const signals = setInterval(() => void run.end('SIGTERM'), 100);
    const { signal } = await run.ended.finally(() => clearInterval(signals));
    expect(signal).to.equal('SIGTERM');
  });

  it('is given up once a signal has interrupted the run or serve', async () => {
    expect(spawnSync('mkfifo', [folder.file('pipe')]).status).to.equal(0);
    const pipe = folder.file('pipe');
    const run = new AvpProcess(avpWords('run', ENDLESS, '--json', pipe));
    await run.until('the start', () => run.out.includes('running'));
    const { signal, err } = await run.end('SIGINT');
    expect(signal).to.equal('SIGINT');
    expect(err).to.include(`cannot write ${pipe}: nobody reads the pipe`);
    const serve = new AvpProcess(avpWords('serve', '--dir', folder.file('vm'), '--json', pipe));
    await serve.until('the ready line', () => serve.out.includes('"pid"'));
    const end = await serve.end('SIGTERM');
    expect([end.status, end.signal]).to.deep.equal([2, null]);
    expect(end.err).to.include('nobody reads the pipe');
    expect(names()).to.not.include('vm');
  });
});

describe('avp conform that is cut short', () => {
  folder.perTest();
  const ids = allClauses.map(({ id }) => id);

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    it(`writes what it has by ${signal}, says what has not run, and ends by the signal`, async () => {
      const run = new AvpProcess(avpWords('conform', '--jobs', '2', ...reports()));
      await run.until('the first result', () => run.out.includes('✔'));
      const { signal: endedBy, out } = await run.end(signal);
      expect(endedBy).to.equal(signal);
      expectIncomplete(signal, ids);
      expect(out).to.match(new RegExp(`this run is incomplete: ${signal} ended it, \\d+ clauses have not run\n$`));
    });

  it('writes the whole JSON result to a pipe before it ends by the signal', async () => {
    const run = new AvpProcess(avpWords('conform', '--json', '-'));
    await run.until('the first result', () => run.err.includes('✔'));
    const { signal, out } = await run.end('SIGTERM');
    expect(signal).to.equal('SIGTERM');
    const { clauses, notRun } = JSON.parse(out) as Incomplete;
    expect([...clauses.map(({ id }) => id), ...notRun!]).to.have.members(ids);
  });

  it('writes what it has if the bench fails, and then says how it failed', async () => {
    let judged = 0;
    stub(WaiverBook.prototype, 'judge').callsFake((result) => {
      if (judged++ === 1) throw new Error('broken on purpose');
      return result;
    });
    const { status, err } = await avp('conform', 'pci', ...reports()).finally(restore);
    expect(status).to.equal(2);
    expect(err).to.include('internal error: Error: broken on purpose');
    expectIncomplete(
      'an internal error',
      ids.filter((id) => id.startsWith('pci/')),
    );
  });

  it('leaves no report of the former run if it is killed', async () => {
    const run = new AvpProcess(avpWords('conform', ...reports()));
    await run.until('the first result', () => run.out.includes('✔'));
    await run.end('SIGKILL');
    expect(names()).to.deep.equal([]);
  });

  it('gives a result that merge and diff refuse', async () => {
    const [whole, cut] = [folder.file('whole.json'), folder.file('cut.json')];
    await avp('conform', 'mac/1', '--json', whole);
    const result = JSON.parse(text('whole.json')) as object;
    writeFileSync(cut, JSON.stringify({ ...result, complete: false, endedBy: 'SIGTERM', notRun: ['mac/2'] }));
    for (const args of [
      ['merge', cut],
      ['diff', whole, cut],
      ['diff', cut, whole],
    ]) {
      const { status, err } = await avp(...args);
      expect(status).to.equal(2);
      expect(err).to.include('cut.json is incomplete: SIGTERM ended its run; give the result of a run that ended');
    }
  });

  it('says so after --bail too, and its result can be compared', async () => {
    const waiver = { id: 'mac/1', target: 'avp', reason: 'r', expires: '9999-12-31' };
    writeFileSync(folder.file('w.json'), JSON.stringify([waiver]));
    stub(WaiverBook.prototype, 'judge').callsFake((result) => ({ ...result, verdict: 'fail', detail: 'on purpose' }));
    const { status } = await avp('conform', 'mac', '--bail', ...reports()).finally(restore);
    expect(status).to.equal(1);
    const { complete, endedBy, notRun, clauses } = json('r.json');
    expect([complete, endedBy, clauses.length]).to.deep.equal([false, '--bail', 1]);
    expect(notRun).to.have.length.above(0);
    expect(text('j.xml')).to.include('not run: --bail ended the run').and.not.include('<error');
    expect((await avp('diff', folder.file('r.json'), folder.file('r.json'))).status).to.equal(0);
  });
});

describe('avp run that is cut short', () => {
  folder.perTest();

  const options = (): string[] => {
    const [r, p, t, h] = former('r.json', 'p.pcapng', 't.json', 'r.html');
    return [
      '--json',
      r!,
      '--pcap',
      p!,
      '--trace',
      t!,
      '--html',
      h!,
      '--dump',
      folder.file('dump'),
      '--bundle',
      folder.file('bundle'),
    ];
  };

  it('reports an incomplete run, no evidence of it, and ends by the signal', async () => {
    const run = new AvpProcess(avpWords('run', ENDLESS, ...options()));
    await run.until('the start', () => run.out.includes('running'));
    const { signal, out } = await run.end('SIGINT');
    expect(signal).to.equal('SIGINT');
    expect(out).to.match(
      /^running\n +SIGINT ended the run\n +replay: .*\nendless: error \(mode inline, engine ts\)\n$/,
    );
    expect(json('r.json')).to.include({ complete: false, endedBy: 'SIGINT', verdict: 'error' });
    expect([names(), readdirSync(folder.file('bundle'))]).to.deep.equal([['bundle', 'r.html', 'r.json'], []]);
    expect(text('r.html')).to.include(
      '<div class="incomplete" role="alert"><p>this run is incomplete: SIGINT ended it.</p>',
    );
  });

  it('leaves no report of the former run if it is killed', async () => {
    const run = new AvpProcess(avpWords('run', ENDLESS, ...options()));
    await run.until('the start', () => run.out.includes('running'));
    await run.end('SIGKILL');
    expect(names()).to.deep.equal(['bundle']);
  });
});
