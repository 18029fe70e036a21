import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { testSeed } from '../../runner/seed';
import { TestRun } from '../../runner/testRun';
import { TemporaryFolder } from '../../support/temporaryFolder';

const GOOD = "it('is good', () => {});";

describe('test run in several processes', () => {
  const folder = new TemporaryFolder().perTest();

  /** Runs files with these texts, by name. Returns the printed text and the exit status. */
  async function run(
    texts: Readonly<Record<string, string>>,
    processes = 1,
  ): Promise<{ status: number; text: string; lines: string[] }> {
    const files = Object.entries(texts).map(([name, content]) => {
      const file = folder.file(`${name}.test.ts`);
      writeFileSync(file, content);
      return file;
    });
    let text = '';
    const testRun = new TestRun({
      processes,
      colors: false,
      print: (more) => (text += more),
      finished: () => undefined,
    });
    await testRun.run(files);
    const status = testRun.finish();
    return { status, text, lines: text.trimEnd().split('\n') };
  }

  it('prints a block for each file, and the sums on the last line', async () => {
    const files = {
      a: "describe('first', () => { it('prints', () => { console.log('a word'); }); });",
      b: "describe('second', () => { it('passes', () => {}); it('will be written'); });",
    };
    const { status, text, lines } = await run(files, 2);
    expect(status).to.equal(0);
    expect(text).to.match(/\/a\.test\.ts \(\d+\.\d s\)\n {2}first\na word\n {4}✔ prints\n\n/);
    expect(text).to.match(/\/b\.test\.ts \(\d+\.\d s\)\n {2}second\n {4}✔ passes\n {4}- will be written\n\n/);
    expect(lines.at(-1)).to.equal('2 passed, 0 failed, 1 skipped');
  });

  it('lists the failures of all files after the last block, each with a replay command', async () => {
    const { status, text, lines } = await run({
      a: "it('breaks', () => { throw new Error('planted'); });",
      b: "describe('suite', () => { before(() => { throw new Error('hooked'); }); it('never runs', () => {}); });",
      c: GOOD,
    });
    expect(status).to.equal(1);
    expect(text).to.match(/^ {2}1\) [^]*^ {2}2\) /m);
    expect(text)
      .to.match(/breaks:\n {5}Error: planted\n[^]*at .*a\.test\.ts:1:/)
      .and.include('Error: hooked');
    const replays = lines.filter((line) => line.startsWith(`replay: AVP_SEED=${testSeed} npx mocha --spec `)).sort();
    expect(replays).to.have.length(2);
    expect(replays[0]).to.match(/a\.test\.ts' --fgrep 'breaks'$/);
    expect(replays[1]).to.match(/b\.test\.ts' --fgrep 'suite'$/);
    expect(lines.at(-1)).to.equal('1 passed, 2 failed');
  });

  it('uses one seed for all files', async () => {
    const text = `import fc from 'fast-check'; it('fails', () => { fc.assert(fc.property(fc.nat(), () => false)); });`;
    const planted = text.replace("'fast-check'", `'${require.resolve('fast-check')}'`);
    expect((await run({ a: planted, b: planted })).text.split(`{ seed: ${testSeed},`)).to.have.length(3);
  });

  it('continues after a file that ends its process, and fails', async () => {
    const { status, text, lines } = await run({
      a: "it('leaves', () => { console.log('last words'); process.exit(0); });",
      b: "it('is killed', () => { process.kill(process.pid, 'SIGKILL'); });",
      c: GOOD,
      d: GOOD,
    });
    expect(status).to.equal(1);
    expect(text).to.include('a.test.ts:\n     The test process ended with status 0 while it ran this file');
    expect(text).to.include('b.test.ts:\n     The test process was ended by SIGKILL while it ran this file');
    expect(text).to.include('last words');
    expect(lines.filter((line) => /^replay: .* --spec '.*[ab]\.test\.ts'$/.test(line))).to.have.length(2);
    expect(lines.at(-1)).to.equal('2 passed, 2 failed');
  });

  it('fails for a file that does not load, has no test, or has an exclusive test', async () => {
    const { status, text, lines } = await run({
      a: "import './nowhere';",
      b: 'export const nothing = 0;',
      c: "it.only('is alone', () => {}); it('is left out', () => {});",
    });
    expect(status).to.equal(1);
    expect(text).to.match(/a\.test\.ts:\n {5}The file does not load: Error: Cannot find module '\.\/nowhere'/);
    expect(text).to.match(/b\.test\.ts:\n {5}No test is in the file/);
    expect(text).to.match(/c\.test\.ts:\n {5}The file does not load: Error: `\.only`/);
    expect(lines.at(-1)).to.equal('0 passed, 3 failed');
  });

  it('fails if nothing ran', async () => {
    expect(await run({})).to.include({ status: 1, text: '0 passed, 0 failed\n' });
  });

  it('fails if a process dies after its last file', async () => {
    const { status, text, lines } = await run({
      a: "it('passes', () => { process.once('disconnect', () => { throw new Error('late'); }); });",
    });
    expect(status).to.equal(1);
    expect(text).to.match(/A test process ended with status \d+ behind its last file\n[^]*Error: late/);
    expect(lines.at(-1)).to.equal('1 passed, 1 failed');
  });

  it('passes if all tests are skipped', async () => {
    const { status, lines } = await run({ a: "it.skip('needs more', () => {});" });
    expect(status).to.equal(0);
    expect(lines.at(-1)).to.equal('0 passed, 0 failed, 1 skipped');
  });

  it('names the file of an error outside of all tests', async () => {
    const early = `(event) => event === 'unhandledRejection' && queueMicrotask(() => { throw new Error('early'); })`;
    const { status, text, lines } = await run({ a: `process.on('newListener', ${early}); ${GOOD}` });
    expect(text).to.include('Uncaught error outside test suite');
    expect(status).to.equal(1);
    expect(lines.find((line) => line.startsWith('replay: '))).to.match(/ --spec '[^']*a\.test\.ts'$/);
  });

  it('fails a test that leaves a promise rejected, and no other one', async () => {
    const { status, text, lines } = await run({
      a: "it('forgets', () => { void Promise.reject(new Error('planted')); }); it('is good', () => {});",
      b: "it('forgets too', async () => { void (async () => { await null; throw 'a word'; })(); });",
      c: "it('handles', async () => { const p = Promise.reject(new Error('x')); await null; await p.catch(() => {}); });",
    });
    expect(status).to.equal(1);
    expect(text).to.match(/1\) forgets:\n {5}Error: planted/);
    expect(text).to.match(/forgets too:\n {5}Error: a promise was rejected with a word/);
    expect(lines.at(-1)).to.equal('2 passed, 2 failed');
  });

  it('blames the file that left a timer or a promise behind, not the one that runs when it fails', async () => {
    const late = (what: string): string => `it('leaves it', () => { setTimeout(() => { ${what} }, 100); });`;
    const slow = "it('waits', (done) => { setTimeout(done, 300); });";
    const { status, text, lines } = await run({
      a: late("throw new Error('from a timer')"),
      b: slow,
      c: late("void Promise.reject(new Error('from a promise'))"),
      d: slow,
    });
    expect(status).to.equal(1);
    expect(text).to.match(/\/a\.test\.ts:\n {5}After its end, by something that it left behind: Error: from a timer/);
    expect(text).to.match(
      /\/c\.test\.ts:\n {5}After its end, .*: Error: rejected after the end of 'leaves it', which did not wait for it: from a promise/,
    );
    expect(lines.at(-1)).to.equal('4 passed, 2 failed');
  });

  it('names the seed that is none, in one line', () => {
    const { status, stderr } = spawnSync(process.execPath, ['node_modules/.bin/mocha', '--spec', __filename], {
      env: { ...process.env, AVP_SEED: 'abc' },
      encoding: 'utf8',
    });
    expect({ status, stderr }).to.deep.equal({
      status: 2,
      stderr: "AVP_SEED is 'abc': expected a whole number from 0 to 2147483647\n",
    });
  });

  it('finds the end of the output in chunks of one character', async () => {
    const { status, text } = await run({
      a: `const { stdout } = process;
        const write = stdout.write.bind(stdout);
        const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 4);
        after(() => (stdout.write = (words) => [...words].every((one) => (pause(), write(one), true))));
        ${GOOD}`,
      b: GOOD,
    });
    expect(status).to.equal(0);
    expect(text).not.to.include('\0').and.not.to.include('end of file');
  });

  it('does not wait for a process that a test left behind, and fails', async () => {
    const left = "require('node:child_process').spawn('sleep', ['20'], { stdio: 'inherit' }).unref();";
    const startedAt = performance.now();
    const { status, text, lines } = await run({
      a: `it('leaves both', () => { ${left} process.exit(3); });`,
      b: `it('leaves one', () => { ${left} });`,
    });
    expect(performance.now() - startedAt).to.be.below(15_000);
    expect(status).to.equal(1);
    expect(text).to.include('The test process ended with status 3 while it ran this file');
    expect(text).to.include('some test left a timer, thread, process or socket behind');
    expect(lines.at(-1)).to.equal('1 passed, 2 failed');
  });
});
