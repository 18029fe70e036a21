import { expect } from 'chai';
import { avpDriver } from '../../../driver';
import { ComputeNode } from '../../../emulator/machine/node';
import { extents } from '../../../shared/arena';
import { VirtualClock } from '../../../shared/clock';
import { ErrnoError } from '../../../shared/errors';
import { addWatcher } from '../../../shared/mem/watched';
import { ACTOR_DRIVER } from '../../../shared/loops/rights';
import { ownFrame } from './frames';
import { Guest } from './guest';
import { checkAgreement, checkAll, checkBuffers, workOf } from './invariants';
import { Rig, SMALL, startOver, Wire } from './rig';

const OPTIONS = { rxQueues: 2, txQueues: 2, rxMbufs: 48, txMbufs: 48 };

function frame(number: number, bytes = 300): Uint8Array {
  return ownFrame(number, { bytes, flow: number % 8 });
}

/** An application that receives and sends at every step of the clock. */
class Busy {
  received = 0;
  sent = 0;
  private number = 0;

  constructor(
    private readonly rig: Pick<Rig, 'wire'>,
    private readonly guest: Guest,
  ) {}

  turn(): void {
    const before = this.received + this.sent;
    for (let i = 0; i < 4; i++) {
      this.rig.wire.send(frame(this.number));
      if (this.guest.backlogged < 16) this.guest.offer(this.number % 2, frame(this.number));
      this.number++;
    }
    this.received += this.guest.receiveAll().length;
    this.sent += this.guest.send(0, 64) + this.guest.send(1, 64);
    this.busyTurns += this.received + this.sent > before ? 1 : 0;
  }

  /** Turns in which a packet moved. */
  busyTurns = 0;
}

describe('life of a port', () => {
  it('opens and closes a thousand times without losing memory, buffers or packets', () => {
    const rig = new Rig(SMALL);
    const before = extents().length;
    let work = 0;
    for (let round = 0; round < 1_000; round++) {
      const guest = new Guest(rig.probe(), { ...OPTIONS, rxMbufs: 8, txMbufs: 8 }).setUp();
      if (round % 3 > 0) guest.start();
      rig.clock.step();
      rig.wire.send(frame(round));
      guest.offer(0, frame(round));
      guest.send(0, 64);
      if (round % 2 > 0) rig.clock.step();
      guest.receiveAll();
      work += workOf(guest.port).received;
      // Close started and stopped ports, with and without packets on the rings.
      if (round % 5 === 0) guest.port.stop();
      avpDriver.remove(guest.port);
      guest.release();
      expect(extents().length, `allocations after round ${round}`).to.equal(before);
      checkBuffers(rig.device, 0, true);
    }
    rig.wire.take();
    expect(rig.device.inspect.stats().toGuest.delivered).to.equal(work);
    expect(work, 'packets of all rounds').to.be.greaterThan(100);
  });

  it('carries traffic each time it is opened', () => {
    const rig = new Rig(SMALL);
    for (let round = 0; round < 20; round++) {
      const guest = new Guest(rig.probe(), OPTIONS).setUp().start();
      rig.settle();
      for (let i = 0; i < 10; i++) {
        rig.wire.send(frame(i));
        guest.offer(0, frame(i));
      }
      guest.send(0, 64);
      rig.settle();
      expect(guest.receiveAll(), `packets to the guest in round ${round}`).to.have.length(10);
      expect(rig.wire.take(), `packets from the guest in round ${round}`).to.have.length(10);
      avpDriver.remove(guest.port);
      guest.release();
    }
  });

  it('moves packets while a request waits half a second for its answer', () => {
    const rig = new Rig(SMALL);
    const guest = new Guest(rig.probe(), OPTIONS).setUp().start();
    rig.settle();
    const busy = new Busy(rig, guest);
    const rest = rig.clock.onStep(() => busy.turn());
    rig.device.tamper.planAnswer({ answers: 0, result: -16 });
    const startMs = rig.clock.nowMs();
    expect(() => guest.port.stop()).to.throw(ErrnoError, 'did not answer');
    expect(rig.clock.nowMs() - startMs, 'waiting time').to.be.least(500);
    expect(busy.busyTurns, 'turns in which packets moved').to.be.greaterThan(90);
    expect(guest.port.state).to.equal('started');
    checkAgreement(rig.device, guest.port, { rxFifos: 2, txQueues: 2, features: 0 });
    rest();
    rig.settle();
    guest.receiveAll();
    rig.settle();
    rig.wire.take();
    checkAll(rig.device, guest);
  });

  it('repeats a configure request that got no answer at the next start, and leaves no stale rings', () => {
    const rig = new Rig(SMALL);
    const guest = new Guest(rig.probe(), OPTIONS).setUp().start();
    rig.settle();
    const sendFive = (): number => {
      for (let i = 0; i < 5; i++) guest.offer(1, frame(i));
      guest.send(1, 64);
      rig.settle();
      return rig.wire.take().length;
    };
    expect(sendFive()).to.equal(5);
    guest.port.stop();
    rig.device.tamper.planAnswer({ answers: 0 });
    expect(() => guest.port.configure({ ...OPTIONS, rxQueues: 1, txQueues: 1 })).to.throw(ErrnoError, 'did not answer');
    guest.port.start();
    checkAgreement(rig.device, guest.port, { rxFifos: 2, txQueues: 2, features: 0 });
    rig.settle();
    expect(sendFive()).to.equal(5);
    checkAll(rig.device, guest);
  });

  it('never makes statistics, link and promiscuous mode wait for a request', () => {
    const rig = new Rig(SMALL);
    const guest = new Guest(rig.probe(), OPTIONS).setUp().start();
    rig.device.tamper.planAnswer({ answers: 0 });
    let asked = 0;
    rig.clock.onStep(() => {
      const nowMs = rig.clock.nowMs();
      guest.port.statsGet();
      guest.port.xstatsGet();
      guest.port.linkGet();
      guest.port.promiscuousEnable();
      expect(rig.clock.nowMs()).to.equal(nowMs);
      asked++;
    });
    expect(() => guest.port.vlanOffloadSet({ strip: true })).to.throw(ErrnoError);
    expect(asked).to.be.greaterThan(90);
  });
});

describe('removal under traffic', () => {
  function instanceWithTraffic(): { node: ComputeNode; guest: Guest; wire: Wire; busy: Busy; clock: VirtualClock } {
    startOver();
    const clock = new VirtualClock(5);
    const node = new ComputeNode({ name: 'node', clock, seed: 1 });
    const wire = new Wire('wire');
    node.connect(wire, 'net');
    const { rxQueues: _rx, txQueues: _tx, ...sizes } = SMALL;
    const settings = { ...sizes, rxQueues: { min: 1, max: 2 }, txQueues: { min: 1, max: 2 } };
    const instance = node.boot('guest', [{ network: 'net', model: 'avp', mac: '52:54:00:00:00:01', settings }], {
      drivers: [avpDriver],
    });
    const guest = new Guest(instance.portOf(instance.nics[0]!, avpDriver)!, OPTIONS).setUp().start();
    const busy = new Busy({ wire }, guest);
    return { node, guest, wire, busy, clock };
  }

  it('orderly: bursts go on until the end, and no memory stays allocated', () => {
    const { node, guest, busy, clock } = instanceWithTraffic();
    const [instance] = node.instances;
    const [nic] = instance!.nics;
    const end = clock.onStep(() => busy.turn());
    clock.sleepMs(50);
    const before = busy.busyTurns;
    expect(before).to.be.greaterThan(5);
    // The removal releases the port record, so the application must stop using it at this event.
    guest.port.onEvent((event) => {
      if (event === 'removed') end();
    });
    instance!.hotUnplug(nic!);
    expect(instance!.bus.events.map(({ kind, error }) => [kind, error]).slice(-2)).to.deep.equal([
      ['removed', null],
      ['unplugged', null],
    ]);
    guest.release();
    expect(extents().filter(({ label }) => label.includes('nic0') || label.startsWith('port'))).to.deep.equal([]);
  });

  it('orderly, while a control operation waits and bursts go on', () => {
    const { node, guest, busy, clock } = instanceWithTraffic();
    const [instance] = node.instances;
    const [nic] = instance!.nics;
    nic!.device!.tamper.planAnswer({ answers: 0, result: -16 });
    const atMs = clock.nowMs() + 100;
    const unplug = clock.onStep(() => {
      if (clock.nowMs() < atMs) return;
      unplug();
      instance!.hotUnplug(nic!);
    });
    const end = clock.onStep(() => busy.turn());
    guest.port.onEvent((event) => {
      if (event === 'removed') end();
    });
    expect(() => guest.port.stop()).to.throw(ErrnoError, 'removed');
    guest.release();
    expect(extents().filter(({ label }) => label.includes('nic0') || label.startsWith('port'))).to.deep.equal([]);
  });

  it('orderly, while the host does not answer', () => {
    const { node, guest, busy, clock } = instanceWithTraffic();
    const [instance] = node.instances;
    const end = clock.onStep(() => busy.turn());
    guest.port.onEvent((event) => {
      if (event === 'removed') end();
    });
    instance!.nics[0]!.device!.tamper.pause();
    instance!.hotUnplug(instance!.nics[0]!);
    guest.release();
    expect(extents().filter(({ label }) => label.includes('nic0') || label.startsWith('port'))).to.deep.equal([]);
  });

  it('by surprise, after each access of a burst', () => {
    for (const direction of ['rx', 'tx'] as const) {
      let reached = true;
      for (let at = 1; reached; at += at < 100 ? 1 : 17) {
        const rig = new Rig({ ...SMALL, mbufSize: 128 });
        const guest = new Guest(rig.probe(), { ...OPTIONS, rxMbufBytes: [128] }).setUp().start();
        rig.settle();
        for (let i = 0; i < 5; i++) {
          rig.wire.send(frame(i));
          guest.offer(0, frame(i));
        }
        rig.settle();
        reached = burstAndVanish(rig, at, () => (direction === 'rx' ? guest.receiveAll() : guest.send(0, 64)));
        if (reached)
          expect(guest.receiveAll().length + guest.send(0, 64), 'packets moved after the removal').to.equal(0);
        expect(guest.port.linkGet().up).to.equal(!reached);
        if (reached)
          for (const operation of ['stop', 'start'] as const)
            expect(() => guest.port[operation]()).to.throw(ErrnoError, /removed/);
        guest.checkPools();
        avpDriver.remove(guest.port);
        guest.release();
        const { total, hostPool } = rig.device.inspect.buffers();
        expect(hostPool, 'buffers of the host').to.equal(total);
      }
    }
  });

  /** Removes the device after `at` accesses of the driver to BAR 2. Returns false if the burst made fewer. */
  function burstAndVanish(rig: Rig, at: number, burst: () => unknown): boolean {
    let left = at;
    const { memory, memoryBytes } = rig.bars;
    const stopWatching = addWatcher((_kind, address, _bytes, actor) => {
      if (actor === ACTOR_DRIVER && address >= memory && address < memory + memoryBytes && --left === 0)
        rig.device.surpriseRemove();
    });
    try {
      burst();
    } finally {
      stopWatching();
    }
    return left <= 0;
  }

  it('by surprise, during each control operation', () => {
    for (const operation of ['configure', 'start', 'stop', 'vlan', 'close'] as const) {
      const rig = new Rig(SMALL);
      const guest = new Guest(rig.probe(), OPTIONS).setUp();
      if (operation !== 'configure' && operation !== 'start') guest.start();
      rig.device.inspect.onRequest(() => rig.device.surpriseRemove());
      const { port } = guest;
      const run = {
        configure: () => port.configure(OPTIONS),
        start: () => port.start(),
        stop: () => port.stop(),
        vlan: () => port.vlanOffloadSet({ strip: true }),
        close: () => port.close(),
      }[operation];
      if (operation === 'close') run();
      else expect(run, operation).to.throw(ErrnoError).with.property('code', 'ENODEV');
      expect(port.linkGet().up).to.equal(false);
      guest.receiveAll();
      avpDriver.remove(port);
      guest.release();
    }
  });
});

describe('packet lengths', () => {
  it('from 0 to 9,239 bytes pass both ways or are refused by the side that must refuse them', () => {
    const rig = new Rig({ ...SMALL, rxQueues: { min: 1, max: 1 }, txQueues: { min: 1, max: 1 } });
    const guest = new Guest(rig.probe(), { rxQueues: 1, txQueues: 1 }).setUp().start();
    rig.settle();
    for (let bytes = 0; bytes <= 9_239; bytes += bytes < 2_100 || bytes > 8_190 ? 1 : 13) {
      const sent = frame(bytes, bytes);
      rig.wire.send(sent);
      guest.offer(0, sent);
      expect(guest.send(0, 1), `${bytes} bytes taken`).to.equal(1);
      rig.clock.step();
      const received = guest.receive(0, 64).map((packet) => packet.bytes);
      const onWire = rig.wire.take();
      const passes = bytes >= 14;
      if (received.length !== (passes && bytes <= 9_238 ? 1 : 0) || onWire.length !== (passes ? 1 : 0))
        expect.fail(`${bytes} bytes: ${received.length} to the guest, ${onWire.length} to the wire`);
      if ([...received, ...onWire].some((arrived) => Buffer.compare(arrived, sent) !== 0))
        expect.fail(`${bytes} bytes arrived changed`);
    }
    rig.settle();
    checkAll(rig.device, guest);
  });
});
