import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import type { Engine } from '../../../../shared/engine';
import type { ScenarioResult } from '../../../../testbench/api/result';
import { type ClauseResult, runClauses } from '../../../../testbench/conformance/runner';
import { findClause } from '../../../../testbench/conformance/registry';
import { scenarioFile } from '../../../../testbench/run/findScenario';
import { launchScenario } from '../../../../testbench/run/launch';
import { avp } from '../../../support/cli';

const TIMEOUT_MS = 300_000;
const SEED = 2;
const PRINT = new PassThrough().resume();

async function inThreads(name: string, engine: Engine): Promise<ScenarioResult> {
  const order = {
    file: scenarioFile(name),
    seed: SEED,
    mode: 'threads' as const,
    engine,
    settings: new Map<string, string>(),
    record: false,
  };
  const { result, details } = await launchScenario(order, PRINT);
  expect(details).to.deep.equal([]);
  return result;
}

async function clauseOn(engine: Engine, ...ids: readonly string[]): Promise<ClauseResult[]> {
  const settings = { target: 'avp' as const, engine, seed: SEED, repeat: 1, bail: false, print: PRINT };
  return runClauses(ids.map(findClause), settings);
}

describe('mode threads', function () {
  this.timeout(TIMEOUT_MS);

  for (const engine of ['ts', 'wasm'] as const)
    it(`passes on engine ${engine}`, async () => {
      const result = await inThreads('migrate-under-load', engine);
      expect(result).to.include({ mode: 'threads', engine, verdict: 'pass', unexplainedLoss: 0 });
    });
});

describe('--engine', function () {
  this.timeout(TIMEOUT_MS);

  it('is in the results of run and conform, and in their replay commands', async () => {
    const run = await avp('run', 'three-nics', '--engine', 'wasm', '--json', '-');
    expect([run.status, (JSON.parse(run.out) as ScenarioResult).engine]).to.deep.equal([0, 'wasm']);
    expect(run.err).to.include('three-nics: pass (mode inline, engine wasm)');
    const conform = await avp('conform', 'rx/1', '--engine', 'wasm', '--json', '-');
    const { engine, clauses } = JSON.parse(conform.out) as { engine: string; clauses: { replay: string }[] };
    expect([conform.status, engine]).to.deep.equal([0, 'wasm']);
    expect(clauses[0]!.replay).to.equal('npx avp conform rx/1 --seed 1 --engine wasm');
    expect(conform.err).to.include('engine wasm: compiled loops on plain memory, where no access is checked');
    expect((await avp('conform', 'rx/1')).out).to.include('engine ts: every access to memory is checked');
  });

  it('wasm skips a clause that looks at single accesses, and says what to do', async () => {
    const [result] = await clauseOn('wasm', 'fifo/7');
    expect(result).to.include({
      verdict: 'skip',
      detail: 'target avp lacks the capability turn-inside-burst on plain memory: use --engine ts',
    });
    expect((await clauseOn('ts', 'fifo/7'))[0]!.verdict).to.equal('pass');
  });

  it('wasm is refused by mode stepped', async () => {
    const { status, err } = await avp('run', 'stalled-burst', '--engine', 'wasm');
    expect(status).to.equal(2);
    expect(err).to.include("mode 'stepped': it stops at accesses to memory, which compiled loops do not show");
  });
});
