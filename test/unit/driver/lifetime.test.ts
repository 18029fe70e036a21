import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { avpDriver, Port } from '../../../driver';
import { loadPortUsers } from '../../../driver/loops/records';
import { extents } from '../../../shared/arena';
import type { VirtualClock } from '../../../shared/clock';
import * as abi from '../../../shared/loops/layout';
import { startWorker } from '../../../testbench/runtime/worker';
import { expectErrno, frame, started, type Bench } from './build';
import { expectTraffic } from './exchange';
import { FakeHost } from './fakeHost';
import type { OtherThreadData, OtherThreadReport } from './otherThread';
import { sharingMemory } from '../../support/watched';

/** Labels of the port records that are allocated. */
function portRecords(): string[] {
  return extents()
    .map(({ label }) => label)
    .filter((label) => label.startsWith('port'));
}

/** A second thread of the application, which uses the port (`otherThread.ts`). */
class OtherThread {
  private readonly words = new Int32Array(new SharedArrayBuffer(16));
  private readonly worker: Worker;
  private readonly ended: Promise<unknown[]>;
  private readonly clock: VirtualClock;

  constructor({ host, port }: Bench) {
    const data: OtherThreadData = { port: port.address, pci: host.pci.base, flags: this.words.buffer };
    this.worker = startWorker('test/unit/driver/otherThread', {
      ...sharingMemory(data),
      print: process.stdout,
    });
    this.clock = host.clock;
    this.ended = once(this.worker, 'message');
    Atomics.wait(this.words, 0, 0);
    // Sleep at each step of the virtual clock, so that the other thread makes progress meanwhile.
    host.clock.onStep(() => void Atomics.wait(this.words, 3, 0, 0.05));
  }

  /** Waits until the thread has made a few more rounds, or has failed. */
  makeProgress(): void {
    const until = Atomics.load(this.words, 2) + 3;
    this.waitFor(() => Atomics.load(this.words, 2) >= until);
  }

  /** Steps the host until `holds` returns true or the thread has failed. */
  waitFor(holds: () => boolean): void {
    while (!holds() && Atomics.load(this.words, 1) === 0) this.clock.sleepMs(1);
  }

  async end(): Promise<OtherThreadReport> {
    Atomics.store(this.words, 1, 1);
    const [report] = (await this.ended) as [OtherThreadReport];
    expect(report.error).to.equal(null);
    return report;
  }

  async terminate(): Promise<void> {
    await this.worker.terminate();
  }
}

describe('driver: a port and another thread', () => {
  let other: OtherThread | null = null;

  afterEach(async () => {
    await other?.terminate();
    other = null;
  });

  it('lets the thread handle a migration, and after removal only returns errors to it until it leaves', async () => {
    const bench = started();
    const { host, port } = bench;
    other = new OtherThread(bench);
    host.setRegister(abi.REG_MIGRATION_STATUS, abi.MIGRATION_DETACHED);
    host.interrupt(abi.INTERRUPT_MIGRATION);
    expect(host.pci.dispatchInterrupt(), 'delivered in the former thread').to.equal(false);
    other.waitFor(() => host.register(abi.REG_MIGRATION_ACK) !== 0);
    expect([port.detached, port.eventsSince(0).at(-1)!.event]).to.deep.equal([true, 'detached']);
    host.setRegister(abi.REG_MIGRATION_ACK, 0);
    other.makeProgress();
    avpDriver.remove(port);
    host.interrupt(abi.INTERRUPT_MIGRATION);
    expect(portRecords()).to.have.length(1);
    other.makeProgress();
    const { codes, events } = await other.end();
    expect([codes['ENOTSUP']! > 0, codes['ENODEV']! > 0, events.at(-1)]).to.deep.equal([true, true, 'removed']);
    expect([host.register(abi.REG_MIGRATION_ACK), portRecords()]).to.deep.equal([0, []]);
  });
});

describe('driver: views and their end', () => {
  it('keeps the record until the last view has left', () => {
    const { host, port } = started();
    const views = [Port.at(port.address, host.platform), Port.at(port.address, host.platform)];
    expect(loadPortUsers(port.address)).to.equal(2);
    views[0]!.leave();
    views[1]!.leave();
    expect(loadPortUsers(port.address)).to.equal(2);
    avpDriver.remove(port);
    port.leave();
    expect(portRecords()).to.deep.equal([]);
  });

  it('counts a thread as a user until it leaves its last view, whatever else it has left', () => {
    const { host, port } = started();
    const other = Port.at(port.address, host.platform);
    other.leave();
    expect(loadPortUsers(port.address)).to.equal(2);
    port.leave();
    expect(loadPortUsers(port.address), 'the bus alone').to.equal(1);
    port.leave();
    expect(loadPortUsers(port.address), 'once more changes nothing').to.equal(1);
    const last = Port.at(port.address, host.platform);
    expect(loadPortUsers(port.address)).to.equal(2);
    avpDriver.remove(last);
    expect(portRecords()).to.deep.equal([]);
  });

  it('serves no interrupt in a thread that has left', () => {
    const { host, port } = started();
    port.leave();
    host.setRegister(abi.REG_MIGRATION_STATUS, abi.MIGRATION_DETACHED);
    host.interrupt(abi.INTERRUPT_MIGRATION);
    host.clock.step();
    expect(host.register(abi.REG_MIGRATION_ACK)).to.equal(0);
  });

  it('takes interrupts over, and refuses to once the port is closed', () => {
    const { host, port } = started();
    port.takeInterrupts();
    expect(host.raiseMigration(abi.MIGRATION_DETACHED)).to.equal(abi.MIGRATION_DETACHED);
    port.close();
    expectErrno('ENODEV', /closed/, () => port.takeInterrupts());
  });
});

describe('driver: events', () => {
  it('are numbered and kept, and reach a listener from its registration on', () => {
    const host = new FakeHost();
    const port = avpDriver.probe(host.pci, host.platform);
    expect([port.eventSequence, port.eventsSince(0)]).to.deep.equal([0, []]);
    host.migrate({ ...host.options, deviceId: 2n });
    const told: string[] = [];
    port.onEvent((event) => told.push(event));
    host.raiseMigration(abi.MIGRATION_DETACHED);
    expect(told).to.deep.equal(['detached']);
    expect(port.eventsSince(1)).to.deep.equal([
      { sequence: 2, event: 'attached', detail: {} },
      { sequence: 3, event: 'detached', detail: {} },
    ]);
    port.onEvent(null);
    port.close();
    expect([told.length, port.eventSequence]).to.deep.equal([1, 3]);
  });

  it('are kept up to the last 16', () => {
    const { port } = started();
    for (let i = 0; i < 10; i++) {
      port.stop();
      port.start();
    }
    expect(port.eventSequence).to.equal(21);
    expect(port.eventsSince(0).map(({ sequence }) => sequence)).to.deep.equal(
      Array.from({ length: 16 }, (_unused, i) => i + 6),
    );
    expect(port.eventsSince(21)).to.deep.equal([]);
  });

  it('reach the listener after the operation, so that it may call the port', () => {
    const bench = started();
    const { host, port } = bench;
    host.become({ ...host.options, deviceId: 3n });
    port.onEvent((event) => {
      if (event === 'attached') port.stop();
      if (event === 'link-down') port.start();
    });
    expect(host.raiseMigration(abi.MIGRATION_ATTACHED)).to.equal(abi.MIGRATION_ATTACHED);
    expect(port.eventsSince(1).map(({ event }) => event)).to.deep.equal([
      'detached',
      'attached',
      'link-down',
      'link-up',
    ]);
    expectTraffic(bench);
    port.onEvent(() => {
      throw new Error('of the application');
    });
    expect(() => port.stop()).to.throw('of the application');
    port.onEvent(null);
    avpDriver.remove(port);
    expect(portRecords()).to.deep.equal([]);
  });

  it('include the removal, after which the port is gone', () => {
    const { host, port } = started();
    const told: string[] = [];
    port.onEvent((event) => told.push(event));
    host.receive(0, [{ bytes: frame(60) }]);
    avpDriver.remove(port);
    expect(told).to.deep.equal(['link-down', 'removed']);
  });
});
