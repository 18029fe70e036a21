import { expect } from 'chai';
import { avpDriver } from '../../../driver';
import { extents } from '../../../shared/arena';
import { ErrnoError } from '../../../shared/errors';
import { APPLICATION_OPTIONS, BusyApplication, flowFrame } from './busyApplication';
import { configOf, Guest } from './guest';
import { checkAgreement, checkAll, checkBuffers, workOf } from './invariants';
import { Rig, SMALL } from './rig';

describe('life of a port', () => {
  it('opens and closes a thousand times without losing memory, buffers or packets', () => {
    const rig = new Rig(SMALL);
    const before = extents().length;
    let work = 0;
    for (let round = 0; round < 1_000; round++) {
      const guest = new Guest(rig.probe(), { ...APPLICATION_OPTIONS, rxMbufs: 8, txMbufs: 8 }).setUp();
      if (round % 3 > 0) guest.start();
      rig.clock.step();
      rig.wire.send(flowFrame(round));
      guest.offer(0, flowFrame(round));
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
      const guest = new Guest(rig.probe(), APPLICATION_OPTIONS).setUp().start();
      rig.settle();
      for (let i = 0; i < 10; i++) {
        rig.wire.send(flowFrame(i));
        guest.offer(0, flowFrame(i));
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
    const guest = new Guest(rig.probe(), APPLICATION_OPTIONS).setUp().start();
    rig.settle();
    const busy = new BusyApplication(rig.wire, guest);
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
    const guest = new Guest(rig.probe(), APPLICATION_OPTIONS).setUp().start();
    rig.settle();
    const sendFive = (): number => {
      for (let i = 0; i < 5; i++) guest.offer(1, flowFrame(i));
      guest.send(1, 64);
      rig.settle();
      return rig.wire.take().length;
    };
    expect(sendFive()).to.equal(5);
    guest.port.stop();
    rig.device.tamper.planAnswer({ answers: 0 });
    expect(() => guest.port.configure({ ...configOf(APPLICATION_OPTIONS), rxQueues: 1, txQueues: 1 })).to.throw(
      ErrnoError,
      'did not answer',
    );
    guest.port.start();
    checkAgreement(rig.device, guest.port, { rxFifos: 2, txQueues: 2, features: 0 });
    rig.settle();
    expect(sendFive()).to.equal(5);
    checkAll(rig.device, guest);
  });

  it('never makes statistics, link and promiscuous mode wait for a request', () => {
    const rig = new Rig(SMALL);
    const guest = new Guest(rig.probe(), APPLICATION_OPTIONS).setUp().start();
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
