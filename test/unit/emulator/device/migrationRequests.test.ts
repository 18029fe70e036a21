import { expect } from 'chai';
import * as abi from '../../../../shared/loops/layout';
import { busy, expectBalance, frame, makeBench } from './bench';
import { bound, counts, lost } from './migrationBench';

const EBUSY = -16;

describe('requests of a migrating guest', () => {
  it('are carried out as usual before it detaches', () => {
    const { device, guest } = bound();
    device.beginDetach();
    expect(guest.configure({ rxQueues: 2 })).to.equal(0);
    expect(guest.link(0)).to.equal(0);
    expect(device.inspect.negotiated.rxQueues).to.equal(2);
    expect(device.inspect.linkUp).to.equal(false);
  });

  it('are accepted from a guest that was about to probe when the host found no driver', () => {
    const { device, guest } = makeBench();
    device.beginDetach();
    expect(device.migration).to.include({ released: true, bound: false });
    guest.setMask(1);
    expect(guest.configure()).to.equal(0);
    expect(device.migration.released).to.equal(false);
  });

  for (const acked of [false, true])
    it(`are refused with EBUSY if they configure a port that was ${acked ? 'released' : 'shut down'}`, () => {
      const { device, guest } = bound();
      device.beginDetach();
      guest.shutdown();
      if (acked) guest.ack(1);
      expect(guest.request(abi.REQ_CONFIG, guest.configRequest())).to.equal(EBUSY);
      expect(guest.link(1)).to.equal(0);
      expect(device.configured).to.equal(false);
      expect(device.inspect.stats().control).to.include({ refused: 1 });
      device.beginAttach();
      expect(guest.attach()).to.equal(0);
    });

  it('get the same answer to a second shutdown as to the first', () => {
    const bench = bound();
    const { device, guest } = bench;
    busy(bench);
    device.beginDetach();
    expect([guest.shutdown(), guest.shutdown()]).to.deep.equal([0, 0]);
    expect(counts(bench)).to.include({ shutdowns: 1 });
    guest.ack(1);
    device.step();
    expect(guest.shutdown()).to.equal(0);
    expect(counts(bench)).to.include({ shutdowns: 1, released: 1 });
    expect(lost(bench).rx).to.equal(2);
    device.beginAttach();
    expect(guest.attach()).to.equal(0);
    expectBalance(bench);
  });

  it('need no second shutdown for a second event of the same detach', () => {
    const bench = bound();
    const { device, guest } = bench;
    device.beginDetach();
    guest.shutdown();
    device.beginDetach();
    expect(device.migration).to.include({ ack: 0, shutdown: true });
    guest.ack(1);
    device.step();
    device.beginDetach();
    guest.ack(1);
    device.step();
    expect(device.migration).to.include({ released: true, status: 1 });
    expect(counts(bench)).to.include({ events: 3, acks: 2, released: 1 });
  });

  it('are not needed for a detach: ack 1 without a shutdown releases everything', () => {
    const bench = bound();
    busy(bench);
    bench.device.beginDetach();
    bench.guest.ack(1);
    bench.device.step();
    expect(bench.device.inspect.buffers().hostPool).to.equal(64);
    expect(bench.device.configured).to.equal(false);
    bench.deliver(frame(60));
    expect(lost(bench)).to.deep.equal({ rx: 2, tx: 1, detached: 1 });
    expectBalance(bench);
  });
});
