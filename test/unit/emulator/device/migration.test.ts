import { expect } from 'chai';
import * as abi from '../../../../shared/loops/layout';
import { busy, expectBalance, frame, indices, makeBench } from './bench';
import { ALL_RINGS, bound, counts, expectTraffic, lost, TRAFFIC_RINGS } from './migrationBench';

describe('a detach of an AVP device', () => {
  it('clears the ack, sets the status and raises the interrupt, in this order', () => {
    const bench = bound();
    bench.guest.ack(2);
    bench.device.beginDetach();
    expect(bench.device.function.dispatchInterrupt()).to.equal(true);
    expect(bench.seen).to.deep.equal([1]);
    expect(bench.device.migration).to.deep.equal({ status: 1, ack: 0, shutdown: false, released: false, bound: true });
    expect(counts(bench)).to.include({ events: 1, acks: 0, acksUnexpected: 1 });
  });

  it('does not stop traffic until the guest reacts', () => {
    const bench = bound();
    bench.device.beginDetach();
    bench.device.step();
    expectTraffic(bench);
    expectBalance(bench);
  });

  it('drains tx, stops touching the rings before it answers request 4, and leaves them as they are', () => {
    const bench = bound({ budget: { tx: 0 } });
    const { device, guest, deliver, sent, notes } = bench;
    busy(bench);
    device.beginDetach();
    expect(guest.shutdown()).to.equal(0);
    expect(sent).to.have.length(1);
    expect(device.migration).to.include({ shutdown: true, released: false });
    const before = ALL_RINGS.map((ring) => indices(bench, ring));
    deliver(frame(60));
    for (let i = 0; i < 3; i++) device.step();
    expect(ALL_RINGS.map((ring) => indices(bench, ring))).to.deep.equal(before);
    expect(device.inspect.ringEntries()).to.include({ tx: 0, rx: 2, free: 1 });
    expect(lost(bench)).to.deep.equal({ rx: 0, tx: 0, detached: 1 });
    expect(notes).to.deep.equal(['announced 1', 'shutdown 0', 'answered 0']);
    expectBalance(bench);
  });

  it('drops and counts the packets on tx, with drainTx: false', () => {
    const bench = bound({ budget: { tx: 0 }, migration: { drainTx: false } });
    busy(bench);
    bench.device.beginDetach();
    bench.guest.detach();
    bench.device.step();
    expect(bench.sent).to.have.length(0);
    expect(lost(bench)).to.deep.equal({ rx: 2, tx: 1, detached: 0 });
    expect(bench.device.inspect.stats().fromGuest.offered).to.equal(1);
    expectBalance(bench);
  });

  for (const [what, detaching, mask] of [
    ['a close', false, 0],
    ['a close during the detach', true, 0],
    ['a shutdown without a detach', false, 1],
  ] as const)
    it(`drains tx before ${what} even with drainTx: false`, () => {
      const bench = bound({ budget: { tx: 0 }, migration: { drainTx: false } });
      busy(bench);
      if (detaching) bench.device.beginDetach();
      bench.guest.setMask(mask);
      bench.guest.shutdown();
      expect(bench.sent).to.have.length(1);
    });

  it('ends with ack 1: the host has every buffer again and counts the packets that the guest had not taken', () => {
    const bench = bound();
    const { device, guest, deliver } = bench;
    busy(bench);
    device.beginDetach();
    guest.shutdown();
    // The host has staged this packet but not published it: the guest never saw it.
    deliver(frame(60));
    guest.ack(1);
    expect(device.migration.released).to.equal(false);
    device.step();
    expect(device.migration).to.deep.equal({ status: 1, ack: 1, shutdown: true, released: true, bound: true });
    expect(device.inspect.buffers().hostPool).to.equal(64);
    expect(lost(bench)).to.deep.equal({ rx: 2, tx: 0, detached: 1 });
    expect(device.inspect.stats().toGuest).to.include({ delivered: 2, waiting: 0 });
    deliver(frame(60));
    expect(lost(bench).detached).to.equal(2);
    expectBalance(bench);
  });

  it('counts a packet as lost that is not yet published at the shutdown', () => {
    const bench = bound();
    const { device, guest, deliver } = bench;
    device.beginDetach();
    guest.send(abi.REQ_SHUTDOWN);
    deliver(frame(60));
    device.step();
    guest.ack(1);
    device.step();
    expect(lost(bench).rx).to.equal(1);
    expectBalance(bench);
  });

  it('leaves the rings as they are after ack 1, and renews all of them before the attach event', () => {
    const bench = bound();
    const { device, guest, notes } = bench;
    busy(bench);
    device.beginDetach();
    guest.detach();
    const lying = ALL_RINGS.map((ring) => indices(bench, ring));
    for (const [i, pair] of lying.entries()) expect(pair, ALL_RINGS[i]).to.not.deep.equal([0, 0]);
    for (let i = 0; i < 3; i++) device.step();
    expect(ALL_RINGS.map((ring) => indices(bench, ring))).to.deep.equal(lying);
    const initialised: string[] = [];
    device.inspect.onFifoInit((kind) => initialised.push(`${kind} ${guest.migrationStatus}`));
    device.beginAttach();
    for (const ring of ALL_RINGS) expect(indices(bench, ring), ring).to.deep.equal([0, 0]);
    expect(new Set(initialised)).to.deep.equal(new Set(ALL_RINGS.map((ring) => `${ring} 1`)));
    expect(notes.slice(-2)).to.deep.equal(['renewed 0', 'announced 2']);
  });

  it('is over when the guest has attached: the status stays 2, the mask is unchanged, traffic flows both ways', () => {
    const bench = bound();
    const { device, guest, seen, notes } = bench;
    guest.setMask(0x2);
    busy(bench);
    device.beginDetach();
    guest.detach();
    device.step();
    device.function.dispatchInterrupt();
    device.beginAttach();
    device.function.dispatchInterrupt();
    expect(guest.attach()).to.equal(0);
    device.step();
    expect(seen).to.deep.equal([1, 2]);
    expect(device.migration).to.deep.equal({ status: 2, ack: 2, shutdown: false, released: false, bound: true });
    expect(device.inspect.interruptMask).to.equal(2);
    expect(notes.slice(-2)).to.deep.equal(['configured 0', 'acked 2']);
    expect(counts(bench)).to.deep.equal({
      events: 2,
      acks: 2,
      acksUnexpected: 0,
      shutdowns: 1,
      undone: 0,
      released: 1,
    });
    expectTraffic(bench);
    expectBalance(bench);
  });

  it('works ten times in a row', () => {
    const bench = bound();
    const { device, guest } = bench;
    for (let round = 0; round < 10; round++) {
      busy(bench);
      device.beginDetach();
      expect(device.migration).to.include({ shutdown: false, released: false });
      guest.detach();
      device.step();
      expect(device.inspect.buffers().hostPool).to.equal(64);
      device.beginAttach();
      guest.attach();
      device.step();
      expectTraffic(bench);
      expectBalance(bench);
    }
    expect(device.inspect.stats().toGuest).to.include({ offered: 50 });
    expect(lost(bench)).to.deep.equal({ rx: 20, tx: 0, detached: 0 });
  });
});

describe('an attach of an AVP device', () => {
  it('leaves the rings as they are if no ack 1 came before it', () => {
    const bench = bound();
    const { device, guest } = bench;
    busy(bench);
    const before = TRAFFIC_RINGS.map((ring) => indices(bench, ring));
    device.beginAttach();
    expect(TRAFFIC_RINGS.map((ring) => indices(bench, ring))).to.deep.equal(before);
    guest.ack(2);
    device.step();
    expectTraffic(bench);
    expectBalance(bench);
  });

  it('undoes a shutdown if the guest acks 2 without a request 3', () => {
    const bench = bound();
    const { device, guest, notes } = bench;
    device.beginDetach();
    guest.shutdown();
    device.beginAttach();
    guest.ack(2);
    device.step();
    expect(device.configured).to.equal(true);
    expect(notes.slice(-2)).to.deep.equal(['acked 2', 'resumed 0']);
    expectTraffic(bench);
  });

  it('changes nothing if it is repeated', () => {
    const bench = bound();
    const { device, guest, seen } = bench;
    device.beginDetach();
    guest.detach();
    device.beginAttach();
    guest.attach();
    busy(bench);
    device.beginAttach();
    device.function.dispatchInterrupt();
    expect(device.migration.ack).to.equal(0);
    guest.ack(2);
    device.step();
    expect(seen).to.deep.equal([2]);
    expect(counts(bench)).to.include({ events: 3, acks: 3, acksUnexpected: 0 });
    expectTraffic(bench);
    expectBalance(bench);
  });

  it('leaves the guest detached if it fails, and succeeds later', () => {
    const bench = bound();
    const { device, guest, deliver } = bench;
    device.beginDetach();
    guest.detach();
    device.beginAttach();
    expect(guest.attach({ rxQueues: 9 })).to.equal(-22);
    device.step();
    expect(device.migration).to.include({ status: 2, ack: 3 });
    deliver(frame(60));
    expect(lost(bench).detached).to.equal(1);
    expect(counts(bench)).to.include({ acks: 2, acksUnexpected: 0 });
    device.beginAttach();
    expect(guest.attach()).to.equal(0);
    expectTraffic(bench);
    expectBalance(bench);
  });

  it('leaves a port unconfigured that was not configured before', () => {
    const bench = makeBench();
    const { device, guest, deliver } = bench;
    guest.setMask(1);
    device.beginDetach();
    guest.detach();
    device.step();
    device.beginAttach();
    guest.openAll();
    guest.ack(2);
    device.step();
    deliver(frame(60));
    expect(device.inspect.stats().toGuest.dropped).to.include({ detached: 0, notConfigured: 1 });
    expect(guest.configure()).to.equal(0);
    expectTraffic(bench);
  });
});

describe('another status', () => {
  it('is raised like any other, acked with 3, and changes nothing', () => {
    const bench = bound();
    const { device, guest, seen } = bench;
    for (const status of [3, 7, 0xffff_ffff]) {
      device.raiseMigration(status);
      device.function.dispatchInterrupt();
      guest.ack(3);
      device.step();
    }
    expect(seen).to.deep.equal([3, 7, 0xffff_ffff]);
    expect(counts(bench)).to.include({ events: 3, acks: 3, acksUnexpected: 0 });
    expectTraffic(bench);
  });

  it('neither ends nor undoes a detach that is under way', () => {
    const { device, guest } = bound();
    device.beginDetach();
    guest.detach();
    device.step();
    device.raiseMigration(9);
    guest.ack(3);
    device.step();
    expect(device.migration).to.include({ status: 9, released: true });
    device.beginAttach();
    expect(guest.attach()).to.equal(0);
    const { toGuest } = device.inspect.stats();
    expect(toGuest.dropped).to.include({ lostAtDetach: 0 });
  });

  it('replaces an event that the guest had no time to see', () => {
    const bench = bound();
    const { device, seen } = bench;
    device.beginDetach();
    device.beginAttach();
    while (device.function.dispatchInterrupt());
    expect(seen).to.deep.equal([2]);
    bench.guest.ack(2);
    device.step();
    expectTraffic(bench);
  });
});
