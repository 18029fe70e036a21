import { readBytes } from '#mem';
import { expect } from 'chai';
import { asHost } from '../../../../shared/actors';
import * as abi from '../../../../shared/loops/layout';
import { busy, expectBalance, frame, indices, makeBench } from './bench';

describe('life of a port on the host', () => {
  it('touches no ring before the first config', () => {
    const bench = makeBench();
    bench.device.step();
    bench.deliver(frame(60));
    expect(indices(bench, 'alloc')).to.deep.equal([0, 0]);
    expect(bench.device.inspect.stats().toGuest.dropped).to.include({ notConfigured: 1 });
    expect(bench.device.inspect.buffers().hostPool).to.equal(64);
  });

  it('keeps alloc filled after the config, even while the link is down', () => {
    const { device, guest } = makeBench();
    guest.configure({ ifUp: 0, txQueues: 2 });
    expect([0, 1, 2].map((queue) => guest.filled('alloc', queue))).to.deep.equal([15, 15, 0]);
    guest.takeBuffers(1);
    device.step();
    expect(guest.filled('alloc')).to.equal(15);
    guest.transmit(frame(60));
    device.step();
    expect(device.inspect.stats().fromGuest.forwarded).to.equal(1);
  });

  it('drops and counts frames that arrive while the link is down', () => {
    const { device, guest, deliver } = makeBench();
    guest.configure({ ifUp: 0 });
    deliver(frame(60));
    expect(device.inspect.stats().toGuest.dropped).to.include({ linkDown: 1 });
    guest.link(1);
    deliver(frame(60));
    device.step();
    expect(guest.receiveAndFree()).to.not.equal(null);
  });

  it('leaves the rings as they are at a config that changes no queue count', () => {
    const bench = makeBench();
    const { device, guest } = bench;
    guest.configure();
    busy(bench);
    const before = (['rx', 'alloc', 'free'] as const).map((ring) => indices(bench, ring));
    device.tamper.pause();
    guest.send(abi.REQ_CONFIG, guest.configRequest({ features: 1 }));
    device.tamper.resume();
    device.step();
    expect(guest.answer()).to.equal(0);
    const [rx, , free] = before;
    expect(indices(bench, 'rx')).to.deep.equal(rx);
    expect(indices(bench, 'free')).to.deep.equal([free![0], free![0]]);
    expect(device.inspect.negotiated.features).to.equal(1);
    expect(device.inspect.stats().toGuest.dropped).to.include({ ringEmptied: 0 });
    expectBalance(bench);
  });

  it('empties the queue pairs that are removed or added, and no other', () => {
    const bench = makeBench();
    const { device, guest, deliver } = bench;
    guest.configure({ rxQueues: 1, txQueues: 2 });
    deliver(frame(60));
    device.step();
    guest.takeBuffers(2, 0);
    guest.takeBuffers(2, 1);
    guest.put('tx', guest.takeBuffers(1, 1)[0]!, 1);
    device.tamper.pause();
    device.tamper.resume();
    expect(guest.request(abi.REQ_CONFIG, guest.configRequest({ rxQueues: 1, txQueues: 1 }))).to.equal(0);
    expect(indices(bench, 'tx', 1)).to.deep.equal([0, 0]);
    expect(indices(bench, 'alloc', 1)).to.deep.equal([0, 0]);
    expect(device.inspect.buffers()).to.include({ guest: 2, rx: 1, alloc: 15 });
    expect(device.inspect.stats().fromGuest).to.include({ offered: 1 });
    expect(device.inspect.stats().fromGuest.dropped).to.include({ segmentLength: 1, ringEmptied: 0 });
    guest.put('tx', 64n, 1);
    expect(guest.request(abi.REQ_CONFIG, guest.configRequest({ rxQueues: 1, txQueues: 2 }))).to.equal(0);
    expect(indices(bench, 'tx', 1)).to.deep.equal([0, 0]);
    expectBalance(bench);
  });

  it('takes back and counts the packets of a receive queue that is removed', () => {
    const bench = makeBench();
    const { device, guest, deliver } = bench;
    guest.configure({ rxQueues: 2 });
    busy(bench);
    deliver(frame(60));
    guest.openRings();
    expect(guest.configure({ rxQueues: 1 })).to.equal(0);
    expect(device.inspect.buffers()).to.include({ rx: 3, free: 0 });
    expectBalance(bench);
  });

  it('stops touching the rings before it answers a shutdown, and leaves them as they are', () => {
    const bench = makeBench();
    const { device, guest, deliver } = bench;
    guest.setMask(0xffff_ffff);
    guest.configure();
    busy(bench);
    deliver(frame(60));
    expect(guest.shutdown()).to.equal(0);
    const before = (['tx', 'rx', 'alloc', 'free'] as const).map((ring) => indices(bench, ring));
    device.step();
    guest.put('tx', guest.takeBuffers(1)[0]!);
    deliver(frame(60));
    device.step();
    expect(indices(bench, 'rx')).to.deep.equal(before[1]);
    expect(indices(bench, 'tx')[1]).to.equal(before[0]![1]);
    expect(device.configured).to.equal(false);
    expect(device.inspect.stats().toGuest.dropped).to.include({ notConfigured: 1 });
    expectBalance(bench);
    expect(guest.configure()).to.equal(0);
    expect(device.inspect.stats().fromGuest.offered).to.equal(2);
    expect(device.inspect.stats().toGuest.waiting).to.equal(3);
    expectBalance(bench);
  });

  it('has every buffer back after a close, and renews the rings once at the next non-zero mask', () => {
    const bench = makeBench();
    const { device, guest } = bench;
    guest.setMask(0xffff_ffff);
    guest.configure({ rxQueues: 2, txQueues: 2 });
    busy(bench);
    guest.setMask(0);
    expect(guest.shutdown()).to.equal(0);
    expect(device.inspect.buffers().hostPool).to.equal(64);
    expect(device.inspect.stats().toGuest.dropped).to.include({ ringEmptied: 2 });
    expect(device.inspect.stats().fromGuest).to.include({ offered: 1, forwarded: 1 });
    expectBalance(bench);
    const req = indices(bench, 'req');
    expect(indices(bench, 'tx')[0]).to.equal(1);
    device.step();
    expect(indices(bench, 'tx')[0]).to.equal(1);
    guest.setMask(1);
    device.step();
    for (const ring of ['tx', 'rx', 'alloc', 'free'] as const) expect(indices(bench, ring)).to.deep.equal([0, 0]);
    expect(indices(bench, 'req')).to.deep.equal(req);
    guest.openRings();
    guest.put('tx', 64n);
    device.step();
    expect(indices(bench, 'tx')).to.deep.equal([1, 0]);
    expect(guest.configure()).to.equal(0);
    expect(guest.filled('alloc')).to.equal(15);
    expectBalance(bench);
  });

  it('renews a FIFO at the close if its header is spoilt, because no probe would get as far as the mask', () => {
    for (const [ring, field] of [
      ['tx', 'write'],
      ['free', 'write'],
      ['rx', 'read'],
      ['alloc', 'read'],
      ['rx', 'write'],
      ['tx', 'len'],
      ['alloc', 'elem_size'],
    ] as const) {
      const bench = makeBench();
      const { device, guest } = bench;
      guest.setMask(0xffff_ffff);
      guest.configure({ rxQueues: 2, txQueues: 2 });
      busy(bench);
      const others = (['tx', 'rx', 'alloc', 'free'] as const).filter((one) => one !== ring);
      device.tamper.overwrite('fifo', field, field === 'len' || field === 'elem_size' ? 0 : 99, {
        fifo: ring,
        queue: 1,
      });
      guest.setMask(0);
      expect(guest.shutdown()).to.equal(0);
      const header = asHost(() => readBytes(guest.fifo(ring, 1), abi.FIFO_BYTES));
      expect([...new Uint32Array(header.buffer)], `${ring} with another ${field}`).to.deep.equal([0, 0, 16, 8]);
      expect(
        others.some((one) => indices(bench, one)[0] > 0),
        'the other rings are as they were',
      ).to.equal(true);
      expectBalance(bench);
    }
  });

  it('renews the rings at the config if no mask was written before it', () => {
    const bench = makeBench();
    const { guest } = bench;
    guest.configure();
    guest.takeBuffers(3);
    guest.shutdown();
    expect(indices(bench, 'alloc')).to.deep.equal([15, 3]);
    expect(guest.request(abi.REQ_CONFIG, guest.configRequest({ rxQueues: 9 }))).to.equal(-22);
    expect(indices(bench, 'alloc')).to.deep.equal([15, 3]);
    expect(guest.configure()).to.equal(0);
    expect(indices(bench, 'alloc')).to.deep.equal([15, 0]);
    expectBalance(bench);
  });

  it('survives a second shutdown and a death after a close without counting twice', () => {
    const bench = makeBench();
    const { device, guest } = bench;
    guest.configure();
    busy(bench);
    guest.shutdown();
    const before = device.inspect.stats();
    guest.shutdown();
    device.guestDied();
    const { toGuest, fromGuest } = device.inspect.stats();
    expect({ toGuest, fromGuest }).to.deep.equal({ toGuest: before.toGuest, fromGuest: before.fromGuest });
  });

  it('takes everything back from a guest that died, resets its registers, and serves the next guest', () => {
    const bench = makeBench();
    const { device, guest } = bench;
    guest.setMask(0xffff_ffff);
    device.tamper.planAnswer({ delayMs: 5, request: 9 });
    guest.configure();
    busy(bench);
    guest.request(9);
    device.tamper.raiseInterrupt(4);
    device.guestDied();
    expect(device.inspect.buffers().hostPool).to.equal(64);
    for (const ring of ['tx', 'rx', 'alloc', 'free', 'req', 'resp'] as const)
      expect(indices(bench, ring)).to.deep.equal([0, 0]);
    expect(device.inspect.interruptMask).to.equal(0);
    expect(device.configured).to.equal(false);
    expect(device.function.read32(abi.BAR_MMIO, abi.REG_INTERRUPT_STATUS)).to.equal(0);
    expectBalance(bench);
    guest.openAll();
    bench.clock.sleepMs(10);
    device.step();
    expect(guest.answer()).to.equal(null);
    guest.setMask(0xffff_ffff);
    device.step();
    expect(guest.configure()).to.equal(0);
    guest.transmit(frame(60));
    device.step();
    expect(bench.sent).to.have.length(2);
  });

  it('forwards what a guest had sent before it died, and takes back what it had freed', () => {
    const bench = makeBench();
    const { device, guest, deliver } = bench;
    guest.configure({ ifUp: 1 });
    deliver(frame(60));
    device.step();
    guest.receiveAndFree();
    for (let i = 0; i < 5; i++) guest.transmit(frame(60 + i));
    device.guestDied();
    const { fromGuest, toGuest, refused } = device.inspect.stats();
    expect(bench.sent.map(({ length }) => length)).to.deep.equal([60, 61, 62, 63, 64]);
    expect(fromGuest).to.include({ offered: 5, forwarded: 5 });
    expect(toGuest).to.include({ offered: 1, delivered: 1 });
    expect(Object.values(refused).every((count) => count === 0)).to.be.true;
    expectBalance(bench);
  });

  it('gives the next guest valid rings after a death, whatever the dead guest wrote', () => {
    const { device, guest } = makeBench();
    guest.configure();
    for (const ring of ['tx', 'free', 'req'] as const) abi.storeFifoWrite(guest.fifo(ring, 0), 0xffff_ffff);
    for (const ring of ['rx', 'alloc', 'resp'] as const) abi.storeFifoRead(guest.fifo(ring, 0), 16);
    device.guestDied();
    for (const ring of ['tx', 'free', 'req', 'rx', 'alloc', 'resp'] as const) {
      const base = guest.fifo(ring, 0);
      expect([abi.loadFifoWrite(base), abi.loadFifoRead(base)], ring).to.deep.equal([0, 0]);
    }
    guest.openAll();
    expect(guest.configure()).to.equal(0);
  });

  it('lends no more buffers to queues than their share', () => {
    const { device, guest, deliver } = makeBench({ pools: [{ buffers: 20 }], allocSharePercent: 50 });
    guest.configure({ txQueues: 2 });
    expect([guest.filled('alloc', 0), guest.filled('alloc', 1)]).to.deep.equal([5, 5]);
    for (let i = 0; i < 12; i++) deliver(frame(60));
    expect(device.inspect.stats().toGuest.dropped).to.include({ noBuffers: 2 });
    guest.takeBuffers(5);
    device.step();
    expect(guest.filled('alloc')).to.equal(0);
    expect(device.inspect.buffers()).to.deep.equal({
      total: 20,
      hostPool: 0,
      alloc: 5,
      tx: 0,
      rx: 10,
      free: 0,
      guest: 5,
    });
  });

  it('does less per step with a small budget', () => {
    const { device, guest, sent } = makeBench({ budget: { alloc: 4, tx: 1, free: 0 } });
    guest.configure();
    expect(guest.filled('alloc')).to.equal(4);
    guest.transmit(frame(60));
    guest.transmit(frame(60));
    device.step();
    expect(sent).to.have.length(1);
    device.step();
    expect(sent).to.have.length(2);
  });
});
