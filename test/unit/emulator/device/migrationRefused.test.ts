import { expect } from 'chai';
import * as abi from '../../../../shared/loops/layout';
import { busy, expectBalance, indices, makeBench } from './bench';
import { bound, expectTraffic, lost, TRAFFIC_RINGS } from './migrationBench';

describe('a refused detach', () => {
  for (const former of [abi.MIGRATION_NONE, abi.MIGRATION_ATTACHED])
    it(`goes back to status ${former} without an event, and to the rings as they are`, () => {
      const bench = bound();
      const { device, guest, notes } = bench;
      device.tamper.setMigrationStatus(former);
      busy(bench);
      device.beginDetach();
      device.function.dispatchInterrupt();
      device.tamper.planAnswer({ request: abi.REQ_SHUTDOWN, answers: 0 });
      expect(guest.detach()).to.equal(null);
      expect(device.configured).to.equal(false);
      const before = TRAFFIC_RINGS.map((ring) => indices(bench, ring)[1]);
      device.tamper.pause();
      device.tamper.resume();
      device.step();
      expect(device.migration).to.deep.equal({ status: former, ack: 3, shutdown: false, released: false, bound: true });
      expect(device.function.dispatchInterrupt()).to.equal(false);
      expect(device.inspect.linkUp).to.equal(true);
      expect(TRAFFIC_RINGS.map((ring) => indices(bench, ring)[1]).slice(1, 3)).to.deep.equal(before.slice(1, 3));
      expect(notes).to.deep.equal(['announced 1', 'shutdown 0', 'acked 3', 'resumed 0', `undone ${former}`]);
      expect(device.inspect.stats().toGuest.waiting).to.equal(2);
      expectTraffic(bench);
      expect(lost(bench)).to.deep.equal({ rx: 0, tx: 0, detached: 0 });
      expectBalance(bench);
    });

  it('may come before any request', () => {
    const bench = bound();
    bench.device.beginDetach();
    bench.guest.ack(3);
    bench.device.step();
    expect(bench.device.migration.status).to.equal(0);
    expect(bench.notes).to.deep.equal(['announced 1', 'acked 3', 'undone 0']);
    expectTraffic(bench);
  });

  it('is undone even if the host sees the shutdown and ack 3 in one step', () => {
    const bench = bound();
    const { device, guest } = bench;
    device.beginDetach();
    device.tamper.pause();
    guest.send(abi.REQ_SHUTDOWN);
    device.step();
    guest.ack(3);
    device.tamper.resume();
    device.step();
    expect(device.migration.status).to.equal(0);
    expect(guest.answer()).to.equal(0);
    expectTraffic(bench);
  });

  it('keeps a link down that was down, and a port unconfigured that was not configured', () => {
    const down = bound({}, { ifUp: 0 });
    down.device.beginDetach();
    down.guest.shutdown();
    down.guest.ack(3);
    down.device.step();
    expect([down.device.configured, down.device.inspect.linkUp]).to.deep.equal([true, false]);
    const { device, guest } = makeBench();
    guest.setMask(1);
    device.beginDetach();
    guest.shutdown();
    guest.ack(3);
    device.step();
    expect(device.configured).to.equal(false);
    expect(guest.configure()).to.equal(0);
  });

  it('does not delay a request that follows at once', () => {
    const bench = bound();
    const { device, guest } = bench;
    device.beginDetach();
    guest.shutdown();
    device.tamper.pause();
    guest.ack(3);
    guest.send(abi.REQ_CONFIG, guest.configRequest({ rxQueues: 2 }));
    device.tamper.resume();
    device.step();
    expect(guest.answer()).to.equal(0);
    expect(device.inspect.negotiated.rxQueues).to.equal(2);
    expect(device.migration.status).to.equal(0);
  });

  it('may be followed by one that succeeds', () => {
    const bench = bound();
    bench.device.beginDetach();
    bench.guest.ack(3);
    bench.device.step();
    bench.device.beginDetach();
    bench.guest.detach();
    bench.device.step();
    expect(bench.device.migration.released).to.equal(true);
    bench.device.beginAttach();
    expect(bench.guest.attach()).to.equal(0);
    expectTraffic(bench);
    expectBalance(bench);
  });
});

describe('a detach that the host cancels', () => {
  it('leaves a guest as it was that has not reacted', () => {
    const bench = bound();
    bench.device.beginDetach();
    expect(bench.device.undoDetach()).to.equal(true);
    expect(bench.device.migration.status).to.equal(0);
    expectTraffic(bench);
  });

  it('undoes a shutdown that was carried out', () => {
    const bench = bound();
    const { device, guest } = bench;
    busy(bench);
    device.beginDetach();
    guest.shutdown();
    expect(device.undoDetach()).to.equal(true);
    expect(device.configured).to.equal(true);
    expect(device.inspect.stats().toGuest.waiting).to.equal(2);
    device.step();
    expectTraffic(bench);
    expectBalance(bench);
  });

  it('is not cancelled once the guest has detached, even if the host had not seen it yet', () => {
    const { device, guest } = bound();
    device.beginDetach();
    guest.detach();
    expect(device.undoDetach()).to.equal(false);
    expect(device.migration).to.include({ status: 1, released: true });
    device.beginAttach();
    expect(guest.attach()).to.equal(0);
  });

  it('may not be under way at all', () => {
    const { device } = bound();
    device.beginDetach();
    device.beginAttach();
    expect(device.undoDetach()).to.equal(true);
    expect(device.migration.status).to.equal(2);
  });

  it('gives valid rings to the next guest if the former one closed meanwhile', () => {
    const bench = bound();
    const { device, guest } = bench;
    device.beginDetach();
    guest.shutdown();
    guest.setMask(0);
    device.step();
    expect(device.migration).to.include({ released: true, bound: false });
    expect(device.undoDetach()).to.equal(true);
    guest.setMask(1);
    device.step();
    guest.openAll();
    expect(guest.configure()).to.equal(0);
    expectTraffic(bench);
    expectBalance(bench);
  });
});
