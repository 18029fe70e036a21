import { load8, store8 } from '#mem';
import { expect } from 'chai';
import { readCapture, type Endpoint, type SwitchPort } from '../../../../emulator';
import { asHost } from '../../../../shared/actors';
import type { InlinePort } from '../../../../testbench/inline/port';
import type { InlineBench } from '../../../../testbench/inline/bench';
import type { ScenarioRun } from '../../../../testbench/common/order';
import { runScenario } from '../../../../testbench/run/runScenario';
import { droppedIn } from '../../../../testbench/api/result';

const NICS = ['net-id=lan,vif-model=avp'];
const POOL = { pools: [{ buffers: 1_024 }] };

type Body = (bench: InlineBench) => Promise<void>;

function run(body: Body, record = false): Promise<ScenarioRun> {
  return runScenario({ name: 'test', about: 'a test', body }, { seed: 5, settings: new Map(), record });
}

/** Makes two nodes with an instance on each. */
function twoNodes(bench: InlineBench): {
  readonly [K in 'vm' | 'peer']: ReturnType<ReturnType<InlineBench['computeNode']>['boot']>;
} & {
  readonly [K in 'a' | 'b']: ReturnType<InlineBench['computeNode']>;
} {
  const [a, b] = [bench.computeNode('a', POOL), bench.computeNode('b', POOL)];
  return { a, b, vm: a.boot('vm', NICS), peer: b.boot('peer', NICS) };
}

/** Replaces the delivery of frames from a port to its device. */
function tamper(port: SwitchPort, deliver: (to: Endpoint, address: number, bytes: number) => void): void {
  const device = port.endpoint!;
  port.exchangeEndpoint({
    name: device.name,
    uplink: null,
    deliver: (address, bytes) => deliver(device, address, bytes),
  });
}

describe('a bench with several nodes', () => {
  it('joins networks of the same name, and reports the balance of its traffic', async () => {
    const { result, details } = await run(async (bench) => {
      const { vm, peer } = twoNodes(bench);
      const { answered, wrong } = await bench.requestResponse(vm.port('lan'), peer.port('lan'), { frames: 50 });
      bench.expect('all requests are answered', [answered, wrong], [50, 0]);
      bench.checkTraffic();
    });
    expect(details).to.deep.equal([]);
    expect(result).to.include({
      offered: 100,
      delivered: 100,
      corrupted: 0,
      duplicated: 0,
      reordered: 0,
      leakedBuffers: 0,
    });
    expect(result).to.deep.include({ unexplainedLoss: 0, lostByCause: {}, migrations: [] });
  });

  it('reports no balance with one node, whose switch floods copies', async () => {
    const { result } = await run(async (bench) => void bench.computeNode().boot('vm', NICS));
    expect(result).to.not.have.any.keys('offered', 'lostByCause');
  });

  it('reports the losses of a migration by cause, and the time without packets', async () => {
    const { result, details } = await run(async (bench) => {
      const { b, vm, peer } = twoNodes(bench);
      const load = bench.startLoad(vm.port('lan'), peer.port('lan'), { reply: true });
      await bench.runFor(20);
      const report = await bench.migrate(vm, b, { moveMs: 15 });
      bench.expect(
        'names',
        [report.instance, report.from, report.to, report.node, vm.node.name],
        ['vm', 'a', 'b', 'b', 'b'],
      );
      bench.expect('outcome', [report.outcome, report.cause], ['completed', null]);
      bench.expect(
        'it was silent while it moved, and while nothing went to it',
        report.downtimeMs >= 15 && report.downtimeMs < 60,
      );
      const { events } = vm.port('lan');
      bench.expect(
        'the application is told',
        events.slice(-2).map(({ event }) => event),
        ['detached', 'attached'],
      );
      const [detached, attached] = events.slice(-2);
      bench.expect('and when', attached!.atMs - detached!.atMs >= 15);
      load.stop();
      await bench.settle();
      bench.checkTraffic();
    });
    expect(details).to.deep.equal([]);
    const [report] = result.migrations;
    const lost = result.ports.reduce((sum, account) => sum + droppedIn(account), 0);
    expect(lost).to.be.above(0);
    expect(Object.values(report!.lostByCause).reduce((sum, count) => sum + count, 0)).to.equal(lost);
    expect(result.lostByCause).to.deep.equal(report!.lostByCause);
  });

  it('reports the time of the detach as downtime if nothing is sent', async () => {
    const { result } = await run(async (bench) => {
      const { b, vm } = twoNodes(bench);
      await bench.migrate(vm, b, { moveMs: 40 });
    });
    const { downtimeMs, timeline } = result.migrations[0]!;
    const acked = timeline.findLast(({ step }) => step === 'acked')!;
    expect(downtimeMs)
      .to.equal(acked.atMs - timeline[0]!.atMs)
      .and.above(39);
  });

  it('cancels a migration; the instance stays at the source, and traffic flows', async () => {
    const { result, details } = await run(async (bench) => {
      const { a, b, vm, peer } = twoNodes(bench);
      const migration = bench.startMigration(vm, b, { moveMs: 50 });
      bench.expect('it is under way', migration.done, false);
      await bench.runFor(20);
      migration.cancel();
      bench.expect('outcome', migration.ended().outcome, 'cancelled');
      bench.expect('it is where it was', vm.node === a);
      const { wrong } = await bench.requestResponse(peer.port('lan'), vm.port('lan'), { frames: 50 });
      bench.expect('frames arrive', wrong, 0);
    });
    expect(details).to.deep.equal([]);
    expect(result.migrations).to.have.length(1);
  });

  it('waits for a migration that is under way before it ends', async () => {
    const { result } = await run(async (bench) => {
      const { b, vm } = twoNodes(bench);
      const migration = bench.startMigration(vm, b, { moveMs: 50 });
      bench.expect('it is under way', migration.done, false);
    });
    expect(result.migrations.map(({ outcome }) => outcome)).to.deep.equal(['completed']);
  });

  for (const [how, away] of [
    ['in order', (vm) => vm.unplug('lan')],
    ['by surprise', (vm) => vm.surpriseRemove('lan')],
  ] as const satisfies readonly (readonly [string, (vm: ReturnType<typeof twoNodes>['vm']) => void])[])
    for (const afterMs of [0, 1, 5, 14, 15])
      it(`accounts for every frame if a NIC is removed ${how} ${afterMs} ms into a migration under load`, async () => {
        const { details } = await run(async (bench) => {
          const { b, vm, peer } = twoNodes(bench);
          const [near, far] = [vm.port('lan'), peer.port('lan')];
          const loads = [bench.startLoad(near, far), bench.startLoad(far, near)];
          await bench.runFor(10);
          const migration = bench.startMigration(vm, b, { moveMs: 10 });
          if (afterMs > 0) await bench.runFor(afterMs);
          away(vm);
          bench.expect('it ends', migration.ended().outcome, 'completed');
          for (const load of loads) load.stop();
          await bench.settle();
          bench.expect('nobody holds an mbuf', near.mbufsInUse + far.mbufsInUse, near.open ? near.waiting : 0);
          bench.expect(
            'nothing is wrong with what arrived',
            loads.map((load) => load.report().wrong),
            [0, 0],
          );
          bench.expect('no loss without a cause', bench.traffic().unexplainedLoss, 0);
        });
        expect(details).to.deep.equal([]);
      });

  it('records a port as one interface across its migrations', async () => {
    const { pcap, result } = await run(async (bench) => {
      const { b, vm, peer } = twoNodes(bench);
      await bench.oneWay(vm.port('lan'), peer.port('lan'), { frames: 10 });
      await bench.migrate(vm, b);
      await bench.oneWay(peer.port('lan'), vm.port('lan'), { frames: 10 });
    }, true);
    const { interfaces, frames } = readCapture(pcap!, 'run');
    expect(interfaces.map(({ name }) => name)).to.deep.equal(['vm/lan', 'peer/lan']);
    const own = frames.filter(({ interfaceIndex }) => interfaceIndex === 0).map(({ timeNs }) => Number(timeNs) / 1e6);
    const endMs = result.migrations[0]!.timeline.at(-1)!.atMs;
    expect([own.filter((atMs) => atMs < endMs).length, own.filter((atMs) => atMs > endMs).length]).to.deep.equal([
      10, 10,
    ]);
  });
});

describe('loads', () => {
  const between = async (
    options: Parameters<InlineBench['startLoad']>[2],
    during: (bench: InlineBench, near: InlinePort, far: InlinePort) => Promise<void>,
  ): Promise<ScenarioRun> =>
    run(async (bench) => {
      const [a, b] = [bench.computeNode('a', POOL), bench.computeNode('b', POOL)];
      const app = { rxQueues: 2, txQueues: 4, mtu: 9_000 };
      const [near, far] = [a.boot('near', NICS, app).port('lan'), b.boot('far', NICS, app).port('lan')];
      const load = bench.startLoad(near, far, options);
      await during(bench, near, far);
      load.stop();
      await bench.settle();
    });

  it('play captures over and over, with answers, and recognise each frame', async () => {
    for (const file of ['mixed-1500.pcap', 'jumbo-9000.pcapng', 'tagged.pcapng']) {
      const { result } = await run(async (bench) => {
        const [a, b] = [bench.computeNode('a'), bench.computeNode('b')];
        const [near, far] = [a.boot('near', NICS).port('lan'), b.boot('far', NICS).port('lan')];
        const captures = bench.captures(file);
        const load = bench.startLoad(near, far, { captures, reply: true, framesPerMs: 4, frames: 300 });
        while (!load.done) await bench.runFor(1);
        await bench.settle();
        const { sent, delivered, answered, flows } = load.report();
        bench.expect('all arrive', [sent, delivered, answered], [300, 300, 300]);
        bench.expect('in many flows', flows.length > 5);
        bench.checkTraffic();
      });
      expect(result, file).to.include({ verdict: 'pass', offered: 600, delivered: 600 });
    }
  });

  it('stay in order on several transmit queues while the host stalls', async () => {
    const { result } = await between({ flows: 16, framesPerMs: 60 }, async (bench, near) => {
      for (let round = 0; round < 5; round++) {
        await bench.runFor(3);
        near.nic.device!.tamper.pause();
        await bench.runFor(3);
        near.nic.device!.tamper.resume();
      }
    });
    expect(result).to.include({ corrupted: 0, duplicated: 0, reordered: 0, unexplainedLoss: 0 });
    expect(result.offered).to.be.above(500);
  });

  it('pause while many frames wait for the driver', async () => {
    const { result } = await between({ framesPerMs: 100 }, async (bench, near) => {
      near.nic.device!.tamper.pause();
      await bench.runFor(100);
      expect(near.waiting).to.be.within(200, 256);
      near.nic.device!.tamper.resume();
    });
    expect(result).to.include({ unexplainedLoss: 0 });
  });

  const faults: [
    what: string,
    found: 'corrupted' | 'duplicated' | 'reordered' | 'unexplainedLoss',
    (port: SwitchPort) => void,
  ][] = [
    [
      'a byte changes',
      'corrupted',
      (port) =>
        tamper(port, (to, address, bytes) => {
          asHost(() => {
            store8(address + bytes - 1, load8(address + bytes - 1) ^ 1);
            to.deliver(address, bytes);
          });
        }),
    ],
    [
      'a frame arrives twice',
      'duplicated',
      (port) =>
        tamper(port, (to, address, bytes) => {
          to.deliver(address, bytes);
          to.deliver(address, bytes);
        }),
    ],
    ['a frame is lost without being counted', 'unexplainedLoss', (port) => tamper(port, () => {})],
  ];
  for (const [what, found, plant] of faults)
    it(`detect that ${what}`, async () => {
      const { result } = await between({ frames: 20 }, async (bench, _near, far) => {
        plant(far.nic.port);
        await bench.runFor(20);
      });
      expect(result[found], found).to.equal(20);
    });
});
