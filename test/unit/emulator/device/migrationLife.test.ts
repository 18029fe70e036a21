import { expect } from 'chai';
import * as abi from '../../../../shared/loops/layout';
import { ALL_ONES } from '../../../../shared/pci';
import { busy, expectBalance, frame, makeBench } from './bench';
import { bound, counts, expectTraffic, lost } from './migrationBench';

/** Probes and configures as the next guest would; returns the result of request 3. */
function configureNextGuest({ device, guest }: ReturnType<typeof makeBench>): number | null {
  guest.openAll();
  guest.setMask(abi.INTERRUPT_MASK_ALL);
  device.step();
  return guest.configure();
}

describe('a detach of a device that no driver has bound', () => {
  it('needs no ack: the host has all buffers', () => {
    const bench = makeBench();
    const { device } = bench;
    device.beginDetach();
    expect(device.migration).to.deep.equal({ status: 1, ack: 0, shutdown: false, released: true, bound: false });
    device.beginAttach();
    expect(configureNextGuest(bench)).to.equal(0);
    expectTraffic(bench);
  });

  it('needs an ack if a guest without interrupts is configured', () => {
    const { device, guest } = makeBench();
    guest.configure();
    device.beginDetach();
    expect(device.migration).to.include({ released: false, bound: false });
  });

  it('leaves req and resp alone, because a guest may already be reading them', () => {
    const bench = makeBench();
    const { device, guest } = bench;
    guest.request(abi.REQ_LINK);
    device.beginDetach();
    device.beginAttach();
    expect(configureNextGuest(bench)).to.equal(0);
  });

  it('interrupts a guest that opens its mask later, with the status of that moment', () => {
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
  it('may ack 1 unasked and more than once, and binds after the attach', () => {
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
    expect(configureNextGuest(bench)).to.equal(0);
    expectTraffic(bench);
  });

  it('finds valid rings even if the status goes back without an event', () => {
    const bench = makeBench();
    const { device, guest } = bench;
    device.tamper.setMigrationStatus(1);
    guest.ack(1);
    device.step();
    device.tamper.setMigrationStatus(0);
    expect(device.function.dispatchInterrupt()).to.equal(false);
    expect(configureNextGuest(bench)).to.equal(0);
    expectTraffic(bench);
  });
});

describe('a close during a detach', () => {
  it('releases everything in place of the ack (request 4 at mask 0)', () => {
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
    expect(configureNextGuest(bench)).to.equal(0);
    expectTraffic(bench);
    expectBalance(bench);
  });

  it('releases everything after a shutdown that was carried out', () => {
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
    it(`is recognised by the mask if a detached guest sends no request (${acked ? 'with' : 'without'} ack 1)`, () => {
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
      expect(configureNextGuest(bench)).to.equal(0);
      expectTraffic(bench);
      expectBalance(bench);
    });

  it('leaves new rings to the next guest if it comes after an attach event without an ack', () => {
    const bench = bound();
    const { device, guest } = bench;
    busy(bench);
    device.beginDetach();
    guest.shutdown();
    device.beginAttach();
    guest.setMask(0);
    device.step();
    expect(device.inspect.buffers().hostPool).to.equal(64);
    expect(configureNextGuest(bench)).to.equal(0);
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
      expect(configureNextGuest(bench)).to.equal(0);
      expectTraffic(bench);
      expectBalance(bench);
    });

  it('does not affect an ack that the next guest writes', () => {
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

  it('owes no ack any more, nor does the next guest', () => {
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
    it(`(${step}) has all its buffers, and ignores all events from then on`, () => {
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

describe('a host that pauses during a migration', () => {
  it('counts dropped frames as paused, and sees acks when it resumes', () => {
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
