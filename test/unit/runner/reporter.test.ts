import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { inTemporaryFolder } from '../../support/temporaryFolder';

const ROOT = resolve(__dirname, '../../..');

/** Runs a test file with this text. Returns the printed lines and the exit status. */
function run(text: string, seed: string): { status: number | null; lines: string[] } {
  return inTemporaryFolder((folder) => {
    const file = join(folder, 'planted.test.ts');
    writeFileSync(file, text);
    const env = { ...process.env, AVP_SEED: seed };
    const args = [join(ROOT, 'node_modules/mocha/bin/mocha.js'), '--spec', file];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, env, encoding: 'utf8' });
    return { status, lines: (stdout + stderr).trimEnd().split('\n') };
  });
}

describe('end of a test run', () => {
  it('prints the seed, a replay command for each failure, and the sums on the last line', () => {
    const { status, lines } = run("it('good', () => {});\nit(\"isn't\", () => { throw new Error('no'); });\n", '42');
    expect(status).to.equal(1);
    expect(lines[0]).to.include('AVP_SEED=42');
    expect(lines.at(-2)).to.match(/^replay: AVP_SEED=42 npx mocha --spec '.*planted\.test\.ts' --fgrep 'isn'\\''t'$/);
    expect(lines.at(-1)).to.equal('1 passed, 1 failed');
  });

  it('gives the seed to every property', () => {
    const load = `const fc = require('${require.resolve('fast-check')}');`;
    const { lines } = run(`${load} it('wrong', () => { fc.assert(fc.property(fc.nat(), () => false)); });\n`, '42');
    expect(lines.join('\n')).to.include('{ seed: 42,');
    expect(lines.at(-1)).to.equal('0 passed, 1 failed');
  });

  it('fails if no test ran or the seed is invalid', () => {
    expect(run('', '42').status).to.equal(1);
    expect(run("it('good', () => {});", 'banana').status).to.not.equal(0);
  });
});
