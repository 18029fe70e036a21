import { expect } from 'chai';
import { avpDriver } from '../../../driver';
import { ComputeNode } from '../../../emulator/machine/node';
import { extents } from '../../../shared/arena';
import { VirtualClock } from '../../../shared/clock';
import { ErrnoError } from '../../../shared/errors';
import { addWatcher } from '../../../shared/mem/watched';
import { ACTOR_DRIVER } from '../../../shared/loops/rights';
import { APPLICATION_OPTIONS, BusyApplication, flowFrame } from './busyApplication';
import { configOf, Guest } from './guest';
import { Rig, SMALL, startOver, Wire } from './rig';
import { itWatched } from '../../support/watched';

describe('removal under traffic', () => {
  function instanceWithTraffic(): {
    node: ComputeNode;
    guest: Guest;
    wire: Wire;
    busy: BusyApplication;
    clock: VirtualClock;
  } {
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
    const guest = new Guest(instance.portOf(instance.nics[0]!, avpDriver)!, APPLICATION_OPTIONS).setUp().start();
    const busy = new BusyApplication(wire, guest);
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

  itWatched('by surprise, after each access of a burst', () => {
    for (const direction of ['rx', 'tx'] as const) {
      let reached = true;
      for (let at = 1; reached; at += at < 100 ? 1 : 17) {
        const rig = new Rig({ ...SMALL, mbufSize: 128 });
        const guest = new Guest(rig.probe(), { ...APPLICATION_OPTIONS, rxMbufBytes: [128] }).setUp().start();
        rig.settle();
        for (let i = 0; i < 5; i++) {
          rig.wire.send(flowFrame(i));
          guest.offer(0, flowFrame(i));
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
      const guest = new Guest(rig.probe(), APPLICATION_OPTIONS).setUp();
      if (operation !== 'configure' && operation !== 'start') guest.start();
      rig.device.inspect.onRequest(() => rig.device.surpriseRemove());
      const { port } = guest;
      const run = {
        configure: () => port.configure(configOf(APPLICATION_OPTIONS)),
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
