import { type Clause, clause } from '../clause';
import type { ClauseContext, Running } from '../context';
import type { DescChange } from '../../targets/host';

/** Host buffers of 2,048 bytes, guest buffers of 2,048 bytes. */
const FIVE_SEGMENTS_BYTES = 9_000;
const MAX_RX_BYTES = 9_238;
const POOL_ROOM = 2_176;

/**
 * Delivers a spoilt packet between two good ones: the good ones arrive, the spoilt one is counted
 * and leaves nothing behind, neither mbufs in the guest nor buffers missing at the host.
 */
async function expectDropped(t: ClauseContext, running: Running, bytes: number, changes: readonly DescChange[]): Promise<void> {
  const { nic, port } = running;
  const before = await port.stats();
  const good = [t.frameTo(nic, 300), t.frameTo(nic, 400)];
  nic.deliver(good[0]!);
  nic.deliver(t.frameTo(nic, bytes), changes);
  nic.deliver(good[1]!);
  const received = await t.drain(port);
  t.expect.frames('packets handed over', received.map((packet) => packet.bytes), good);
  const after = await port.stats();
  t.expect.equal('receive errors counted', after.rx.errors - before.rx.errors, 1);
  await expectNothingLost(t, running);
}

/** No mbuf and no host buffer of the receive side is away once all is quiet. */
async function expectNothingLost(t: ClauseContext, { nic, port }: Running): Promise<void> {
  await t.settle();
  if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
  const { rx, free, guest } = nic.buffers();
  t.expect.equal('receive buffers not back at the host', { rx, free, guest }, { rx: 0, free: 0, guest: 0 });
}

export const rxClauses: readonly Clause[] = [
  clause({
    id: 'rx/1',
    title: 'packets of one segment arrive as they were sent',
    level: 'MUST',
    section: '10',
    goal: 'The plain receive path keeps bytes, lengths and order',
    steps: ['deliver frames from 14 to 2,048 bytes', 'receive them', 'compare'],
    requirement: 'A packet of one segment is handed over with the same bytes and in the same order',
    run: async (t) => {
      const running = await t.started();
      const sizes = [14, 15, 59, 60, 64, 65, 127, 383, 384, 385, 1_514, 1_518, 2_047, 2_048];
      const frames = sizes.map((bytes) => t.frameTo(running.nic, bytes));
      for (const frame of frames) running.nic.deliver(frame);
      const received = await t.drain(running.port);
      t.expect.frames('received', received.map((packet) => packet.bytes), frames);
      await expectNothingLost(t, running);
    },
  }),
  clause({
    id: 'rx/2',
    title: 'chains of up to five segments arrive whole',
    level: 'MUST',
    section: '10',
    faults: ['F3'],
    goal: 'Scattered receive puts the segments together in their order',
    steps: ['deliver frames of 2 to 5 host segments, full ones and short ones', 'receive and compare'],
    requirement: 'A chain of up to 5 host segments is copied into guest mbufs without loss',
    run: async (t) => {
      for (const rxSegmentBytes of [0, 700]) {
        const running = await t.started({ nic: { rxSegmentBytes } });
        const sizes = [2_049, 3_000, 4_096, 4_097, 8_192, 8_193, FIVE_SEGMENTS_BYTES, MAX_RX_BYTES];
        const frames = sizes.map((bytes) => t.frameTo(running.nic, bytes));
        for (const frame of frames) running.nic.deliver(frame);
        const received = await t.drain(running.port);
        t.expect.frames(`segments of ${rxSegmentBytes || 2_048} bytes`, received.map((packet) => packet.bytes), frames);
        await expectNothingLost(t, running);
      }
    },
  }),
  clause({
    id: 'rx/3',
    title: 'a packet that needs more than five mbufs is dropped',
    level: 'MUST',
    section: '10',
    faults: ['R1'],
    needs: ['pool-per-queue'],
    goal: 'A legal long packet does not run past the table of five mbufs',
    steps: ['use mbufs that hold 1,024 bytes', 'deliver 5,120 bytes, which need five, and 5,121, which need six', 'receive'],
    requirement: 'A packet that needs more than 5 guest mbufs is dropped and counted',
    run: async (t) => {
      const running = await t.started({ pools: [{ mbufs: 64, dataRoomBytes: 1_024 + 128 }] });
      const fits = t.frameTo(running.nic, 5_120);
      running.nic.deliver(fits);
      const received = await t.drain(running.port);
      t.expect.frames('needs five mbufs', received.map((packet) => packet.bytes), [fits]);
      for (const bytes of [5_121, MAX_RX_BYTES]) await expectDropped(t, running, bytes, []);
    },
  }),
  clause({
    id: 'rx/4',
    title: 'a packet of length 0 is dropped',
    level: 'MUST',
    section: '10',
    faults: ['R2'],
    goal: 'pkt_len 0 neither uses an mbuf that was never taken nor hands over an empty packet',
    steps: ['deliver a packet whose descriptor says pkt_len 0, with data_len 0 and with data', 'receive'],
    requirement: 'A packet shorter than 14 bytes is dropped and counted',
    run: async (t) => {
      const running = await t.started();
      const noLength: DescChange = { segment: 0, field: 'pkt_len', value: 0 };
      await expectDropped(t, running, 100, [noLength]);
      await expectDropped(t, running, 100, [noLength, { segment: 0, field: 'data_len', value: 0 }]);
    },
  }),
  clause({
    id: 'rx/5',
    title: 'a chain shorter than its packet length is dropped',
    level: 'MUST',
    section: '10',
    faults: ['R3'],
    goal: 'Segments that add up to less than pkt_len leak no mbufs',
    steps: ['deliver packets whose data_len values add up to less than pkt_len', 'receive', 'count mbufs'],
    requirement: 'A packet whose lengths contradict each other is dropped and counted',
    run: async (t) => {
      const running = await t.started();
      await expectDropped(t, running, 600, [{ segment: 0, field: 'data_len', value: 599 }]);
      await expectDropped(t, running, 600, [{ segment: 0, field: 'pkt_len', value: 9_000 }]);
      await expectDropped(t, running, 5_000, [{ segment: 2, field: 'data_len', value: 3 }]);
    },
  }),
  clause({
    id: 'rx/6',
    title: 'a chain longer than its packet length is dropped',
    level: 'MUST',
    section: '10',
    faults: ['R4', 'F3'],
    goal: 'Segments that add up to more than pkt_len hand over no mbuf with a wrong length',
    steps: ['deliver packets whose data_len values add up to more than pkt_len', 'receive'],
    requirement: 'A packet whose lengths contradict each other is dropped and counted',
    run: async (t) => {
      const running = await t.started();
      await expectDropped(t, running, 600, [{ segment: 0, field: 'data_len', value: 601 }]);
      await expectDropped(t, running, 5_000, [{ segment: 0, field: 'pkt_len', value: 4_999 }]);
      await expectDropped(t, running, 5_000, [{ segment: 2, field: 'data_len', value: 0xffff }]);
    },
  }),
  clause({
    id: 'rx/7',
    title: 'segment count and chain that contradict each other are dropped',
    level: 'MUST',
    section: '10',
    goal: 'Neither nb_segs nor next is trusted alone',
    steps: ['deliver chains with a wrong nb_segs, a chain that leads back to its beginning, and one cut short', 'receive'],
    requirement: 'A packet whose segment count contradicts its chain is dropped and counted',
    run: async (t) => {
      const running = await t.started();
      for (const value of [0, 2, 5, 6, 255]) await expectDropped(t, running, 600, [{ segment: 0, field: 'nb_segs', value }]);
      await expectDropped(t, running, 5_000, [{ segment: 0, field: 'nb_segs', value: 2 }]);
      await expectDropped(t, running, 5_000, [{ segment: 2, field: 'next', value: 'first' }]);
      await expectDropped(t, running, 5_000, [{ segment: 1, field: 'next', value: 0n }]);
    },
  }),
  clause({
    id: 'rx/8',
    title: 'addresses outside of the pools are dropped',
    level: 'MUST',
    section: '4',
    goal: 'A pointer of the host is used only where the whole object lies in a pool',
    steps: ['deliver packets whose data or next point elsewhere, in front of a pool, and to its very end', 'receive'],
    requirement: 'A packet whose addresses lie in no pool is dropped and counted',
    run: async (t) => {
      const running = await t.started();
      const [first] = running.nic.poolRanges();
      const end = first!.addr + first!.length;
      for (const value of [0n, 1n, first!.addr - 64n, end, end - 32n, 0xffff_ffff_ffff_ffc0n]) {
        await expectDropped(t, running, 600, [{ segment: 0, field: 'data', value }]);
        if (value !== 0n) await expectDropped(t, running, 5_000, [{ segment: 0, field: 'next', value }]);
      }
    },
  }),
  clause({
    id: 'rx/9',
    title: 'each receive queue takes its mbufs from its own pool',
    level: 'MUST',
    section: '10',
    faults: ['R7'],
    needs: ['pool-per-queue', 'mbuf-fields'],
    goal: 'The pool that was set up last does not serve all queues',
    steps: ['give two queues pools with mbufs of different sizes', 'deliver long packets to both', 'look at the mbufs'],
    requirement: 'A packet comes in mbufs of the pool of its queue',
    run: async (t) => {
      const pools = [2_048, 3_072].map((bytes) => ({ mbufs: 64, dataRoomBytes: bytes + 128 }));
      const { nic, port } = await t.started({ rxQueues: 2, pools });
      for (let flow = 0; flow < 32; flow++) nic.deliver(t.flowFrameTo(nic, 6_000, flow));
      for (const [queue, segments] of [[2_048, 2_048, 1_904], [3_072, 2_928]].entries()) {
        const received = await t.drain(port, queue);
        t.expect.atLeast(`packets of queue ${queue}`, received.length, 1);
        for (const packet of received) t.expect.equal(`mbufs of queue ${queue}`, packet.segments, segments);
      }
    },
  }),
  clause({
    id: 'rx/10',
    title: 'without free mbufs packets are dropped and their buffers go back',
    level: 'MUST',
    section: '10',
    needs: ['mbuf-balance', 'pool-per-queue'],
    goal: 'A starved pool costs packets, not buffers',
    steps: ['use a pool of 4 mbufs', 'deliver 10 packets of 5 segments each', 'receive with nothing given back'],
    requirement: 'A packet for which there is no guest mbuf is dropped and counted in rx_nombuf; its buffer goes back',
    run: async (t) => {
      const running = await t.started({ pools: [{ mbufs: 4, dataRoomBytes: POOL_ROOM }] });
      for (let i = 0; i < 10; i++) running.nic.deliver(t.frameTo(running.nic, FIVE_SEGMENTS_BYTES));
      const received = await t.drain(running.port);
      t.expect.equal('packets handed over', received.length, 0);
      t.expect.equal('rx_nombuf', (await running.port.stats()).rxNombuf, 10);
      await expectNothingLost(t, running);
      await t.expectTraffic(running);
    },
  }),
  clause({
    id: 'rx/11',
    title: 'a burst hands over at most what was asked for',
    level: 'MUST',
    section: '10',
    goal: 'The limits of a burst hold, and what it leaves comes with the next one',
    steps: ['deliver 50 packets', 'receive bursts of at most 1, 32 and 64'],
    requirement: 'A receive burst gives at most the number asked for, and at most 64',
    run: async (t) => {
      const { nic, port } = await t.started({ nic: { fifoSlots: { rx: 128, free: 128 } } });
      const frames = Array.from({ length: 100 }, () => t.frameTo(nic, 100));
      for (const frame of frames) nic.deliver(frame);
      await t.settle();
      const bursts = [await port.receive(0, 1), await port.receive(0, 32), await port.receive(0, 128)];
      t.expect.equal('burst of at most 1', bursts[0]!.length, 1);
      t.expect.equal('burst of at most 32', bursts[1]!.length, 32);
      t.expect.atMost('burst of at most 128', bursts[2]!.length, 64);
      const rest = await t.drain(port);
      t.expect.frames('all', [...bursts.flat(), ...rest].map((packet) => packet.bytes), frames);
    },
  }),
  clause({
    id: 'rx/12',
    title: 'the mbuf handed over carries nothing of its last use',
    level: 'MUST',
    section: '10',
    needs: ['mbuf-fields'],
    goal: 'Every field that an application reads is written for each packet',
    steps: ['receive tagged packets of five segments so that all mbufs get used', 'receive untagged short ones', 'look at all fields'],
    requirement: 'Port, segments, lengths, flags and tag of an mbuf are those of its packet',
    run: async (t) => {
      const { nic, port } = await t.started({ vlanStrip: true, pools: [{ mbufs: 5, dataRoomBytes: POOL_ROOM }] });
      nic.deliver(t.frameTo(nic, FIVE_SEGMENTS_BYTES, { vlanTci: 0x6123 }));
      const [tagged] = await t.drain(port);
      t.expect.equal('tag of the first', tagged?.vlanTci, 0x6123);
      for (let i = 0; i < 5; i++) nic.deliver(t.frameTo(nic, 100 + i));
      const received = await t.drain(port);
      t.expect.equal('packets', received.length, 5);
      for (const [i, packet] of received.entries()) {
        const { bytes: _bytes, ...fields } = packet;
        const wanted = { vlanTci: null, vlanStripped: false, segments: [100 + i], pktLen: 100 + i, nbSegs: 1, fromThisPort: true };
        t.expect.equal(`fields of packet ${i}`, fields, wanted);
      }
    },
  }),
  clause({
    id: 'rx/13',
    title: 'simple receive counts a chained or too long packet as an error',
    level: 'MUST',
    section: '10',
    goal: 'Where no packet should need a chain, one that does is not cut short',
    steps: ['limit packets to 2,048 bytes, MTU 1,500, so that receive is simple', 'deliver a chain and a packet above the mbuf', 'receive'],
    requirement: 'Simple receive drops a longer or chained packet and counts an error',
    run: async (t) => {
      const nic = { maxRxPacketBytes: 2_000, rxSegmentBytes: 700 };
      const running = await t.started({ nic, mtu: 1_500 });
      await expectDropped(t, running, 1_200, []);
    },
  }),
  clause({
    id: 'rx/14',
    title: '13 bytes are dropped, 14 are handed over',
    level: 'MUST',
    section: '10',
    goal: 'The shortest packet is an Ethernet header',
    steps: ['deliver a packet of 14 bytes', 'deliver one whose lengths say 13', 'receive'],
    requirement: 'A packet shorter than 14 bytes is dropped and counted',
    run: async (t) => {
      const running = await t.started();
      const shortest = t.frameTo(running.nic, 14);
      running.nic.deliver(shortest);
      const received = await t.drain(running.port);
      t.expect.frames('14 bytes', received.map((packet) => packet.bytes), [shortest]);
      await expectDropped(t, running, 100, [
        { segment: 0, field: 'pkt_len', value: 13 },
        { segment: 0, field: 'data_len', value: 13 },
      ]);
    },
  }),
  clause({
    id: 'rx/15',
    title: 'without room in free nothing is taken',
    level: 'MUST',
    section: '10',
    goal: 'A slow host loses no buffer',
    steps: ['stop the host from emptying free', 'deliver more packets than free has room for, in several rounds', 'let the host go on', 'receive the rest'],
    requirement: 'A receive burst takes at most as many packets as free has room for',
    run: async (t) => {
      const running = await t.started({ nic: { fifoSlots: { rx: 64, free: 8 }, budget: { free: 1 } } });
      const { nic, port } = running;
      const frames = Array.from({ length: 40 }, () => t.frameTo(nic, 80));
      for (const frame of frames) nic.deliver(frame);
      await t.settle();
      nic.pause();
      const first = await port.receive(0, 32);
      t.expect.atMost('packets while free is not emptied', first.length, 7);
      t.expect.equal('packets once free is full', (await port.receive(0, 32)).length, 7 - first.length);
      nic.resume();
      const rest = await t.drain(port);
      t.expect.frames('all', [...first, ...rest].map((packet) => packet.bytes), frames);
      await expectNothingLost(t, running);
    },
  }),
  clause({
    id: 'rx/16',
    title: 'an entry on rx that is no descriptor is dropped and goes back',
    level: 'MUST',
    section: '10',
    goal: 'Not even the first address of a chain is trusted',
    steps: ['deliver packets whose entry on rx points elsewhere, in front of a pool, and between two descriptors', 'receive'],
    requirement: 'A packet whose address lies in no pool is dropped and counted; its entry goes to free like all others',
    run: async (t) => {
      const { nic, port } = await t.started();
      const [first] = nic.poolRanges();
      const values = [0n, first!.addr - 64n, first!.addr + first!.length, first!.addr + first!.length - 8n, 0xffff_ffff_ffff_ffc0n];
      for (const [done, value] of values.entries()) {
        nic.deliver(t.frameTo(nic, 300), [{ segment: 0, field: 'entry', value }]);
        const good = t.frameTo(nic, 200);
        nic.deliver(good);
        const received = await t.drain(port);
        t.expect.frames(`received after entry 0x${value.toString(16)}`, received.map((packet) => packet.bytes), [good]);
        t.expect.equal('receive errors counted', (await port.stats()).rx.errors, done + 1);
        t.expect.equal('entries put on free', nic.fifo('free', 0, 'write'), (done + 1) * 2);
      }
    },
  }),
];
