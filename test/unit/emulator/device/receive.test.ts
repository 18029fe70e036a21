import { store32 } from '#mem';
import { expect } from 'chai';
import { withVlanTag } from '../../../../shared/ethernet';
import * as abi from '../../../../shared/loops/layout';
import { frame, ipv4, makeConfiguredBench, type Bench } from './bench';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('receive path of the host', () => {
  it('delivers frames unchanged, in a chain if they exceed a buffer', () => {
    const { device, guest, deliver } = makeConfiguredBench();
    for (const length of [14, 60, 2_048, 2_049, 9_238]) {
      deliver(frame(length));
      device.step();
      const packet = guest.receiveAndFree()!;
      expect(hex(packet.bytes)).to.equal(hex(frame(length)));
      expect(packet).to.include({ flags: 0, tci: 0, segments: Math.ceil(length / 2_048) });
    }
    expect(device.inspect.stats().toGuest).to.include({ offered: 5, delivered: 5, waiting: 0 });
    expect(device.inspect.brokenCanaries()).to.deep.equal([]);
  });

  it('fills segments only to rxSegmentBytes, but uses at most five', () => {
    const { device, guest, deliver } = makeConfiguredBench({ rxSegmentBytes: 100 });
    deliver(frame(350));
    deliver(frame(5_000));
    device.step();
    expect(guest.receiveAndFree()).to.deep.include({ segments: 4, bytes: frame(350) });
    expect(guest.receiveAndFree()).to.deep.include({ segments: 5, bytes: frame(5_000) });
  });

  it('publishes once a step, or earlier if its stage is full', () => {
    const { device, guest, deliver } = makeConfiguredBench({ rxStage: 3 });
    deliver(frame(60));
    deliver(frame(60));
    expect(guest.filled('rx')).to.equal(0);
    deliver(frame(60));
    expect(guest.filled('rx')).to.equal(3);
    deliver(frame(60));
    expect(guest.filled('rx')).to.equal(3);
    expect(device.inspect.buffers()).to.include({ rx: 4 });
    device.step();
    expect(guest.filled('rx')).to.equal(4);
  });

  it('strips the tag only if VLAN offload is negotiated', () => {
    for (const features of [0, 1]) {
      const { device, guest, deliver } = makeConfiguredBench({}, { features });
      const tagged = withVlanTag(frame(3_000), 0xa064);
      deliver(tagged);
      deliver(withVlanTag(frame(14), 7));
      deliver(withVlanTag(frame(13), 7));
      device.step();
      const [first, second, third] = [guest.receive()!, guest.receive()!, guest.receive()!];
      expect(hex(first.bytes)).to.equal(hex(features === 1 ? frame(3_000) : tagged));
      expect([first.flags, first.tci]).to.deep.equal(features === 1 ? [abi.OL_RX_VLAN, 0xa064] : [0, 0]);
      expect(second.bytes.length).to.equal(features === 1 ? 14 : 18);
      // Without its tag this frame would be too short.
      expect(third.bytes.length).to.equal(17);
    }
  });

  it('spreads flows over the negotiated queues, keeps each flow on one queue, and puts non-IP frames on queue 0', () => {
    const { device, guest, deliver } = makeConfiguredBench(
      { pools: [{ buffers: 256 }], fifoSlots: { rx: 64 } },
      { rxQueues: 3 },
    );
    for (let port = 0; port < 60; port++) deliver(ipv4(1_000 + port));
    deliver(frame(60));
    device.step();
    const counts = [0, 1, 2, 3].map((queue) => guest.filled('rx', queue));
    expect(counts.reduce((total, count) => total + count)).to.equal(61);
    expect(counts[3]).to.equal(0);
    for (const queue of [0, 1, 2]) expect(counts[queue]).to.be.greaterThan(5);
    for (let i = 0; i < 3; i++) deliver(ipv4(1_000));
    device.step();
    const grown = [0, 1, 2].map((queue) => guest.filled('rx', queue) - counts[queue]!);
    expect(grown.sort()).to.deep.equal([0, 0, 3]);
    expect(device.inspect.stats().queues.rx.slice(0, 3)).to.deep.equal(
      [0, 1, 2].map((queue) => guest.filled('rx', queue)),
    );
  });

  it('drops and counts frames that the guest must not get', () => {
    const { device, deliver } = makeConfiguredBench({ maxRxPacketBytes: 1_000, mbufSize: 64 });
    for (const length of [0, 13]) deliver(frame(length));
    deliver(frame(1_001));
    deliver(frame(321));
    expect(device.inspect.stats().toGuest.dropped).to.include({ tooShort: 2, tooLong: 1, tooManySegments: 1 });
  });

  it('measures a frame without the tag that it strips', () => {
    const { device, guest, deliver } = makeConfiguredBench({ maxRxPacketBytes: 100 }, { features: 1 });
    deliver(withVlanTag(frame(100), 3));
    deliver(withVlanTag(frame(101), 3));
    device.step();
    expect(guest.receiveAndFree()!.bytes.length).to.equal(100);
    expect(device.inspect.stats().toGuest.dropped).to.include({ tooLong: 1 });
  });

  it('drops and counts frames that find no room on rx, and goes on when there is room', () => {
    const { device, guest, deliver } = makeConfiguredBench();
    for (let i = 0; i < 17; i++) deliver(frame(60, i));
    expect(device.inspect.stats().toGuest).to.include({ waiting: 15 });
    expect(device.inspect.stats().toGuest.dropped).to.include({ ringFull: 2 });
    device.step();
    expect(hex(guest.receiveAndFree()!.bytes)).to.equal(hex(frame(60, 0)));
    deliver(frame(60, 99));
    expect(device.inspect.stats().toGuest).to.include({ offered: 18, delivered: 1, waiting: 15 });
  });

  it('drops and counts frames that find no buffers, and keeps no buffer for them', () => {
    const { device, guest, deliver } = makeConfiguredBench({ pools: [{ buffers: 8 }], allocSharePercent: 50 });
    deliver(frame(2_049));
    deliver(frame(6_145));
    deliver(frame(4_096));
    expect(device.inspect.stats().toGuest.dropped).to.include({ noBuffers: 1 });
    expect(device.inspect.buffers()).to.include({ rx: 4, hostPool: 0 });
    device.step();
    guest.receiveAndFree();
    device.step();
    expect(device.inspect.buffers()).to.include({ rx: 2, hostPool: 2 });
  });

  it('leaves the share of alloc alone, even if it is not in use', () => {
    const { device, deliver } = makeConfiguredBench(
      { pools: [{ buffers: 8 }], allocSharePercent: 50 },
      { txQueues: 0 },
    );
    for (const length of [2_049, 6_145, 4_096]) deliver(frame(length));
    expect(device.inspect.stats().toGuest.dropped).to.include({ noBuffers: 1 });
    expect(device.inspect.buffers()).to.include({ rx: 4, hostPool: 4 });
  });
});

describe('a buffer that the guest returns', () => {
  it('is taken with its whole chain, by its first descriptor', () => {
    const { device, guest, deliver } = makeConfiguredBench();
    deliver(frame(9_000));
    device.step();
    expect(device.inspect.buffers()).to.include({ rx: 5 });
    const packet = guest.receive()!;
    expect(device.inspect.buffers()).to.include({ rx: 0, guest: 5 });
    guest.put('free', packet.chain[0]!);
    expect(device.inspect.buffers()).to.include({ free: 5, guest: 0 });
    device.step();
    expect(device.inspect.buffers()).to.include({ free: 0, hostPool: 49 });
  });

  /** Receives a chain of two on queue 0 of two, and returns `wrong` on `queue`; expects the refusal `cause`. */
  function expectRefusal(cause: string, wrong: (bench: Bench, chain: readonly bigint[]) => bigint, queue = 0): void {
    const bench = makeConfiguredBench({}, { rxQueues: 2 });
    const { device, guest, deliver } = bench;
    deliver(frame(3_000));
    device.step();
    const packet = guest.receive()!;
    guest.put('free', wrong(bench, packet.chain), queue);
    device.step();
    expect(device.inspect.stats().refused).to.include({ [cause]: 1 });
    expect(device.inspect.buffers()).to.include({ guest: 2 });
    guest.put('free', packet.chain[0]!);
    guest.put('free', packet.chain[0]!);
    device.step();
    expect(device.inspect.buffers()).to.include({ guest: 0, hostPool: 49 });
    expect(device.inspect.stats().refused['freeNotOut']).to.equal(cause === 'freeNotOut' ? 2 : 1);
  }

  it('is refused if it is not a descriptor', () => expectRefusal('freeAddress', () => 0xdead_0000_0000n));
  it('is refused if it is not the first of its chain', () => expectRefusal('freeNotOut', (_bench, chain) => chain[1]!));
  it('is refused on another queue', () => expectRefusal('freeNotOut', (_bench, chain) => chain[0]!, 1));
  it('is refused if it was lent for transmitting', () =>
    expectRefusal('freeNotOut', ({ guest }) => {
      const base = guest.fifo('alloc', 0) + abi.FIFO_BYTES;
      return (BigInt(guest.word(base + 4)) << 32n) | BigInt(guest.word(base));
    }));

  it('is refused if it was the first of a former chain and is an inner one now', () => {
    const { device, guest, deliver } = makeConfiguredBench({ pools: [{ buffers: 8 }] });
    for (let i = 0; i < 4; i++) deliver(frame(60));
    device.step();
    for (let i = 0; i < 4; i++) guest.receiveAndFree();
    device.step();
    deliver(frame(8_000));
    device.step();
    const { chain } = guest.receive()!;
    for (const inner of chain.slice(1)) guest.put('free', inner);
    device.step();
    expect(device.inspect.stats().refused).to.include({ freeNotOut: 3 });
    expect(device.inspect.buffers()).to.include({ guest: 4 });
  });

  it('may be sent on tx alone after it was part of a received chain', () => {
    const { device, guest, deliver } = makeConfiguredBench({ pools: [{ buffers: 8 }] });
    deliver(frame(8_000));
    device.step();
    guest.receiveAndFree();
    device.step();
    // The second frame takes the other half of the buffers, so that alloc gets those of the first.
    guest.configure({ txQueues: 0 });
    deliver(frame(8_000));
    guest.configure();
    for (let i = 0; i < 4; i++) guest.transmit(frame(60));
    device.step();
    expect(device.inspect.stats().fromGuest).to.include({ forwarded: 4 });
    expect(device.inspect.buffers()).to.deep.equal({
      total: 8,
      hostPool: 0,
      alloc: 4,
      tx: 0,
      rx: 4,
      free: 0,
      guest: 0,
    });
  });

  it('is refused before the guest has taken it off rx', () => {
    const { device, guest, deliver } = makeConfiguredBench();
    deliver(frame(60));
    device.step();
    const slot = guest.fifo('rx', 0) + abi.FIFO_BYTES;
    const address = (BigInt(guest.word(slot + 4)) << 32n) | BigInt(guest.word(slot));
    guest.put('free', address);
    device.step();
    expect(device.inspect.stats().refused).to.include({ freeNotOut: 1 });
    expect(device.inspect.buffers()).to.include({ rx: 1 });
    expect(hex(guest.receiveAndFree()!.bytes)).to.equal(hex(frame(60)));
    device.step();
    expect(device.inspect.buffers()).to.include({ rx: 0, hostPool: 49 });
  });

  it('does not hurt if indices of rx or free are out of range: the host counts them, and goes on once they are right', () => {
    const { device, guest, deliver } = makeConfiguredBench();
    deliver(frame(60));
    deliver(frame(60));
    device.step();
    guest.receiveAndFree();
    const read = guest.fifo('rx', 0) + abi.FIFO_READ;
    const write = guest.fifo('free', 0) + abi.FIFO_WRITE;
    for (const wrong of [16, 0xffff_ffff]) {
      store32(write, wrong);
      device.step();
    }
    expect(device.inspect.stats().refused).to.include({ freeIndex: 2 });
    store32(write, 1);
    // 0 is behind what the guest had taken, and 3 is past what the host has put.
    for (const wrong of [16, 15, 0, 3]) {
      store32(read, wrong);
      device.step();
      expect(device.inspect.stats().toGuest.delivered, `read ${wrong}`).to.equal(1);
    }
    store32(read, 1);
    device.step();
    expect(device.inspect.stats().refused['rxIndex']).to.be.greaterThan(2);
    expect(device.inspect.stats().toGuest).to.include({ delivered: 1, waiting: 1 });
    expect(device.inspect.buffers()).to.include({ rx: 1, guest: 0, free: 0 });
  });

  it('is no explanation for a full ring with a bad index, whose drops have a cause of their own', () => {
    const { device, guest, deliver } = makeConfiguredBench();
    for (let i = 0; i < 15; i++) deliver(frame(60));
    store32(guest.fifo('rx', 0) + abi.FIFO_READ, 77);
    deliver(frame(60));
    expect(device.inspect.stats().toGuest.dropped).to.include({ indexCorrupt: 1, ringFull: 0 });
  });
});
