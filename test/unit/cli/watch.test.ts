import { copyFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { withImports } from '../../../cli/watch/importedFiles';
import { packageRoot } from '../../../testbench/runtime/package';
import { avp } from '../../support/cli';
import { AvpProcess, avpWords } from '../../support/avpProcess';
import { TemporaryFolder } from '../../support/temporaryFolder';

const SCRIPT = `
const { scenario } = require('avp-testbench');
const { wanted } = require('./helper');
exports.watched = scenario({ name: 'watched', about: 'x' }, async (bench) => bench.expect('one', 1, wanted));`;

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

describe('--watch', function () {
  this.timeout(400_000);
  const folder = new TemporaryFolder().perTest();
  let running: AvpProcess | null = null;

  afterEach(async () => {
    if (running !== null && !running.hasEnded) await running.end('SIGTERM');
    running = null;
  });

  function watch(...args: readonly string[]): AvpProcess {
    running = new AvpProcess(avpWords(...args, '--watch'));
    return running;
  }

  /** Waits until the command has ended a given number of times. */
  const runs = (process: AvpProcess, times: number): Promise<void> =>
    process.until(`run ${times} ends`, () => count(process.err, 'waits for an edit') >= times);

  it('runs a scenario again after an edit of what it imports and at Enter, and ends at q with the last status', async () => {
    const file = folder.file('watched.js');
    writeFileSync(file, SCRIPT);
    const helper = (text: string): void => {
      // Editors save in this way: they put a new file in the place of the old one.
      writeFileSync(folder.file('new'), text);
      renameSync(folder.file('new'), folder.file('helper.js'));
    };
    helper('exports.wanted = 1;');
    const process = watch('run', file);
    await runs(process, 1);
    expect(process.err).to.include('exit status 0; waits for an edit: Enter runs again, q ends');
    helper('exports.wanted = 2;');
    await runs(process, 2);
    expect(process.err).to.include('helper.js has changed').and.include('exit status 1;');
    expect(process.out).to.include('watched: pass').and.include('watched: fail');
    // An edit of something else changes nothing.
    writeFileSync(folder.file('other.js'), '');
    process.write('');
    await runs(process, 3);
    expect(count(process.err, 'has changed')).to.equal(1);
    process.write('q');
    expect(await process.ended).to.include({ status: 1, signal: null });
  });

  it('ends a run that an edit makes useless, and starts again', async () => {
    const file = folder.file('endless.js');
    const text =
      "const { scenario } = require('avp-testbench'); exports.x = scenario({ name: 'x', about: 'x' }, async (bench) => { BODY });";
    writeFileSync(
      file,
      text.replace('BODY', "console.log('begins'); await new Promise((go) => setTimeout(go, 600_000));"),
    );
    const process = watch('run', file);
    await process.until('the script runs', () => process.out.includes('begins'));
    writeFileSync(file, text.replace('BODY', "bench.expect('one', 1, 1)"));
    await runs(process, 1);
    expect(process.out).to.include('x: pass');
    process.write('q');
    expect((await process.ended).status).to.equal(0);
  });

  it('runs clauses again after an edit of the driver under test', async () => {
    const target = folder.file('mine.ts');
    copyFileSync(join(packageRoot(), 'test/support/targets/wrapped.ts'), target);
    const process = watch('conform', 'mac/1', '--target', target);
    await runs(process, 1);
    copyFileSync(join(packageRoot(), 'testbench/targetTemplate.ts'), target);
    await runs(process, 2);
    expect(process.out).to.include('✔ mac/1').and.include('this template has no driver behind it');
    process.write('q');
    expect((await process.ended).status).to.equal(1);
  });

  it('refuses a script that is not there', async () => {
    const { status, err } = await avp('run', './nothing.ts', '--watch');
    expect(status).to.equal(2);
    expect(err).to.include("there is no such file './nothing.ts'");
  });

  it('follows imports from file to file, also in a circle and by folder', () => {
    mkdirSync(folder.file('inner'));
    const files: Readonly<Record<string, string>> = {
      'a.ts': "import { b } from './b.js'; import 'node:fs'; export const c = require('./inner');",
      'b.ts': "export * from './a'; export const d = import('./data.json');",
      'inner/index.js': "require('../c.cjs')",
      'c.cjs': '',
      'data.json': '{}',
      'other.ts': '',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(folder.file(name), text);
    const found = withImports([folder.file('a.ts')]);
    expect(found.sort()).to.deep.equal(
      ['a.ts', 'b.ts', 'c.cjs', 'data.json', 'inner/index.js'].map((name) => folder.file(name)),
    );
  });
});
