import { type Clause, clause } from '../clause';
import type { ReceivedPacket } from '../../targets/target';
import { expectRxDropped, expectNothingLost, FIVE_SEGMENTS_BYTES, MAX_RX_BYTES } from './receiving';
import { goOn, leaveOnRx } from './steps';

/** Data room of a guest mbuf that holds 2,048 bytes, like a host buffer, after the headroom. */
const POOL_ROOM = 2_176;

export const rxClauses: readonly Clause[] = [
  clause({
    id: 'rx/1',
    title: 'packets of one segment arrive as they were sent',
    level: 'MUST',
    section: '10',
    basis: 'protocol',
    goal: 'The plain receive path keeps bytes, lengths and order',
    steps: ['deliver frames from 14 to 2,048 bytes', 'receive them', 'compare'],
    requirement: 'A packet of one segment is handed over with the same bytes and in the same order',
    run: async (t) => {
      const running = await t.started();
      const sizes = [14, 15, 59, 60, 64, 65, 127, 383, 384, 385, 1_514, 1_518, 2_047, 2_048];
      const frames = sizes.map((bytes) => t.frameTo(running.nic, bytes));
      for (const frame of frames) running.nic.deliver(frame);
      const received = await t.drain(running.port);
      t.expect.frames(
        'received',
        received.map((packet) => packet.bytes),
        frames,
      );
      await expectNothingLost(t, running);
    },
  }),
  clause({
    id: 'rx/2',
    title: 'chains of up to five segments arrive whole',
    level: 'MUST',
    section: '10',
    basis: 'protocol',
    faults: ['F3'],
    goal: 'Scattered receive puts the segments together in their order',
    steps: ['deliver frames of 2 to 5 host segments, full ones and short ones', 'receive and compare'],
    requirement: 'A chain of up to 5 host segments is copied into guest mbufs without loss',
    note: 'The guide of net_avp: "Chained mbufs may include up to 5 chained segments".',
    run: async (t) => {
      for (const rxSegmentBytes of [0, 700]) {
        const running = await t.started({ nic: { rxSegmentBytes } });
        const sizes = [2_049, 3_000, 4_096, 4_097, 8_192, 8_193, FIVE_SEGMENTS_BYTES, MAX_RX_BYTES];
        const frames = sizes.map((bytes) => t.frameTo(running.nic, bytes));
        for (const frame of frames) running.nic.deliver(frame);
        const received = await t.drain(running.port);
        t.expect.frames(
          `segments of ${rxSegmentBytes || 2_048} bytes`,
          received.map((packet) => packet.bytes),
          frames,
        );
        await expectNothingLost(t, running);
      }
    },
  }),
  clause({
    id: 'rx/3',
    title: 'a packet that needs more than five mbufs is dropped',
    level: 'MUST',
    section: '10',
    basis: 'protocol',
    faults: ['R1'],
    needs: ['mbuf-size'],
    goal: 'A legal long packet does not run past the table of five mbufs',
    steps: [
      'use mbufs that hold 1,024 bytes',
      'deliver 5,120 bytes, which need five',
      'deliver 9,238 bytes, which need ten, and 5,121, which need six',
      'receive',
    ],
    requirement: 'A packet that needs more than 5 guest mbufs is dropped and counted',
    note: 'RTE_AVP_MAX_MBUF_SEGMENTS in the header of the device is the "Maximum number of chained mbufs in a packet".',
    run: async (t) => {
      const running = await t.started({ pools: [{ mbufs: 64, dataRoomBytes: 1_024 + 128 }] });
      const fits = t.frameTo(running.nic, 5_120);
      running.nic.deliver(fits);
      const received = await t.drain(running.port);
      t.expect.frames(
        'needs five mbufs',
        received.map((packet) => packet.bytes),
        [fits],
      );
      for (const bytes of [MAX_RX_BYTES, 5_121]) await expectRxDropped(t, running, bytes, []);
    },
  }),
  clause({
    id: 'rx/9',
    title: 'each receive queue takes its mbufs from its own pool',
    level: 'MUST',
    section: '10',
    basis: 'ethdev',
    faults: ['R7'],
    needs: ['pool-per-queue', 'mbuf-fields'],
    goal: 'The pool that was set up last does not serve all queues',
    steps: ['give two queues pools with mbufs of different sizes', 'deliver long packets to both', 'look at the mbufs'],
    requirement: 'A packet comes in mbufs of the pool of its queue',
    note: 'rte_eth_rx_burst() fills a queue "allocated from the memory pool associated with the receive queue".',
    run: async (t) => {
      const pools = [2_048, 3_072].map((bytes) => ({ mbufs: 64, dataRoomBytes: bytes + 128 }));
      const { nic, port } = await t.started({ rxQueues: 2, pools });
      for (let flow = 0; flow < 32; flow++) nic.deliver(t.flowFrameTo(nic, 6_000, flow));
      for (const [queue, segments] of [
        [2_048, 2_048, 1_904],
        [3_072, 2_928],
      ].entries()) {
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
    basis: 'ethdev',
    needs: ['mbuf-balance', 'pool-per-queue'],
    goal: 'A starved pool costs packets, not buffers',
    steps: ['use a pool of 4 mbufs', 'deliver 10 packets of 5 segments each', 'receive with nothing given back'],
    requirement: 'A packet for which there is no guest mbuf is dropped and counted in rx_nombuf; its buffer goes back',
    note: 'rx_nombuf in struct rte_eth_stats is the "Total number of Rx mbuf allocation failures".',
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
    basis: 'ethdev',
    needs: ['burst-choice'],
    goal: 'The limits of a burst hold, and what it leaves comes with the next one',
    steps: ['deliver 50 packets', 'receive bursts of at most 1, 32 and 64'],
    requirement: 'A receive burst gives at most the number asked for, and at most 64',
    note: 'nb_pkts of rte_eth_rx_burst() is "The maximum number of packets to retrieve". The limit of 64 is that of net_avp.',
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
      t.expect.frames(
        'all',
        [...bursts.flat(), ...rest].map((packet) => packet.bytes),
        frames,
      );
    },
  }),
  clause({
    id: 'rx/12',
    title: 'the mbuf handed over carries nothing of its last use',
    level: 'MUST',
    section: '10',
    basis: 'ethdev',
    needs: ['mbuf-tags'],
    goal: 'Every field that an application reads is written for each packet',
    steps: [
      'receive tagged packets of five segments and of one, so that all mbufs get used',
      'receive untagged ones of one segment and of two',
      'look at all fields',
    ],
    requirement: 'Port, segments, lengths, flags and tag of an mbuf are those of its packet',
    note: 'rte_eth_rx_burst() has to "Initialize the rte_mbuf data structure" of each packet.',
    run: async (t) => {
      const { nic, port } = await t.started({ vlanStrip: true, pools: [{ mbufs: 5, dataRoomBytes: POOL_ROOM }] });
      const pass = async (count: number, bytes: number, text: { vlanTci?: number }): Promise<ReceivedPacket[]> => {
        for (let i = 0; i < count; i++) nic.deliver(t.frameTo(nic, bytes + i, text));
        const received = await t.drain(port);
        t.expect.equal(`packets of ${bytes} bytes`, received.length, count);
        return received;
      };
      // All mbufs have been used with a tag when packets without one come: in the middle of a chain, or as its first.
      for (const [tagged, used] of [
        [FIVE_SEGMENTS_BYTES, 1],
        [200, 5],
      ] as const)
        for (const [bytes, count, segments] of [
          [100, 5, [100]],
          [3_000, 2, [2_048, 952]],
        ] as const) {
          const [first] = await pass(used, tagged, { vlanTci: 0x6123 });
          t.expect.equal(`tag after ${tagged} bytes`, first?.vlanTci, 0x6123);
          for (const [i, packet] of (await pass(count, bytes, {})).entries()) {
            const { vlanTci, vlanStripped, pktLen, nbSegs } = packet;
            const wanted = { vlanTci: null, vlanStripped: false, pktLen: bytes + i, nbSegs: segments.length };
            const label = `packet ${i} of ${bytes + i} bytes after packets of ${tagged}`;
            t.expect.equal(`fields of ${label}`, { vlanTci, vlanStripped, pktLen, nbSegs }, wanted);
            const lengths = [...segments.slice(0, -1), segments.at(-1)! + i];
            if (t.can('mbuf-fields'))
              t.expect.equal(`segments and port of ${label}`, [packet.segments, packet.fromThisPort], [lengths, true]);
          }
        }
    },
  }),
  clause({
    id: 'rx/13',
    title: 'simple receive counts a chained or too long packet as an error',
    level: 'SHOULD',
    section: '10',
    basis: 'reading',
    goal: 'Where no packet should need a chain, one that does is not cut short',
    steps: [
      'limit packets to 2,048 bytes, MTU 1,500, so that receive is simple',
      'deliver a chain and a packet above the mbuf',
      'receive',
    ],
    requirement: 'Simple receive drops a longer or chained packet and counts an error',
    note: 'net_avp drops such a packet in its simple mode and counts it. A driver that hands it over whole harms nobody.',
    run: async (t) => {
      const nic = { maxRxPacketBytes: 2_000, rxSegmentBytes: 700 };
      const running = await t.started({ nic, mtu: 1_500 });
      await expectRxDropped(t, running, 1_200, []);
    },
  }),
  clause({
    id: 'rx/15',
    title: 'without room in free nothing is taken',
    level: 'MUST',
    section: '10',
    basis: 'protocol',
    needs: ['paused-bursts'],
    goal: 'A slow host loses no buffer',
    steps: [
      'stop the host from emptying free',
      'deliver more packets than free has room for, in several rounds',
      'let the host go on',
      'receive the rest',
    ],
    requirement: 'A receive burst takes at most as many packets as free has room for',
    run: async (t) => {
      const running = await t.started({ nic: { fifoSlots: { rx: 64, free: 8 }, budget: { free: 1 } } });
      const { nic, port } = running;
      const frames = Array.from({ length: 40 }, () => t.frameTo(nic, 80));
      await leaveOnRx(t, running, frames);
      nic.pause();
      await goOn(t, running);
      const first: ReceivedPacket[] = [];
      // An application that polls by itself reports its packets once the host goes on.
      if (t.can('burst-choice')) for (let burst = 0; burst < 2; burst++) first.push(...(await port.receive(0, 32)));
      await t.settle();
      const left = (nic.fifo('rx', 0, 'write') - nic.fifo('rx', 0, 'read')) & 63;
      t.expect.equal('packets left on rx once free is full', left, frames.length - 7);
      nic.resume();
      const rest = await t.drain(port);
      t.expect.frames(
        'all',
        [...first, ...rest].map((packet) => packet.bytes),
        frames,
      );
      await expectNothingLost(t, running);
    },
  }),
];
