import { expect } from 'chai';
import { UsageError } from '../../../../shared/errors';
import type { Bench } from '../../../../testbench/api/bench';
import type { Mode } from '../../../../testbench/api/result';
import { runScenario } from '../../../../testbench/run/runScenario';
import { scenario } from '../../../../testbench/run/scenario';
import { ThreadsBench } from '../../../../testbench/threads/bench';
import { runThreads } from '../../../../testbench/threads/runThreads';
import type { FaultyOperations } from './fixture/faulty';

const TIMEOUT_MS = 300_000;
const FRAMES = 300;
const NO_SETTINGS = new Map<string, string>();
const ORDER = { seed: 3, record: false };

/** A scenario that uses only features of both modes. */
function portable(body: (bench: Bench) => Promise<void>): ReturnType<typeof scenario<'inline' | 'threads'>> {
  return scenario({ name: 'test', about: 'test', modes: ['inline', 'threads'] }, body);
}

async function exchangeAndMigrate(bench: Bench): Promise<void> {
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
  // The watched build would stop a burst that touches memory which it no longer may use.
  const load = bench.startLoad(from, to, { framesPerMs: 2 });
  for (const node of [nodes[1]!, nodes[0]!]) await bench.migrate(two!, node);
  load.stop();
  await bench.settle();
  bench.checkTraffic();
}

describe('a scenario', function () {
  this.timeout(TIMEOUT_MS);

  it('runs in mode threads as it does inline', async () => {
    const inline = await runScenario(portable(exchangeAndMigrate), { ...ORDER, settings: NO_SETTINGS });
    const { result, details } = await runThreads(portable(exchangeAndMigrate), NO_SETTINGS, ORDER, 'watched');
    expect([inline.details, details]).to.deep.equal([[], []]);
    expect([inline.result.mode, result.mode, result.verdict]).to.deep.equal(['inline', 'threads', 'pass']);
    expect(result.ports.map(({ name }) => name)).to.deep.equal(inline.result.ports.map(({ name }) => name));
    expect([result.migrations.length, inline.result.migrations.length]).to.deep.equal([2, 2]);
    expect([result.unexplainedLoss, inline.result.unexplainedLoss]).to.deep.equal([0, 0]);
    // Mode threads has one more expectation: that its threads end in order.
    expect(result.expectations.slice(0, -1)).to.deep.equal(inline.result.expectations);
  });

  it('ends with an error if one of its threads fails, with the stack of that thread', async () => {
    const broken = portable(async (bench) => {
      if (!(bench instanceof ThreadsBench)) throw new Error('this is not mode threads');
      const saboteur = bench.workers.start<FaultyOperations>(
        'saboteur',
        'test/unit/testbench/threads/fixture/faulty',
        null,
      );
      saboteur.operations.breakDown('out of order');
      await bench.runFor(TIMEOUT_MS);
    });
    const { result, details } = await runScenario(broken, { ...ORDER, settings: NO_SETTINGS, mode: 'threads' });
    expect(result.verdict).to.equal('error');
    expect(details).to.have.length(1);
    expect(details[0]).to.contain("thread 'saboteur': RangeError: out of order").and.contain('faulty.ts');
  });

  const inlineOnly = scenario({ name: 'only', about: 'test' }, async (bench) => bench.clock.sleepMs(1));
  for (const [what, order, says] of [
    [
      'packets in mode threads',
      { record: true, mode: 'threads' },
      /mode 'threads': it keeps no packets: leave out --pcap/,
    ],
    [
      'a mode that is a setting',
      { settings: new Map([['mode', 'threads']]) },
      /'mode' is no setting: use --mode threads/,
    ],
    ['a mode that there is not', { mode: 'fast' as Mode }, /does not offer mode 'fast': expected inline or threads/],
    ['a mode that is for others', { mode: 'stepped' }, /does not offer mode 'stepped': expected inline or threads/],
  ] as const)
    it(`refuses ${what}`, async () => {
      const full = { ...ORDER, settings: NO_SETTINGS, ...order };
      const error = await runScenario(portable(exchangeAndMigrate), full).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(UsageError);
      expect((error as UsageError).message).to.match(says);
    });

  it('runs only inline if it declares no modes, and must not declare a setting called mode', async () => {
    const order = { ...ORDER, settings: NO_SETTINGS };
    expect((await runScenario(inlineOnly, order)).result.mode).to.equal('inline');
    const settings = { mode: { default: 'inline', about: 'how' } };
    for (const [given, mode] of [
      [inlineOnly, 'threads'],
      [{ ...inlineOnly, settings }, 'inline'],
    ] as const) {
      const error = await runScenario(given, { ...order, mode }).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(UsageError);
    }
  });
});
