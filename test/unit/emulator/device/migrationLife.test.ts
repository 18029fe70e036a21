import { expect } from 'chai';
import * as abi from '../../../../shared/loops/layout';
import { ALL_ONES } from '../../../../shared/pci';
import { busy, expectBalance, frame, makeBench } from './bench';
import { bound, counts, expectTraffic, lost } from './migrationBench';

/** The guest that comes after another one, as a probe and a configuration do it. */
function nextGuest({ device, guest }: ReturnType<typeof makeBench>): number | null {
  guest.openAll();
  guest.setMask(abi.INTERRUPT_MASK_ALL);
  device.step();
  return guest.configure();
}

describe('a detach of a device that nobody bound', () => {
  it('needs no ack: the host has all buffers', () => {
    const bench = makeBench();
    const { device } = bench;
    device.beginDetach();
    expect(device.migration).to.deep.equal({ status: 1, ack: 0, shutdown: false, released: true, bound: false });
    device.beginAttach();
    expect(nextGuest(bench)).to.equal(0);
    expectTraffic(bench);
  });

  it('needs one where a guest without interrupts is configured', () => {
    const { device, guest } = makeBench();
    guest.configure();
    device.beginDetach();
    expect(device.migration).to.include({ released: false, bound: false });
  });

  it('leaves req and resp alone, which a guest may have begun to look at', () => {
    const bench = makeBench();
    const { device, guest } = bench;
    guest.request(abi.REQ_LINK);
    device.beginDetach();
    device.beginAttach();
    expect(nextGuest(bench)).to.equal(0);
  });

  it('is told to a guest that opens its mask later, with the status of then', () => {
    const { device, guest } = makeBench();
    device.function.setInterruptHandler(() => undefined);
    device.beginDetach();
    device.beginAttach();
    guest.setMask(1 << 1);
    device.step();
    expect(device.function.dispatchInterrupt()).to.equal(true);
    expect([guest.interruptStatus(), guest.migrationStatus]).to.deep.equal([2, 2]);
  });
});

describe('a guest that boots while the device is detached', () => {
  it('acks 1 unasked, more than once, and binds after the attach', () => {
    const bench = makeBench();
    const { device, guest } = bench;
    device.beginDetach();
    guest.ack(1);
    device.step();
    guest.ack(0);
    guest.ack(1);
    device.step();
    expect(device.migration).to.include({ status: 1, ack: 1, released: true });
    expect(counts(bench)).to.include({ acksUnexpected: 0 });
    device.beginAttach();
    expect(nextGuest(bench)).to.equal(0);
    expectTraffic(bench);
  });

  it('finds rings to bind to also where the status goes back without an event', () => {
    const bench = makeBench();
    const { device, guest } = bench;
    device.tamper.setMigrationStatus(1);
    guest.ack(1);
    device.step();
    device.tamper.setMigrationStatus(0);
    expect(device.function.dispatchInterrupt()).to.equal(false);
    expect(nextGuest(bench)).to.equal(0);
    expectTraffic(bench);
  });
});

describe('a close during a detach', () => {
  it('in place of the ack (request 4 at mask 0) gives all back; nothing waits', () => {
    const bench = bound();
    const { device, guest, notes } = bench;
    busy(bench);
    device.beginDetach();
    guest.setMask(0);
    expect(guest.shutdown()).to.equal(0);
    expect(device.migration).to.deep.equal({ status: 1, ack: 0, shutdown: false, released: true, bound: false });
    expect(notes).to.deep.equal(['announced 1', 'closed 0']);
    expect(device.inspect.buffers().hostPool).to.equal(64);
    expect(device.inspect.stats().toGuest.dropped).to.include({ ringEmptied: 2, lostAtDetach: 0 });
    device.beginAttach();
    expect(nextGuest(bench)).to.equal(0);
    expectTraffic(bench);
    expectBalance(bench);
  });

  it('after a shutdown that was carried out gives all back too', () => {
    const bench = bound();
    const { device, guest } = bench;
    busy(bench);
    device.beginDetach();
    guest.shutdown();
    guest.setMask(0);
    expect(guest.shutdown()).to.equal(0);
    expect(device.inspect.buffers().hostPool).to.equal(64);
    expect(device.migration.released).to.equal(true);
    expectBalance(bench);
  });

  for (const acked of [false, true])
    it(`that sends nothing, because the guest is detached (${acked ? 'with' : 'without'} ack 1), is seen by the mask`, () => {
      const bench = bound();
      const { device, guest, deliver } = bench;
      busy(bench);
      device.beginDetach();
      guest.shutdown();
      if (acked) guest.ack(1);
      device.step();
      guest.setMask(0);
      device.step();
      expect(device.migration.released).to.equal(true);
      expect(device.inspect.buffers().hostPool).to.equal(64);
      deliver(frame(60));
      expect(device.inspect.stats().toGuest.dropped).to.include({ detached: 0, notConfigured: 1 });
      device.beginAttach();
      device.step();
      expect(device.migration).to.include({ status: 2, ack: 0, bound: false });
      expect(nextGuest(bench)).to.equal(0);
      expectTraffic(bench);
      expectBalance(bench);
    });

  it('after an attach event that it did not answer: the next guest finds new rings', () => {
    const bench = bound();
    const { device, guest } = bench;
    busy(bench);
    device.beginDetach();
    guest.shutdown();
    device.beginAttach();
    guest.setMask(0);
    device.step();
    expect(device.inspect.buffers().hostPool).to.equal(64);
    expect(nextGuest(bench)).to.equal(0);
    expect(guest.receive()).to.equal(null);
    expectTraffic(bench);
    expectBalance(bench);
  });
});

describe('a guest that dies while it is detached', () => {
  for (const step of ['announced', 'shut down', 'released', 'attaching'] as const)
    it(`(${step}) leaves nothing behind`, () => {
      const bench = bound();
      const { device, guest } = bench;
      busy(bench);
      device.beginDetach();
      if (step !== 'announced') guest.shutdown();
      if (step === 'released' || step === 'attaching') guest.ack(1);
      device.step();
      if (step === 'attaching') device.beginAttach();
      device.guestDied();
      expect(device.inspect.buffers().hostPool).to.equal(64);
      expect(device.migration.ack).to.equal(0);
      expect(device.migration).to.include({ bound: false, released: step !== 'attaching' });
      expectBalance(bench);
      if (step !== 'attaching') device.beginAttach();
      expect(nextGuest(bench)).to.equal(0);
      expectTraffic(bench);
      expectBalance(bench);
    });

  it('has no share in an ack that the next one writes', () => {
    const { device, guest } = bound();
    device.beginDetach();
    guest.detach();
    device.step();
    device.guestDied();
    expect(device.undoDetach()).to.equal(true);
    device.beginDetach();
    guest.ack(1);
    device.step();
    expect(device.migration).to.include({ ack: 1, released: true });
    expect(device.undoDetach()).to.equal(false);
  });

  it('is not asked for an ack any more, and no other guest is in its place', () => {
    const bench = bound();
    bench.device.beginAttach();
    bench.device.guestDied();
    bench.guest.ack(3);
    bench.device.step();
    expect(counts(bench)).to.include({ acks: 0, acksUnexpected: 1 });
  });
});

describe('a device that vanishes during a migration', () => {
  for (const step of ['announced', 'shut down', 'released', 'attaching'] as const)
    it(`(${step}) has all its buffers, and no event has an effect any more`, () => {
      const bench = bound();
      const { device, guest, deliver, notes } = bench;
      busy(bench);
      device.beginDetach();
      if (step !== 'announced') guest.shutdown();
      if (step === 'released' || step === 'attaching') guest.ack(1);
      device.step();
      if (step === 'attaching') device.beginAttach();
      device.surpriseRemove();
      expect(device.inspect.buffers().hostPool).to.equal(64);
      const before = notes.length;
      device.beginDetach();
      device.beginAttach();
      device.raiseMigration(5);
      device.tamper.setMigrationStatus(1);
      expect(device.undoDetach()).to.equal(true);
      device.guestDied();
      device.step();
      deliver(frame(60));
      expect(guest.migrationStatus).to.equal(ALL_ONES);
      expect(notes).to.have.length(before);
      expect(device.function.dispatchInterrupt()).to.equal(false);
      expect(() => device.replaceHost(device.settings))
        .to.throw(/vm\.nic0 is gone/)
        .with.property('code', 'ENODEV');
      expectBalance(bench);
    });

  it('may be destroyed at any step', () => {
    const { device, guest } = bound();
    device.beginDetach();
    guest.shutdown();
    device.destroy();
    device.beginAttach();
    device.step();
    expect(device.undoDetach()).to.equal(true);
    expect(() => device.replaceHost(device.settings))
      .to.throw()
      .with.property('code', 'ENODEV');
  });
});

describe('a host that stalls during a migration', () => {
  it('drops and counts frames as stalled, and sees acks when it goes on', () => {
    const bench = bound();
    const { device, guest, deliver } = bench;
    device.beginDetach();
    guest.shutdown();
    device.tamper.pause();
    guest.ack(1);
    deliver(frame(60));
    device.step();
    expect(device.migration).to.include({ ack: 1, released: false });
    device.tamper.resume();
    device.step();
    expect(device.migration.released).to.equal(true);
    expect(device.inspect.stats().toGuest.dropped).to.include({ paused: 1, detached: 0 });
    expect(lost(bench).rx).to.equal(0);
  });
});
