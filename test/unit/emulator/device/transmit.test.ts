import { readBytes, store16, store32, store8 } from '#mem';
import { expect } from 'chai';
import { withVlanTag } from '../../../../shared/ethernet';
import * as abi from '../../../../shared/loops/layout';
import { load64, store64 } from '../../../../shared/u64';
import { frame, makeBench, makeConfiguredBench, sum, type Bench } from './bench';

const { OL_RX_VLAN, OL_TX_VLAN } = abi;

function expectFrames(found: readonly Uint8Array[], expected: readonly Uint8Array[]): void {
  expect(found.map((one) => Buffer.from(one).toString('hex'))).to.deep.equal(
    expected.map((one) => Buffer.from(one).toString('hex')),
  );
}

describe('transmit path of the host', () => {
  it('forwards packets of 1 to 5 segments unchanged, including the shortest and the longest', () => {
    const { device, guest, sent } = makeConfiguredBench();
    const packets = [frame(14), frame(60), frame(2_048), frame(2_049), frame(9_238), frame(10_240)];
    for (const packet of packets) {
      guest.transmit(packet);
      device.step();
    }
    expectFrames(sent, packets);
    expect(device.inspect.stats().fromGuest).to.include({ offered: 6, forwarded: 6 });
  });

  it('accepts segments that are not full, even of one byte', () => {
    const { device, guest, sent } = makeConfiguredBench();
    const packet = frame(18);
    const buffers = guest.takeBuffers(5);
    guest.fill(buffers, packet, 1);
    guest.put('tx', buffers[0]!);
    device.step();
    expectFrames(sent, [packet]);
  });

  it('drains all queues, and resets each buffer before it lends it again', () => {
    const { device, guest, sent } = makeConfiguredBench({}, { txQueues: 4 });
    for (let queue = 0; queue < 4; queue++)
      guest.transmit(frame(100, queue), { queue, least: 2, flags: OL_TX_VLAN, tci: 5 });
    device.step();
    expectFrames(
      sent,
      [0, 1, 2, 3].map((queue) => frame(100, queue)),
    );
    device.step();
    while (guest.filled('alloc') > 0) {
      const desc = guest.pointer(guest.take('alloc')!);
      expect([
        abi.loadDescDataLen(desc),
        abi.loadDescNbSegs(desc),
        abi.loadDescOlFlags(desc),
        abi.loadDescVlanTci(desc),
        load64(desc + abi.DESC_NEXT),
      ]).to.deep.equal([0, 1, 0, 0, 0n]);
    }
  });

  it('inserts the tag after the addresses if VLAN offload is negotiated', () => {
    const { device, guest, sent } = makeConfiguredBench({}, { features: 1 });
    guest.transmit(frame(14), { flags: OL_TX_VLAN, tci: 0xe123 });
    guest.transmit(frame(3_000), { flags: OL_TX_VLAN, tci: 1 });
    guest.transmit(frame(60), { flags: OL_RX_VLAN, tci: 1 });
    guest.transmit(frame(40), { least: 4, flags: OL_TX_VLAN, tci: 2 });
    device.step();
    expectFrames(sent, [
      withVlanTag(frame(14), 0xe123),
      withVlanTag(frame(3_000), 1),
      frame(60),
      withVlanTag(frame(40), 2),
    ]);
    expect(device.inspect.stats().fromGuest.tagsDropped).to.equal(0);
  });

  it('drops and counts a tag that was not negotiated, and forwards the packet', () => {
    const { device, guest, sent } = makeConfiguredBench();
    guest.transmit(frame(60), { flags: OL_TX_VLAN, tci: 5 });
    device.step();
    expectFrames(sent, [frame(60)]);
    expect(device.inspect.stats().fromGuest).to.include({ tagsDropped: 1, forwarded: 1 });
  });

  it('drops and counts packets if nothing is connected', () => {
    const { device, guest } = makeConfiguredBench();
    device.uplink = null;
    guest.transmit(frame(60));
    device.step();
    expect(device.inspect.stats().fromGuest.dropped).to.include({ noUplink: 1 });
  });

  it('fills buffers of alloc with junk in poison mode, except `data` and `pkt_mbuf`', () => {
    const { device, guest, sent } = makeConfiguredBench({ poisonAlloc: true, pools: [{ buffers: 40 }] });
    const [first, second] = guest.takeBuffers(2);
    const desc = guest.pointer(first!);
    expect(load64(desc + abi.DESC_PKT_MBUF)).to.equal(first);
    const data = guest.pointer(load64(desc + abi.DESC_DATA));
    expect(data - desc).to.equal(64 + 128);
    expect(new Set(readBytes(data, 2_048)).size).to.be.greaterThan(200);
    const fields = [first!, second!].map((va) => [...readBytes(guest.pointer(va) + 48, 16)].join());
    expect(fields[0]).to.not.equal(fields[1]);
    expect(load64(desc + abi.DESC_NEXT)).to.not.equal(0n);
    guest.fill([first!, second!], frame(3_000), 1_500);
    guest.put('tx', first!);
    device.step();
    expectFrames(sent, [frame(3_000)]);
    expect(device.inspect.brokenCanaries()).to.deep.equal([]);
  });
});

describe('transmit path of the host, given bad packets', () => {
  /** Sends a packet that `spoil` makes wrong; expects the drop `cause`, and `lost` buffers with the guest. */
  function expectDrop(
    cause: string,
    spoil: (bench: Bench, chain: bigint[]) => bigint | void,
    lost = 0,
    segments = 3,
  ): void {
    const bench = makeConfiguredBench();
    const { device, guest, sent } = bench;
    const chain = guest.takeBuffers(segments);
    guest.fill(chain, frame(60 * segments), 60);
    const first = spoil(bench, chain) ?? chain[0]!;
    guest.put('tx', first);
    device.step();
    const { fromGuest } = device.inspect.stats();
    expect(sent).to.deep.equal([]);
    expect(fromGuest.dropped).to.include({ [cause]: 1 });
    expect(sum(fromGuest.dropped)).to.equal(1);
    expect(fromGuest.offered).to.equal(1);
    expect(device.inspect.buffers()).to.deep.equal({
      total: 64,
      hostPool: 49 - lost,
      alloc: 15,
      tx: 0,
      rx: 0,
      free: 0,
      guest: lost,
    });
    guest.put('tx', first);
    device.step();
    const again = device.inspect.stats().fromGuest.dropped;
    expect(sum(again)).to.equal(2);
    expect(device.inspect.buffers()).to.include({ hostPool: 49 - lost, guest: lost });
    expect(device.inspect.brokenCanaries()).to.deep.equal([]);
    guest.transmit(frame(60));
    device.step();
    expectFrames(sent, [frame(60)]);
  }

  const desc = ({ guest }: Bench, chain: bigint[], segment: number): number => guest.pointer(chain[segment]!);

  it('refuses an address in no pool', () => expectDrop('address', () => 0x1000n, 3));
  it('refuses an address 4 GiB above a descriptor', () =>
    expectDrop('address', (_bench, chain) => chain[0]! + (1n << 32n), 3));
  it('refuses an address in the middle of a descriptor', () =>
    expectDrop('address', (_bench, chain) => chain[0]! + 8n, 3));
  it('refuses an address in the data', () => expectDrop('address', (_bench, chain) => chain[0]! + 64n, 3));
  it('refuses an address before the first descriptor', () =>
    expectDrop('address', ({ guest }) => load64(guest.info + abi.DEVICE_INFO_MBUF_VA), 3));
  it('refuses a buffer that is not lent', () =>
    expectDrop(
      'notLent',
      (bench) => {
        const { settings } = bench.device;
        const { host } = bench.device.inspect;
        return host.run('pool0').va + 64n + BigInt(host.bufferStride * (settings.pools[0]!.buffers - 1));
      },
      3,
    ));
  it('refuses 0 segments', () =>
    expectDrop('segmentCount', (bench, chain) => store8(desc(bench, chain, 0) + abi.DESC_NB_SEGS, 0)));
  it('refuses 6 segments', () => expectDrop('segmentCount', () => undefined, 0, 6));
  it('refuses a chain shorter than nb_segs', () =>
    expectDrop('segmentCount', (bench, chain) => store8(desc(bench, chain, 0) + abi.DESC_NB_SEGS, 4)));
  it('refuses a chain longer than nb_segs, and takes all of it back', () =>
    expectDrop('segmentCount', (bench, chain) => store8(desc(bench, chain, 0) + abi.DESC_NB_SEGS, 2)));
  it('refuses a chain longer than nb_segs even if its first segments are a valid packet', () =>
    expectDrop('segmentCount', (bench, chain) => {
      store8(desc(bench, chain, 0) + abi.DESC_NB_SEGS, 2);
      store16(desc(bench, chain, 0) + abi.DESC_PKT_LEN, 120);
    }));
  it('refuses a segment of 0 bytes', () =>
    expectDrop('segmentLength', (bench, chain) => store16(desc(bench, chain, 1) + abi.DESC_DATA_LEN, 0)));
  it('refuses a segment longer than a buffer', () =>
    expectDrop('segmentLength', (bench, chain) => store16(desc(bench, chain, 1) + abi.DESC_DATA_LEN, 2_049)));
  it('refuses segments that exceed pkt_len', () =>
    expectDrop('packetLength', (bench, chain) => store16(desc(bench, chain, 2) + abi.DESC_DATA_LEN, 61)));
  it('refuses segments that fall short of pkt_len', () =>
    expectDrop('packetLength', (bench, chain) => store16(desc(bench, chain, 0) + abi.DESC_PKT_LEN, 181)));
  it('refuses a data pointer that the guest has moved', () =>
    expectDrop('dataPointer', (bench, chain) => {
      const at = desc(bench, chain, 1) + abi.DESC_DATA;
      store64(at, load64(at) + 4n);
    }));
  it('refuses a data pointer into another buffer', () =>
    expectDrop('dataPointer', (bench, chain) =>
      store64(desc(bench, chain, 1) + abi.DESC_DATA, load64(desc(bench, chain, 0) + abi.DESC_DATA)),
    ));
  it('refuses a next that leaves the pools', () =>
    expectDrop('address', (bench, chain) => store64(desc(bench, chain, 1) + abi.DESC_NEXT, 1n), 1));
  it('refuses a next of which only the high half is set', () =>
    expectDrop('address', (bench, chain) => store64(desc(bench, chain, 2) + abi.DESC_NEXT, 1n << 32n)));
  it('refuses a chain that runs into itself', () =>
    expectDrop('chainLoop', (bench, chain) => store64(desc(bench, chain, 2) + abi.DESC_NEXT, chain[0]!)));
  it('refuses a descriptor that is its own next', () =>
    expectDrop('chainLoop', (bench, chain) => store64(desc(bench, chain, 1) + abi.DESC_NEXT, chain[1]!), 1));
  it('refuses a packet of 13 bytes', () =>
    expectDrop('tooShort', (bench, chain) => {
      chain.forEach((_va, i) => store16(desc(bench, chain, i) + abi.DESC_DATA_LEN, i === 0 ? 11 : 1));
      store16(desc(bench, chain, 0) + abi.DESC_PKT_LEN, 13);
    }));
  it('refuses an empty packet', () =>
    expectDrop('segmentLength', (bench, chain) => {
      store16(desc(bench, chain, 0) + abi.DESC_DATA_LEN, 0);
      store16(desc(bench, chain, 0) + abi.DESC_PKT_LEN, 0);
    }));

  it('refuses a buffer that was lent through another queue, and leaves it there', () => {
    const { device, guest } = makeConfiguredBench({}, { txQueues: 2 });
    const [own] = guest.takeBuffers(1, 0);
    const [foreign] = guest.takeBuffers(1, 1);
    guest.fill([own!, foreign!], frame(100), 50);
    guest.put('tx', own!, 0);
    guest.put('tx', foreign!, 0);
    device.step();
    expect(device.inspect.stats().fromGuest.dropped).to.include({ notLent: 2 });
    expect(device.inspect.buffers().guest).to.equal(1);
  });

  it('refuses a buffer that the guest has not taken off alloc', () => {
    const { device, guest, sent } = makeConfiguredBench();
    const slot = guest.fifo('alloc', 0) + abi.FIFO_BYTES;
    const [own] = guest.takeBuffers(1);
    const waiting = (BigInt(guest.word(slot + 12)) << 32n) | BigInt(guest.word(slot + 8));
    guest.fill([own!, waiting], frame(100), 50);
    guest.put('tx', waiting);
    guest.put('tx', own!);
    device.step();
    expect(device.inspect.stats().fromGuest.dropped).to.include({ notLent: 2 });
    expect(device.inspect.buffers()).to.include({ alloc: 15, guest: 0 });
    guest.transmit(frame(60));
    device.step();
    expectFrames(sent, [frame(60)]);
  });

  it('refuses a buffer of a received packet', () => {
    const { device, guest, deliver } = makeConfiguredBench();
    deliver(frame(60));
    device.step();
    guest.put('tx', guest.receive()!.chain[0]!);
    device.step();
    expect(device.inspect.stats().fromGuest.dropped).to.include({ notLent: 1 });
    expect(device.inspect.buffers().guest).to.equal(1);
  });

  it('refuses the second of two packets that share a buffer, and takes each buffer back once', () => {
    const { device, guest, sent } = makeConfiguredBench();
    const [first, second, shared] = guest.takeBuffers(3);
    guest.fill([first!, shared!], frame(100), 50);
    guest.fill([second!, shared!], frame(100), 50);
    guest.put('tx', first!);
    guest.put('tx', second!);
    device.step();
    expectFrames(sent, [frame(100)]);
    expect(device.inspect.stats().fromGuest.dropped).to.include({ notLent: 1 });
    expect(device.inspect.buffers()).to.include({ guest: 0, hostPool: 49 });
  });

  it('survives indices of tx and alloc that are out of range, counts them, and goes on once they are right', () => {
    const { device, guest, sent } = makeConfiguredBench();
    guest.transmit(frame(60));
    // The host reads alloc's index twice a step while there is an entry on tx.
    for (const [ring, at, cause, looks] of [
      ['tx', abi.FIFO_WRITE, 'txIndex', 1],
      ['alloc', abi.FIFO_READ, 'allocIndex', 2],
    ] as const) {
      const word = guest.fifo(ring, 0) + at;
      const before = guest.word(word);
      for (const wrong of [16, 0x8000_0000, 0xffff_ffff]) {
        store32(word, wrong);
        device.step();
      }
      store32(word, before);
      expect(device.inspect.stats().refused[cause]).to.equal(3 * looks);
    }
    device.step();
    expectFrames(sent, [frame(60)]);
    expect(device.inspect.buffers()).to.include({ guest: 0, alloc: 15 });
  });

  it('copies no more than pkt_len, however long the segments are', () => {
    const { device, guest, sent } = makeConfiguredBench({ mbufSize: 65_535, pools: [{ buffers: 16 }] });
    const chain = guest.takeBuffers(5);
    guest.fill(chain, frame(100), 20);
    for (const va of chain) store16(guest.pointer(va) + abi.DESC_DATA_LEN, 65_535);
    store16(guest.pointer(chain[0]!) + abi.DESC_PKT_LEN, 65_535);
    guest.put('tx', chain[0]!);
    device.step();
    expect(sent).to.deep.equal([]);
    expect(device.inspect.stats().fromGuest.dropped).to.include({ packetLength: 1 });
  });

  it('reads at most one ring of entries if an index jumps', () => {
    const { device, guest } = makeConfiguredBench();
    store32(guest.fifo('tx', 0) + abi.FIFO_WRITE, 15);
    device.step();
    expect(device.inspect.stats().fromGuest).to.include({ offered: 15, forwarded: 0 });
    expect(device.inspect.buffers()).to.include({ alloc: 15, hostPool: 49 });
  });
});

describe('buffers across a 4 GiB boundary', () => {
  it('have their data where their descriptors point, even across the boundary', () => {
    let straddling = 0;
    for (let seed = 0; seed < 24; seed++) {
      const { guest } = makeBench({
        pools: [{ buffers: 40 }],
        allocSharePercent: 99,
        fifoSlots: { alloc: 64 },
        dataGapBytes: 1_000,
        mbufSize: 1_024,
        layout: { nearFourGiB: true, seed },
      });
      guest.configure();
      for (const va of guest.takeBuffers(39)) {
        const data = load64(guest.pointer(va) + abi.DESC_DATA);
        expect(data - va).to.equal(1_064n);
        if (data >> 32n !== va >> 32n) straddling++;
      }
    }
    expect(straddling).to.be.greaterThan(0);
  });
});
