import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');
const PROGRAM = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

/** Writes a tree of files, and returns the rules that they break as `rule: file`. */
function violations(files: Readonly<Record<string, string>>): string[] {
  const tree = mkdtempSync(join(tmpdir(), 'boundaries-'));
  try {
    for (const [path, text] of Object.entries({ 'package.json': '{"dependencies":{"commander":"1"}}', ...files })) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), text);
    }
    const rooms = [...new Set(Object.keys(files).map((path) => path.split('/')[0]!))];
    const args = [PROGRAM, ...rooms, '--config', join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'json'];
    const { stdout } = spawnSync(process.execPath, args, { cwd: tree, encoding: 'utf8' });
    const { summary } = JSON.parse(stdout) as { summary: { violations: Violation[] } };
    return summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`).sort();
  } finally {
    rmSync(tree, { recursive: true });
  }
}

const GOOD = {
  'shared/a.ts': 'export const a = 1;',
  'driver/index.ts': "export { a } from '../shared/a';",
  'emulator/index.ts': "export { a } from '../shared/a';",
  // Types may refer to each other.
  'shared/b.ts': "import type { C } from './c'; export interface B { c?: C }",
  'shared/c.ts': "import type { B } from './b'; export interface C { b?: B }",
  'testbench/index.ts': "export * from '../driver'; export * from '../emulator';",
};

describe('boundaries of the rooms', () => {
  it('accepts the intended imports', () => {
    expect(violations(GOOD)).to.deep.equal([]);
  });

  it('catches every forbidden import, including imports of types', () => {
    const planted = {
      ...GOOD,
      'shared/d.ts': "export * from '../emulator/index';",
      'shared/loops/counter.ts': "export { a } from '../a';",
      'shared/one.ts': "import { two } from './two'; export const one = () => two;",
      'shared/two.ts': "import { one } from './one'; export const two = () => one;",
      'driver/c.ts': "import type { a } from '../emulator/index'; export type A = typeof a;",
      'driver/d.ts': "export * from '../testbench/index';",
      'driver/e.ts': "export * from './nowhere';",
      'emulator/f.ts': "export * from '../driver/index';",
      'emulator/g.ts': "export * from '../dist/shared/a';",
      'testbench/h.ts': "export * from '../cli/avp'; import 'commander';",
      'cli/avp.ts': "import 'commander'; export const avp = 1;",
      'dist/shared/a.js': 'exports.a = 1;',
    };
    const found = violations(planted).filter(
      (one) => !one.startsWith('resolvable: testbench/h.ts') && !one.startsWith('resolvable: cli/'),
    );
    expect(found).to.deep.equal([
      'commander-only-in-cli: testbench/h.ts',
      'driver-not-emulator: driver/c.ts',
      'emulator-not-driver: emulator/f.ts',
      'loop-files-among-themselves: shared/loops/counter.ts',
      'no-cycles: shared/one.ts',
      'nothing-from-dist: emulator/g.ts',
      'resolvable: driver/e.ts',
      'rooms-not-upstairs: driver/d.ts',
      'shared-knows-nobody: shared/d.ts',
      'testbench-not-cli: testbench/h.ts',
    ]);
  });
});
