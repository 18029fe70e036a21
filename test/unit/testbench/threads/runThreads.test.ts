import { expect } from 'chai';
import { UsageError } from '../../../../shared/errors';
import type { CommonBench } from '../../../../testbench/api/bench';
import { runScenario } from '../../../../testbench/run/runScenario';
import type { Scenario } from '../../../../testbench/api/scenario';
import type { ThreadBench } from '../../../../testbench/threads/bench';
import type { FaultyOperations } from './fixture/faulty';

const PATIENCE_MS = 300_000;
const FRAMES = 300;
const ORDER = {
  seed: 3,
  record: false,
  settings: new Map([
    ['mode', 'threads'],
    ['build', 'watched'],
  ]),
};

/** A scenario that keeps to what all modes have. */
function common(body: (bench: CommonBench) => Promise<void>): Scenario {
  const settings = { mode: { default: 'inline', about: 'how' }, build: { default: 'plain', about: 'on what' } };
  return { name: 'test', about: 'test', settings, body };
}

async function exchangeAndMigrate(bench: CommonBench): Promise<void> {
  const nic = 'net-id=lan,vif-model=avp';
  const nodes = [bench.computeNode('compute-0'), bench.computeNode('compute-1')];
  const [one, two] = ['one', 'two'].map((name) => nodes[0]!.boot(name, [nic, 'net-id=lan']));
  const [from, to] = [one!.port('lan'), two!.port('lan')];
  bench.expect(
    'the driver binds one device of two',
    one!.pciDevices().map(({ driver }) => driver),
    ['avp', null],
  );
  const { sent, delivered, answered, wrong } = await bench.requestResponse(from, to, { frames: FRAMES });
  bench.expect('all arrive', [sent, delivered, answered, wrong], [FRAMES, FRAMES, FRAMES, 0]);
  // On the watched build a burst that used what it must not use any more would end the run.
  const load = bench.startLoad(from, to, { framesPerMs: 2 });
  for (const node of [nodes[1]!, nodes[0]!]) await bench.migrate(two!, node);
  load.stop();
  await bench.settle();
  bench.checkTraffic();
}

describe('a scenario', function () {
  this.timeout(PATIENCE_MS);

  it('runs in mode threads as it does inline, by its setting', async () => {
    const inline = await runScenario(common(exchangeAndMigrate), { ...ORDER, settings: new Map() });
    const { result, details } = await runScenario(common(exchangeAndMigrate), ORDER);
    expect([inline.details, details]).to.deep.equal([[], []]);
    expect([inline.result.mode, result.mode, result.verdict]).to.deep.equal(['inline', 'threads', 'pass']);
    expect(result.ports.map(({ name }) => name)).to.deep.equal(inline.result.ports.map(({ name }) => name));
    expect([result.migrations.length, inline.result.migrations.length]).to.deep.equal([2, 2]);
    expect([result.unexplainedLoss, inline.result.unexplainedLoss]).to.deep.equal([0, 0]);
    // Mode threads expects one thing more: that its threads end in order.
    expect(result.expectations.slice(0, -1)).to.deep.equal(inline.result.expectations);
  });

  it('ends where one of its threads does, with the stack of that one', async () => {
    const broken = common(async (bench) => {
      const saboteur = (bench as ThreadBench).crew.start<FaultyOperations>(
        'saboteur',
        'test/unit/testbench/threads/fixture/faulty',
        null,
      );
      saboteur.operations.breakDown('out of order');
      await bench.runFor(PATIENCE_MS);
    });
    const { result, details } = await runScenario(broken, ORDER);
    expect(result.verdict).to.equal('error');
    expect(details).to.have.length(1);
    expect(details[0]).to.contain("thread 'saboteur': RangeError: out of order").and.contain('faulty.ts');
  });

  it('refuses what this mode does not have, and a mode that there is not', async () => {
    for (const order of [
      { ...ORDER, record: true },
      { ...ORDER, settings: new Map([['mode', 'fast']]) },
    ]) {
      const error = await runScenario(common(exchangeAndMigrate), order).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(UsageError);
    }
  });
});
