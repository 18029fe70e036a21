import { expect } from 'chai';
import { extents, resetArena } from '../../../../shared/arena';
import { ErrnoError } from '../../../../shared/errors';
import type { PlainMigrationOptions } from '../../../../testbench/api/bench';
import type { MigrationReport } from '../../../../testbench/api/result';
import type { LoadOptions } from '../../../../testbench/api/traffic';
import { ScenarioContext } from '../../../../testbench/common/context';
import { ThreadsBench, type ThreadsNode } from '../../../../testbench/threads/bench';
import type { ThreadsInstance } from '../../../../testbench/threads/instance';
import type { ThreadsLoad } from '../../../../testbench/threads/load';

const TIMEOUT_MS = 300_000;
/** On a busy machine the host may answer too late, and its guest rightly refuses; then the test tries again. */
const MAX_ATTEMPTS = 20;
const LAN = 'net-id=lan,vif-model=avp';

/** The tests share one bench and run in order: starting its threads takes longer than most of them. */
describe('mode threads: two queues each way, under load', function () {
  this.timeout(TIMEOUT_MS);
  let context: ScenarioContext;
  let bench: ThreadsBench;
  let nodes: readonly ThreadsNode[];
  let vm: ThreadsInstance;
  let peer: ThreadsInstance;
  let loads: readonly ThreadsLoad[];

  before(() => {
    resetArena();
    context = new ScenarioContext(4, new Map());
    bench = new ThreadsBench(context, { build: 'plain', print: process.stdout });
    nodes = [bench.computeNode('compute-0'), bench.computeNode('compute-1')];
    vm = nodes[0]!.boot('vm', [LAN], { rxQueues: 2, txQueues: 2 });
    peer = nodes[1]!.boot('peer', [LAN]);
    const [near, far] = [vm.port('lan'), peer.port('lan')];
    const options: LoadOptions = { framesPerMs: 5 };
    loads = [
      bench.startLoad(near, far, options),
      bench.startLoad(far, near, options),
      bench.startLoad(far, near, { framesPerMs: 1, reply: true }),
    ];
  });
  after(async () => void (await bench.workers.end()));

  /** Waits until `frames` more frames of each load have arrived. */
  async function waitForFrames(frames: number): Promise<void> {
    const before = loads.map((load) => load.report().delivered);
    const done = (): boolean => loads.every((load, index) => load.report().delivered >= before[index]! + frames);
    expect(await bench.workers.waitFor(done, TIMEOUT_MS)).to.equal(true);
  }

  it('returns an instance from a host with too few queues, and reports why', async () => {
    await waitForFrames(20);
    const options: PlainMigrationOptions = { destination: { txQueues: { min: 1, max: 1 } } };
    const report = await bench.migrate(vm, nodes[1]!, options);
    expect([report.outcome, report.node]).to.deep.equal(['refused', 'compute-0']);
    expect(report.cause).to.contain('vm.nic0');
  });

  it('migrates an instance five times, back and forth', async () => {
    const reports: MigrationReport[] = [];
    for (let attempt = 0; attempt < MAX_ATTEMPTS && reports.length < 5; attempt++) {
      await waitForFrames(50);
      const report = await bench.migrate(vm, nodes[(reports.length + 1) % 2]!);
      if (report.outcome === 'completed') reports.push(report);
      else expect(report.cause).to.match(/ack|refused/);
    }
    expect(reports.map(({ from, to }) => `${from} ${to}`)).to.have.length(5);
    expect(reports.every(({ downtimeMs, ringsAtDetach }) => downtimeMs > 0 && ringsAtDetach.alloc > 0)).to.equal(true);
    expect(reports.at(-1)!.node).to.equal('compute-1');
  });

  it('stops, starts and migrates while bursts run', async () => {
    const { control } = vm.workers;
    const { address } = vm.port('lan');
    for (let round = 0; round < 4; round++) {
      await waitForFrames(20);
      const migration = bench.migrate(vm, nodes[round % 2]!);
      for (const operation of ['stop', 'start'] as const) {
        try {
          control.operations[operation](address);
        } catch (error) {
          // An operation that is not possible during a migration (section 14) fails and has no effect.
          expect(error).to.be.instanceOf(ErrnoError);
          expect(['ENOTSUP', 'EBUSY', 'ETIME']).to.include((error as ErrnoError).code);
        }
      }
      await migration;
      control.operations.start(address);
    }
    await waitForFrames(20);
  });

  it('has counted every loss, and leaves no memory and no thread behind', async () => {
    for (const load of loads) load.stop();
    await bench.settle();
    bench.checkAccounts();
    bench.checkTraffic();
    expect(context.details).to.deep.equal([]);
    expect(loads.map((load) => load.report().wrong)).to.deep.equal(loads.map(() => 0));
    expect(await bench.close()).to.deep.equal([]);
    expect(extents()).to.deep.equal([]);
  });
});
