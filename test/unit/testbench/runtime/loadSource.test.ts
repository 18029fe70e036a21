import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot, sourceArguments } from '../../../../testbench/runtime/package';

const TEXT = `interface Gone { a: number; }

export function fail(one: Gone): never {
  throw new Error(\`planted \${one.a}\`);
}
`;

describe('running TypeScript as it is', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'source-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function run(program: string): string {
    const args = [...sourceArguments(), '-e', program];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: packageRoot(), encoding: 'utf8' });
    return stdout + stderr;
  }

  it('names lines of the TypeScript file in stack traces', () => {
    const file = join(folder, 'planted.ts');
    writeFileSync(file, TEXT);
    const text = run(`try { require('${file}').fail({ a: 5 }) } catch (error) { console.log(error.stack) }`);
    expect(text)
      .to.match(/^Error: planted 5\n {4}at .*fail \(/)
      .and.include(`${file}:4:9`);
  });

  it('compiles a file once, and loads no compiler afterwards', () => {
    const file = join(folder, 'planted.ts');
    const program = `require('${file}'); console.log(Object.keys(require.cache).some((name) => /typescript.js$/.test(name)))`;
    writeFileSync(file, TEXT);
    expect([run(program), run(program)]).to.deep.equal(['true\n', 'false\n']);
    writeFileSync(file, `${TEXT}export const more = 1;\n`);
    expect(run(program)).to.equal('true\n');
  });
});
