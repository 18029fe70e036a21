import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { modesOf, type Scenario } from '../../../../testbench/api/scenario';
import type { ScenarioRun } from '../../../../testbench/common/order';
import { loadScenario, scenarioFile, scenarioNames } from '../../../../testbench/run/findScenario';
import { launchScenario } from '../../../../testbench/run/launch';
import { packageRoot } from '../../../../testbench/runtime/package';
import { runScenario } from '../../../../testbench/run/runScenario';
import { scenario } from '../../../../testbench/run/scenario';
import { withPublicTypes } from '../../../checks/publicTypes';

const ORDER = { settings: new Map<string, string>(), record: false };
const [SEED, OTHER_SEED] = [2, 0xffff_fffe];

async function passing(scenario: Scenario, seed: number, record: boolean): Promise<ScenarioRun> {
  const run = await runScenario(scenario, { ...ORDER, seed, record });
  expect(run.details, `seed ${seed}`).to.deep.equal([]);
  expect(run.result.verdict).to.equal('pass');
  expect(run.result.expectations.length).to.be.above(1);
  return run;
}

describe('scenarios of the package', () => {
  for (const name of scenarioNames()) {
    it(`${name} is named after its file, is short, and passes with any seed, compiled with the same packets`, async () => {
      const file = scenarioFile(name);
      const scenario = loadScenario(file);
      expect(scenario.name).to.equal(name);
      const lines = readFileSync(file, 'utf8').split('\n');
      expect(lines.filter((line) => !/^\s*(\/?\*|\/\/|$)/.test(line)).length).to.be.within(10, 40);
      await passing(scenario, OTHER_SEED, false);
      const { result, pcap } = await passing(scenario, SEED, true);
      if (result.mode === 'stepped') return;
      const order = { ...ORDER, file, seed: SEED, record: true, engine: 'wasm' as const };
      const compiled = await launchScenario(order, process.stdout);
      expect(compiled.result).to.deep.equal({ ...result, engine: 'wasm' });
      expect(Buffer.compare(compiled.pcap!, pcap!)).to.equal(0);
    });
  }

  for (const mode of ['inline', 'threads'] as const)
    it(`in mode ${mode} learn which port lacks its MTU after a migration to a host with a smaller frame limit`, async () => {
      const fixture = loadScenario(join(__dirname, 'fixture', 'smallerMtu.ts'));
      const { result, details } = await runScenario(fixture, { ...ORDER, mode, seed: 1 });
      expect(details).to.deep.equal([]);
      expect(result.migrations.map(({ lostFeatures }) => Object.keys(lostFeatures).length)).to.deep.equal([2, 0]);
    });

  it('hot-unplug-under-load names the causes of the losses', async () => {
    const { result } = await runScenario(loadScenario(scenarioFile('hot-unplug-under-load')), { ...ORDER, seed: 3 });
    const causes = (name: string): string[] => Object.keys(result.ports.find((port) => port.name === name)!.dropped);
    expect(causes('vm/orderly rx')).to.include('host linkDown');
    expect(causes('peer/orderly tx')).to.deep.equal(['switch noReceiver']);
    expect(causes('peer/surprise tx')).to.deep.equal(['switch noReceiver']);
    expect(causes('vm/surprise tx')).to.include('guest unsent');
    expect(causes('vm/other rx').concat(causes('vm/other tx'))).to.deep.equal([]);
  });
});

describe('the bench of a scenario', () => {
  const text = { name: 'typed', about: 'checked by the compiler' };
  const both = scenario({ ...text, modes: ['inline', 'threads'] }, async (bench) => {
    const instance = bench.computeNode().boot('vm', []);
    // @ts-expect-error only the inline bench has a virtual clock
    void bench.clock;
    // @ts-expect-error only inline can a NIC be unplugged
    void instance.unplug;
  });
  const inline = scenario(text, async (bench) => bench.clock.sleepMs(1));
  // @ts-expect-error the stepped bench has no nodes of its own
  const stepped = scenario({ ...text, modes: ['stepped'] }, async (bench) => void bench.computeNode);

  it('has what all of the declared modes offer', () => {
    expect([both, inline, stepped].map(modesOf)).to.deep.equal([['inline', 'threads'], ['inline'], ['stepped']]);
  });
});

describe('npx ts-node SCENARIO', () => {
  it('runs the source in a checkout, even if it is compiled', () => {
    const args = [
      require.resolve('ts-node/dist/bin.js'),
      join(packageRoot(), 'test/unit/testbench/run/fixture/where.ts'),
    ];
    const { NODE_OPTIONS: _options, ...env } = process.env;
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: packageRoot(), env, encoding: 'utf8' });
    expect(stdout).to.equal(join(packageRoot(), 'testbench/index.ts'));
    expect(status).to.equal(0);
  });
});

describe('declaration files for other projects', () => {
  it('contain no ambient types of the loop dialect, and are otherwise unchanged', () => {
    const text =
      "declare function f(a: u32, b: u32[]): bool;\ndeclare const u32: 'u32';\nexport type T = Map<u32, string>;\n";
    expect(withPublicTypes(text)).to.equal(
      "declare function f(a: number, b: number[]): boolean;\ndeclare const u32: 'u32';\nexport type T = Map<number, string>;\n",
    );
  });
});
