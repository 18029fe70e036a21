import { type Clause, clause } from '../clause';
import { expectNothingLost, MAX_RX_BYTES, OUTSIDE_MTU_BYTES } from './receiving';

/** Values on both sides of the limits of the receive path. */
export const rxLimitClauses: readonly Clause[] = [
  clause({
    id: 'rx/19',
    title: 'the longest packet arrives, one byte more does not',
    level: 'MUST',
    section: '5',
    basis: 'protocol',
    goal: 'Host and guest agree on max_rx_pkt_len',
    steps: ['plug devices that allow 1,518 and 9,238 bytes', 'deliver just as much, and one byte more', 'receive'],
    requirement: 'max_rx_pkt_len is the longest packet that the host hands over; what is longer it drops and counts',
    note: 'The header of the device calls max_rx_pkt_len "Maximum receive unit size". The MTU is set to match, so that it does not matter here whether a driver drops frames above its MTU.',
    run: async (t) => {
      for (const longest of [1_518, MAX_RX_BYTES]) {
        const running = await t.started({ nic: { maxRxPacketBytes: longest }, mtu: longest - OUTSIDE_MTU_BYTES });
        const { nic, port } = running;
        const fits = t.frameTo(nic, longest);
        nic.deliver(fits);
        nic.deliver(t.frameTo(nic, longest + 1));
        const received = await t.drain(port);
        t.expect.frames(
          `received with at most ${longest}`,
          received.map((packet) => packet.bytes),
          [fits],
        );
        t.expect.equal('receive errors of the guest', (await port.stats()).rx.errors, 0);
        const { offered, delivered, dropped } = nic.stats().toGuest;
        t.expect.equal('packets offered and delivered', [offered, delivered], [2, 1]);
        t.expect.equal('drops of the host', Object.values(dropped), [1]);
        await expectNothingLost(t, running);
      }
    },
  }),
  clause({
    id: 'rx/20',
    title: 'a burst takes 64 of 65 packets',
    level: 'SHOULD',
    section: '10',
    basis: 'reading',
    needs: ['burst-choice'],
    goal: 'A burst is as long as it may be, and no longer',
    steps: ['deliver 65 packets', 'receive bursts of at most 100'],
    requirement: 'A receive burst takes what rx holds, at most 64',
    note: 'The limit of 64 is that of net_avp.',
    run: async (t) => {
      const { nic, port } = await t.started({ nic: { fifoSlots: { rx: 128, free: 128 } } });
      for (let i = 0; i < 65; i++) nic.deliver(t.frameTo(nic, 100));
      await t.settle();
      const counts = [await port.receive(0, 100), await port.receive(0, 100), await port.receive(0, 100)];
      t.expect.equal(
        'packets of the bursts',
        counts.map((burst) => burst.length),
        [64, 1, 0],
      );
    },
  }),
  clause({
    id: 'rx/21',
    title: 'receive is scattered as soon as one queue needs it',
    level: 'MUST',
    section: '10',
    basis: 'ethdev',
    faults: ['R7'],
    needs: ['pool-per-queue'],
    goal: 'The queue with the smallest mbufs counts, wherever it stands',
    steps: [
      'give one of three queues mbufs of 1,024 bytes and the others 4,096',
      'deliver packets of 1,900 bytes to all, with each queue the small one in turn',
    ],
    requirement: 'Scattered mode is on where max_rx_pkt_len exceeds the buffer size of any queue',
    note: 'rte_eth_rx_queue_setup() takes a memory pool for each queue, and rte_eth_rx_burst() fills mbufs of that pool.',
    run: async (t) => {
      for (const small of [0, 1, 2]) {
        const pools = [0, 1, 2].map((queue) => ({ mbufs: 64, dataRoomBytes: 128 + (queue === small ? 1_024 : 4_096) }));
        const mtu = 2_000 - OUTSIDE_MTU_BYTES;
        const { nic, port } = await t.started({ nic: { maxRxPacketBytes: 2_000 }, mtu, rxQueues: 3, pools });
        const frames = Array.from({ length: 30 }, (_unused, flow) => t.flowFrameTo(nic, 1_900, flow));
        for (const frame of frames) nic.deliver(frame);
        const counts: number[] = [];
        for (let queue = 0; queue < 3; queue++) counts.push((await t.drain(port, queue)).length);
        t.expect.that(
          'packets of each queue',
          counts.every((count) => count > 0),
          'at least 1',
          counts,
        );
        t.expect.equal(
          `packets with small mbufs at queue ${small}`,
          counts.reduce((sum, count) => sum + count, 0),
          30,
        );
      }
    },
  }),
  clause({
    id: 'rx/22',
    title: 'scattered receive begins one byte below the longest packet',
    level: 'MUST',
    section: '10',
    basis: 'protocol',
    needs: ['mbuf-size', 'mbuf-tags'],
    goal: 'The choice between simple and scattered is right at its boundary',
    steps: ['limit packets to 2,000 bytes', 'use mbufs that hold 2,000 and 1,999 bytes', 'deliver 2,000 bytes to each'],
    requirement: 'Scattered mode is on where max_rx_pkt_len exceeds the size of a guest buffer',
    run: async (t) => {
      for (const [mbufBytes, segments] of [
        [2_000, [2_000]],
        [1_999, [1_999, 1]],
      ] as const) {
        const pools = [{ mbufs: 32, dataRoomBytes: 128 + mbufBytes }];
        const { nic, port } = await t.started({ nic: { maxRxPacketBytes: 2_000 }, mtu: 1_500, pools });
        const frame = t.frameTo(nic, 2_000);
        nic.deliver(frame);
        const received = await t.drain(port);
        t.expect.frames(
          `received into ${mbufBytes} bytes`,
          received.map((packet) => packet.bytes),
          [frame],
        );
        t.expect.equal('mbufs', received[0]?.nbSegs, segments.length);
        if (t.can('mbuf-fields')) t.expect.equal('data in each mbuf', received[0]?.segments, segments);
      }
    },
  }),
  clause({
    id: 'rx/23',
    title: 'packets of a flow stay in order on all queues',
    level: 'MUST',
    section: '10',
    basis: 'protocol',
    goal: 'Neither several FIFOs nor short bursts reorder a flow',
    steps: [
      'use 3 queues over 5 FIFOs',
      'deliver 12 flows in turns',
      'receive in bursts of 3 from each queue in turn',
      'sort by flow',
    ],
    requirement: 'A packet is handed over with the same bytes and in the same order as its flow',
    run: async (t) => {
      const { nic, port } = await t.started({ nic: { rxQueues: { min: 5, max: 5 } }, rxQueues: 3, txQueues: 3 });
      const sent = Array.from({ length: 96 }, (_unused, i) => t.flowFrameTo(nic, 100 + i, i % 12));
      for (const frame of sent) nic.deliver(frame);
      await t.settle();
      const received: Uint8Array[] = [];
      for (let round = 0; round < 60; round++) {
        received.push(...(await port.receive(round % 3, 3)).map((packet) => packet.bytes));
        await t.sleepMs(1);
      }
      // Each packet has its own length, from which its flow number follows.
      const flowOf = (frame: Uint8Array): number => (frame.length - 100) % 12;
      for (let flow = 0; flow < 12; flow++)
        t.expect.frames(
          `flow ${flow}`,
          received.filter((one) => flowOf(one) === flow),
          sent.filter((one) => flowOf(one) === flow),
        );
    },
  }),
];
