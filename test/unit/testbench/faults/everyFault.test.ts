import { expect } from 'chai';
import { UsageError } from '../../../../shared/errors';
import type { ScenarioOrder, ScenarioRun } from '../../../../testbench/common/order';
import type { InlineBench } from '../../../../testbench/inline/bench';
import { everyFault, type EveryFaultReport, spread, tryEveryFault } from '../../../../testbench/run/everyFault';
import { runScenario } from '../../../../testbench/run/runScenario';
import { scenario } from '../../../../testbench/run/scenario';

const SETTINGS = {
  fifoSlots: { tx: 64, rx: 64, alloc: 64, free: 64 },
  pools: [{ buffers: 256 }],
  rxQueues: { max: 1 },
  txQueues: { max: 1 },
  memoryBarBytes: 1 << 22,
} as const;
const NIC = { network: 'lan', model: 'avp', settings: SETTINGS } as const;

async function migrated(bench: InlineBench): Promise<void> {
  const nodes = [bench.computeNode('a'), bench.computeNode('b')] as const;
  const [vm, peer] = [nodes[0].boot('vm', [NIC]), nodes[0].boot('peer', [NIC])];
  const loads = [
    bench.startLoad(vm.port('lan'), peer.port('lan'), { frames: 64 }),
    bench.startLoad(peer.port('lan'), vm.port('lan'), { frames: 64 }),
  ];
  await bench.runFor(4);
  const { outcome } = await bench.migrate(vm, nodes[1]);
  bench.expect('the migration completes', outcome, 'completed');
  for (const load of loads) load.stop();
  await bench.settle();
}

async function trying(
  text: string,
  atMost = 1_000,
  body: (bench: InlineBench) => Promise<void> = migrated,
): Promise<EveryFaultReport> {
  const tried = scenario({ name: 'tried', about: 'for tests' }, body);
  const launch = async (order: ScenarioOrder): Promise<ScenarioRun> => runScenario(tried, order);
  const order = { file: 'tried', seed: 2, settings: new Map<string, string>(), record: false };
  return tryEveryFault(order, launch, {
    fault: everyFault(text),
    only: null,
    atMost,
    jobs: 1,
    stop: new AbortController().signal,
    onTried: () => {},
  });
}

/** The runs that went wrong, each with its fault. */
function wrongIn({ tried }: EveryFaultReport): string[] {
  return tried.filter(({ ok }) => !ok).map(({ operation, what, outcome }) => `${operation} (${what}): ${outcome}`);
}

describe('a scenario with every fault of a class', function () {
  this.timeout(120_000);

  it('recovers from each refused request, and says how', async () => {
    const report = await trying('ctrl');
    expect(wrongIn(report)).to.deep.equal([]);
    expect(report).to.include({ operations: 6, ok: true });
    expect(report.tried.map(({ operation }) => operation)).to.deep.equal([0, 1, 2, 3, 4, 5]);
    expect(report.tried[0]).to.include({ what: 'vm.nic0: request 3 (configuration)' });
    expect(report.tried[0]!.outcome).to.match(/^vm\.nic0 restarted; the scenario ended early: .*EIO/);
    expect(report.tried[4]).to.include({ what: 'vm.nic0: request 4 (shutdown)', outcome: 'went on' });
  });

  for (const [kind, atMost] of [
    ['ctrl.no-response', 6],
    ['ctrl.late-response', 6],
    ['rings', 12],
    ['registers', 40],
    ['hotplug', 40],
    ['memory', 12],
    ['buffers', 10],
    ['deviceinfo', 4],
    ['memmap', 4],
    ['time', 8],
    ['network', 10],
  ] as const)
    it(`recovers from ${kind}`, async () => {
      const report = await trying(kind, atMost);
      expect(wrongIn(report)).to.deep.equal([]);
      expect(report.tried).to.have.length(Math.min(atMost, report.operations));
    });

  it('counts the packets that a fault has cost, by cause', async () => {
    const { tried } = await trying('rings', 3);
    expect(tried.some(({ lostByCause }) => lostByCause['guest dropped_address'] === 1)).to.equal(true);
  });

  it('says what does not hold: a bit that flips in memory damages a frame', async () => {
    const report = await trying('memory.flipped-bit', 1);
    expect(report.ok).to.equal(false);
    expect(wrongIn(report).join()).to.include('corrupted is 1');
  });

  it('finds an error of the script or of the driver, which is no refusal', async () => {
    const report = await trying('ctrl', 1_000, async (bench) => {
      const vm = bench.computeNode().boot('vm', [NIC]);
      bench.expect('booted', true);
      try {
        vm.ports[0]!.driver.stop();
      } catch {
        throw new TypeError('broken');
      }
    });
    expect(wrongIn(report)).to.have.length(1);
    expect(wrongIn(report)[0]).to.include('TypeError: broken');
  });

  it('is refused where the scenario does not pass without a fault, or has no such operation', async () => {
    const failing = async (bench: InlineBench): Promise<void> => bench.expect('one', 1, 2);
    const idle = async (bench: InlineBench): Promise<void> => bench.expect('one', 1, 1);
    const refusal = (body: typeof failing): Promise<unknown> =>
      trying('ctrl', 1, body).catch((error: unknown) => error);
    expect(await refusal(failing))
      .to.be.instanceOf(UsageError)
      .with.property('message')
      .that.includes('does not pass');
    expect(await refusal(idle))
      .to.be.instanceOf(UsageError)
      .with.property('message')
      .that.includes('no operation');
  });

  it('takes a class or a fault, and no other name', () => {
    expect(everyFault('hotplug').name).to.equal('hotplug.surprise-removal');
    expect(everyFault('ctrl.late-response:delayMs=2s').parameters).to.deep.equal({ delayMs: '2s' });
    expect(() => everyFault('ring')).to.throw(UsageError, "did you mean 'rings'");
    expect(() => everyFault('processes')).to.throw(UsageError, 'processes of their own');
    expect(() => everyFault('ctrl.no-response:after=3')).to.throw(UsageError, 'parameter after');
  });

  it('spreads its runs evenly over the operations', () => {
    expect(spread(3, 5)).to.deep.equal([0, 1, 2]);
    expect(spread(101, 5)).to.deep.equal([0, 25, 50, 75, 100]);
    expect(spread(9, 1)).to.deep.equal([0]);
  });
});
