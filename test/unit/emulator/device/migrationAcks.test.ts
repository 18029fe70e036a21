import { expect } from 'chai';
import { asHost } from '../../../../shared/actors';
import * as abi from '../../../../shared/loops/layout';
import { busy, expectBalance } from './bench';
import { bound, counts, expectTraffic, TRAFFIC_RINGS } from './migrationBench';

describe('an unexpected ack', () => {
  it('is counted and changes nothing if no migration is under way', () => {
    const bench = bound();
    for (const value of [1, 2, 3, 0xffff_ffff]) {
      bench.guest.ack(value);
      bench.device.step();
    }
    expect(counts(bench)).to.include({ acks: 0, acksUnexpected: 4 });
    expect(bench.device.migration.status).to.equal(0);
    expectTraffic(bench);
  });

  it('is counted once, however often the host reads it', () => {
    const bench = bound();
    bench.guest.ack(7);
    for (let i = 0; i < 3; i++) bench.device.step();
    expect(counts(bench)).to.include({ acksUnexpected: 1 });
    bench.guest.ack(0);
    bench.device.step();
    bench.guest.ack(7);
    bench.device.step();
    expect(counts(bench)).to.include({ acksUnexpected: 2 });
  });

  it('with a wrong value leaves a detach waiting for the right one', () => {
    const bench = bound();
    const { device, guest } = bench;
    device.beginDetach();
    for (const value of [2, 7]) {
      guest.ack(value);
      device.step();
    }
    expect(counts(bench)).to.include({ acksUnexpected: 2 });
    expect(device.configured).to.equal(true);
    guest.detach();
    device.step();
    expect(device.migration.released).to.equal(true);
  });

  it('3 after ack 1 does not undo the release of the rings', () => {
    const bench = bound();
    const { device, guest } = bench;
    device.beginDetach();
    guest.detach();
    device.step();
    guest.ack(3);
    device.step();
    expect(device.migration).to.include({ status: 1, released: true });
    expect(counts(bench)).to.include({ acks: 1, acksUnexpected: 1 });
    device.beginDetach();
    guest.ack(3);
    device.step();
    expect(device.migration).to.include({ status: 1, released: true });
    expect(counts(bench)).to.include({ acks: 1, acksUnexpected: 2 });
    device.beginAttach();
    expect(guest.attach()).to.equal(0);
    expectTraffic(bench);
  });

  it('1 after the detach was cancelled leaves the guest detached until an attach event', () => {
    const bench = bound();
    const { device, guest } = bench;
    busy(bench);
    device.beginDetach();
    guest.shutdown();
    device.undoDetach();
    guest.ack(1);
    device.step();
    expect(counts(bench)).to.include({ acksUnexpected: 1, released: 0 });
    expect(device.inspect.buffers().guest).to.be.greaterThan(0);
    device.beginAttach();
    expect(guest.attach()).to.equal(0);
    expectTraffic(bench);
    expectBalance(bench);
  });

  it('1 after the attach event lets the guest attach with the rings as they are', () => {
    const bench = bound();
    const { device, guest } = bench;
    busy(bench);
    device.beginDetach();
    guest.shutdown();
    device.beginAttach();
    guest.ack(1);
    device.step();
    expect(device.migration).to.include({ status: 2 });
    expect(guest.attach()).to.equal(0);
    device.step();
    expect(counts(bench)).to.include({ acksUnexpected: 1, acks: 1 });
    expect(guest.receive()).to.not.equal(null);
    expectTraffic(bench);
    expectBalance(bench);
  });

  it('3 for the detach after the attach event undoes the shutdown, because the guest never detached', () => {
    const bench = bound();
    const { device, guest } = bench;
    device.beginDetach();
    device.tamper.planAnswer({ request: abi.REQ_SHUTDOWN, answers: 0 });
    guest.shutdown();
    device.beginAttach();
    guest.ack(3);
    device.step();
    expect(device.configured).to.equal(true);
    guest.ack(2);
    device.step();
    expectTraffic(bench);
  });

  it('3 undoes a shutdown that came after the detach was cancelled', () => {
    const bench = bound();
    const { device, guest } = bench;
    device.beginDetach();
    device.undoDetach();
    guest.request(abi.REQ_SHUTDOWN);
    expect(device.configured).to.equal(false);
    guest.ack(3);
    device.step();
    expect(device.configured).to.equal(true);
    expect(counts(bench)).to.include({ acksUnexpected: 1 });
    expectTraffic(bench);
  });

  it('is not lost if the guest wrote it just before the next event', () => {
    const { device, guest } = bound();
    device.beginDetach();
    guest.detach();
    device.beginAttach();
    for (const ring of TRAFFIC_RINGS)
      expect(
        asHost(() => abi.loadFifoWrite(guest.fifo(ring, 0))),
        ring,
      ).to.equal(0);
    expect(device.inspect.buffers().hostPool).to.equal(64);
  });
});
