import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');
const CONFIG = join(ROOT, '.dependency-cruiser.cjs');
const PROGRAM = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

type Files = Readonly<Record<string, string>>;

/** A breach of each rule, by the rule's name: the files that it takes. The first one breaks the rule. */
const PLANTED: Readonly<Record<string, Files>> = {
  'shared/loops': { 'shared/loops/b.ts': "export * from '../a';" },
  'driver/loops': { 'driver/loops/b.ts': "export * from '../index';" },
  'emulator/device/loops': { 'emulator/device/loops/b.ts': "export * from '../../../shared/a';" },
  shared: { 'shared/b.ts': "export * from '../emulator/index';" },
  driver: { 'driver/b.ts': "import type { a } from '../emulator/index'; export type A = typeof a;" },
  'emulator/abi': { 'emulator/abi/b.ts': "export * from '../device/a';" },
  'emulator/capture': { 'emulator/capture/b.ts': "export * from '../device/a';" },
  'emulator/network': { 'emulator/network/b.ts': "export * from '../machine/a';" },
  'emulator/device': { 'emulator/device/b.ts': "export * from '../machine/a';" },
  'emulator/machine': { 'emulator/machine/b.ts': "export * from '../../driver/index';" },
  'emulator/export': { 'emulator/export/b.ts': "export * from '../../testbench/runtime/a';" },
  'emulator/*': { 'emulator/b.ts': "export * from './export/a';" },
  'testbench/api': { 'testbench/api/b.ts': "export type * from '../traffic/a';" },
  'testbench/runtime': { 'testbench/runtime/b.ts': "export * from '../../emulator/index';" },
  'testbench/pages': { 'testbench/pages/b.ts': "export * from '../evidence/a';" },
  'testbench/traffic': { 'testbench/traffic/b.ts': "export * from '../evidence/a';" },
  'testbench/evidence': { 'testbench/evidence/b.ts': "export * from '../inline/a';" },
  'testbench/faults': { 'testbench/faults/b.ts': "export * from '../inline/a';" },
  'testbench/common': { 'testbench/common/b.ts': "export * from '../inline/a';" },
  'testbench/inline': { 'testbench/inline/b.ts': "export * from '../threads/a';" },
  'testbench/threads': { 'testbench/threads/b.ts': "export * from '../inline/a';" },
  'testbench/stepped': { 'testbench/stepped/b.ts': "export * from '../explore/engine/a';" },
  'testbench/run': { 'testbench/run/b.ts': "export * from '../conformance/a';" },
  'testbench/explore/engine': { 'testbench/explore/engine/b.ts': "export * from '../../../driver/index';" },
  'testbench/explore/avp': { 'testbench/explore/avp/b.ts': "export * from '../../inline/a';" },
  'testbench/explore/models': { 'testbench/explore/models/b.ts': "export * from '../../../driver/index';" },
  'testbench/explore/search': { 'testbench/explore/search/b.ts': "export * from '../../../driver/index';" },
  'testbench/explore/show': { 'testbench/explore/show/b.ts': "export * from '../../../driver/index';" },
  'testbench/explore/jobs': { 'testbench/explore/jobs/b.ts': "export * from '../engine/a';" },
  'testbench/explore/litmus': { 'testbench/explore/litmus/b.ts': "export * from '../../../shared/a';" },
  'testbench/explore/*': { 'testbench/explore/b.ts': "export * from './engine/a';" },
  'testbench/explore/transform': { 'testbench/explore/transform/b.ts': "export * from '../../../driver/index';" },
  'testbench/explore/machine': { 'testbench/explore/machine/b.ts': "export * from '../../../driver/index';" },
  'testbench/explore/checks/worlds': {
    'testbench/explore/checks/worlds/b.ts': "export * from '../../../runtime/a';",
  },
  'testbench/explore/checks': { 'testbench/explore/checks/b.ts': "export * from '../../inline/a';" },
  'testbench/peers': { 'testbench/peers/b.ts': "export * from '../../driver/index';" },
  'testbench/guests': { 'testbench/guests/b.ts': "export * from '../../driver/index';" },
  'testbench/targets': { 'testbench/targets/b.ts': "export * from '../conformance/a';" },
  'testbench/conformance': { 'testbench/conformance/b.ts': "export * from '../../driver/index';" },
  'testbench/mutants/catalog': { 'testbench/mutants/catalog/b.ts': "export * from '../build/apply';" },
  'testbench/mutants/build': { 'testbench/mutants/build/b.ts': "export * from '../../inline/a';" },
  'testbench/mutants/score': { 'testbench/mutants/score/b.ts': "export * from '../../inline/a';" },
  'testbench/hostile': { 'testbench/hostile/b.ts': "export * from '../inline/a';" },
  'testbench/shell': { 'testbench/shell/b.ts': "export * from '../targets/a';" },
  'testbench/serve': { 'testbench/serve/b.ts': "export * from '../targets/a';" },
  'testbench/perf': { 'testbench/perf/b.ts': "export * from '../targets/a';" },
  'testbench/*': { 'testbench/b.ts': "export * from '../cli/avp';" },
  scenarios: { 'scenarios/b.ts': "export * from '../driver/index';" },
  cli: { 'cli/b.ts': "export * from '../test/a';" },
  'every-room-has-a-row': { 'testbench/annex/b.ts': "export * from '../../shared/a';" },
  'no-circles': {
    'shared/round.ts': "import type { Trip } from './trip'; export interface Round { trip?: Trip }",
    'shared/trip.ts': "import type { Round } from './round'; export interface Trip { round?: Round }",
  },
  'commander-only-in-cli': { 'testbench/runtime/c.ts': "import 'commander';" },
  'nothing-from-dist': { 'test/c.ts': "export * from '../dist/shared/a';" },
  resolvable: { 'test/d.ts': "export * from './nowhere';" },
  declared: { 'test/e.ts': "import 'stray';" },
  'product-not-dev-dependencies': { 'cli/c.ts': "import 'chai';" },
};

/** Files that the breaches import, and imports that obey the rules. */
const SOUND: Files = {
  'shared/a.ts': 'export const a = 1;',
  'shared/mem/plain.ts': 'export const load = 1;',
  'shared/loops/a.ts': "export * from '../mem/plain';",
  'driver/index.ts': "export { a } from '../shared/a';",
  'driver/loops/a.ts': "export * from '../../shared/loops/a';",
  'emulator/index.ts': "export * from './device/a'; export * from './machine/a';",
  'emulator/device/a.ts': "export * from './loops/a';",
  'emulator/device/loops/a.ts': "export * from '../../../shared/mem/plain';",
  'emulator/export/a.ts': "export * from '../device/a';",
  'emulator/machine/a.ts': "export * from '../device/a';",
  'testbench/index.ts': "export * from './inline/a'; export * from './threads/a';",
  'testbench/runtime/a.ts': "export * from '../../shared/a';",
  'testbench/traffic/a.ts': "export * from '../runtime/a';",
  'testbench/evidence/a.ts': "export * from '../traffic/a'; export * from '../../driver';",
  'testbench/inline/a.ts': "export * from '../evidence/a';",
  'testbench/threads/a.ts': "export * from '../evidence/a';",
  'testbench/explore/engine/a.ts': "export * from '../../runtime/a';",
  'testbench/targets/a.ts': "export * from '../evidence/a';",
  'testbench/conformance/a.ts': "export * from '../targets/a';",
  'testbench/mutants/build/mutant.ts': 'export type Mutant = 1;',
  'testbench/mutants/build/apply.ts': "export * from './mutant'; export * from '../../conformance/a';",
  'testbench/mutants/catalog/a.ts': "export * from '../build/mutant';",
  'scenarios/a.ts': "export * from '../testbench/index';",
  'cli/avp.ts': "import 'commander'; export * from '../testbench/index';",
  'test/a.ts': "export * from '../cli/avp'; import 'chai';",
  'dist/shared/a.js': 'exports.a = 1;',
  'package.json': '{ "dependencies": { "commander": "1" }, "devDependencies": { "chai": "1" } }',
  ...Object.fromEntries(['commander', 'chai', 'stray'].map((name) => [`node_modules/${name}/index.js`, ''])),
};

/** Lays out a tree of files and gives the rules that they break, as `rule: file`. */
function violations(files: Files): string[] {
  const tree = mkdtempSync(join(tmpdir(), 'boundaries-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), text);
    }
    const rooms = ['shared', 'driver', 'emulator', 'testbench', 'scenarios', 'cli', 'test'];
    const args = [PROGRAM, ...rooms, '--config', CONFIG, '--output-type', 'json'];
    const { stdout } = spawnSync(process.execPath, args, { cwd: tree, encoding: 'utf8' });
    const { summary } = JSON.parse(stdout) as {
      summary: { violations: { readonly from: string; readonly rule: { readonly name: string } }[] };
    };
    return summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`).sort();
  } finally {
    rmSync(tree, { recursive: true });
  }
}

describe('boundaries of the house', () => {
  it('have a planted breach for every rule', () => {
    const { forbidden } = require(CONFIG) as { forbidden: { readonly name: string }[] };
    expect(Object.keys(PLANTED)).to.have.members(forbidden.map(({ name }) => name));
  });

  it('let sound imports pass, and catch each planted breach by its rule, imports of types too', () => {
    const files = Object.assign({}, SOUND, ...Object.values(PLANTED)) as Files;
    const expected = Object.entries(PLANTED).map(([rule, breach]) => `${rule}: ${Object.keys(breach)[0]}`);
    expect(violations(files)).to.deep.equal(expected.sort());
  });
});
