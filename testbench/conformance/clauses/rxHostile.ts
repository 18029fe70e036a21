import { hex } from '../../../shared/hex';
import { type Clause, clause } from '../clause';
import type { DescChange } from '../../targets/host';
import { expectRxDropped, expectNothingLost, MAX_RX_BYTES } from './receiving';

/** Packets that no correct host delivers: their descriptors contradict each other or point outside the pool. */
export const rxHostileClauses: readonly Clause[] = [
  clause({
    id: 'rx/4',
    title: 'a packet of length 0 is dropped',
    level: 'MUST',
    section: '10',
    basis: 'safety',
    faults: ['R2'],
    goal: 'pkt_len 0 neither uses an mbuf that was never taken nor hands over an empty packet',
    steps: ['deliver a packet whose descriptor says pkt_len 0, with data_len 0 and with data', 'receive'],
    requirement: 'A packet shorter than 14 bytes is dropped and counted',
    host: 'wrong',
    run: async (t) => {
      const running = await t.started();
      const noLength: DescChange = { segment: 0, field: 'pkt_len', value: 0 };
      await expectRxDropped(t, running, 100, [noLength]);
      await expectRxDropped(t, running, 100, [noLength, { segment: 0, field: 'data_len', value: 0 }]);
    },
  }),
  clause({
    id: 'rx/25',
    title: 'the longest packet length that a descriptor can hold is dropped',
    level: 'MUST',
    section: '10',
    basis: 'safety',
    faults: ['R1', 'R12'],
    goal: 'No table of mbufs is filled beyond its end, and no packet takes the pool with it',
    steps: [
      'deliver packets of five segments whose descriptor says pkt_len 65,535, one at a time',
      'receive, and count mbufs',
      'do it again with mbufs that hold 512 bytes',
    ],
    requirement: 'A packet that needs more than 5 guest mbufs is dropped and counted',
    host: 'wrong',
    note: 'With mbufs of 2,048 bytes the packet asks for 32 of them, with mbufs of 512 bytes for 128. The tables of net_avp hold RTE_AVP_MAX_MBUF_SEGMENTS, 5, and lie on the stack.',
    run: async (t) => {
      for (const dataRoomBytes of [2_048 + 128, ...(t.can('mbuf-size') ? [512 + 128] : [])]) {
        const running = await t.started({ pools: [{ mbufs: 256, dataRoomBytes }] });
        for (let i = 0; i < 4; i++)
          await expectRxDropped(t, running, 9_000, [{ segment: 0, field: 'pkt_len', value: 65_535 }]);
      }
    },
  }),
  clause({
    id: 'rx/5',
    title: 'a chain shorter than its packet length is dropped',
    level: 'SHOULD',
    section: '10',
    basis: 'reading',
    faults: ['R3'],
    goal: 'Segments that add up to less than pkt_len leak no mbufs',
    steps: ['deliver packets whose data_len values add up to less than pkt_len', 'receive', 'count mbufs'],
    requirement: 'A packet whose lengths contradict each other is dropped and counted',
    host: 'wrong',
    note: 'The host breaks section 7. net_avp looks for it in its debug build alone, and that a driver drops such a packet is a reading of this project.',
    run: async (t) => {
      const running = await t.started();
      await expectRxDropped(t, running, 600, [{ segment: 0, field: 'data_len', value: 599 }]);
      await expectRxDropped(t, running, 600, [{ segment: 0, field: 'pkt_len', value: 9_000 }]);
      await expectRxDropped(t, running, 5_000, [{ segment: 2, field: 'data_len', value: 3 }]);
    },
  }),
  clause({
    id: 'rx/6',
    title: 'a chain longer than its packet length is dropped',
    level: 'SHOULD',
    section: '10',
    basis: 'reading',
    faults: ['R4', 'F3'],
    goal: 'Segments that add up to more than pkt_len hand over no mbuf with a wrong length',
    steps: ['deliver packets whose data_len values add up to more than pkt_len', 'receive'],
    requirement: 'A packet whose lengths contradict each other is dropped and counted',
    host: 'wrong',
    note: 'The host breaks section 7. net_avp looks for it in its debug build alone, and that a driver drops such a packet is a reading of this project.',
    run: async (t) => {
      const running = await t.started();
      await expectRxDropped(t, running, 600, [{ segment: 0, field: 'data_len', value: 601 }]);
      await expectRxDropped(t, running, 5_000, [{ segment: 0, field: 'pkt_len', value: 4_999 }]);
      await expectRxDropped(t, running, 5_000, [{ segment: 2, field: 'data_len', value: 0xffff }]);
    },
  }),
  clause({
    id: 'rx/7',
    title: 'segment count and chain that contradict each other are dropped',
    level: 'SHOULD',
    section: '10',
    basis: 'reading',
    goal: 'Neither nb_segs nor next is trusted alone',
    steps: [
      'deliver chains with a wrong nb_segs, a chain that leads back to its beginning, and one cut short',
      'receive',
    ],
    requirement: 'A packet whose segment count contradicts its chain is dropped and counted',
    host: 'wrong',
    note: 'The host breaks section 7. No source makes a driver compare the two, and scattered receive of net_avp never reads nb_segs.',
    run: async (t) => {
      const running = await t.started();
      for (const value of [0, 2, 5, 6, 255])
        await expectRxDropped(t, running, 600, [{ segment: 0, field: 'nb_segs', value }]);
      await expectRxDropped(t, running, 5_000, [{ segment: 0, field: 'nb_segs', value: 2 }]);
      await expectRxDropped(t, running, 5_000, [{ segment: 2, field: 'next', value: 'first' }]);
      await expectRxDropped(t, running, 5_000, [{ segment: 1, field: 'next', value: 0n }]);
    },
  }),
  clause({
    id: 'rx/8',
    title: 'addresses outside of the pools are dropped',
    level: 'MUST',
    section: '4',
    basis: 'safety',
    goal: 'A pointer of the host is used only where the whole object lies in a pool',
    steps: ['deliver packets whose data or next point elsewhere, in front of a pool, and to its very end', 'receive'],
    requirement: 'A packet whose addresses lie in no pool is dropped and counted',
    host: 'wrong',
    run: async (t) => {
      const running = await t.started();
      const [first] = running.nic.poolRanges();
      const end = first!.addr + first!.length;
      for (const value of [0n, 1n, first!.addr - 64n, end, end - 32n, 0xffff_ffff_ffff_ffc0n]) {
        await expectRxDropped(t, running, 600, [{ segment: 0, field: 'data', value }]);
        if (value !== 0n) await expectRxDropped(t, running, 5_000, [{ segment: 0, field: 'next', value }]);
      }
    },
  }),
  clause({
    id: 'rx/14',
    title: '13 bytes are dropped, 14 are handed over',
    level: 'SHOULD',
    section: '10',
    basis: 'reading',
    goal: 'The shortest packet is an Ethernet header',
    steps: [
      'deliver a packet of 14 bytes, and receive it',
      'deliver three packets, of which the second says in both lengths that it has 13 bytes',
      'receive',
      'look at the statistics',
    ],
    requirement: 'A packet shorter than 14 bytes is dropped and counted',
    host: 'wrong',
    note: 'No rule makes a driver drop runts; net_avp hands them over.',
    run: async (t) => {
      const running = await t.started();
      const shortest = t.frameTo(running.nic, 14);
      running.nic.deliver(shortest);
      const received = await t.drain(running.port);
      t.expect.frames(
        '14 bytes',
        received.map((packet) => packet.bytes),
        [shortest],
      );
      await expectRxDropped(t, running, 100, [
        { segment: 0, field: 'pkt_len', value: 13 },
        { segment: 0, field: 'data_len', value: 13 },
      ]);
    },
  }),
  clause({
    id: 'rx/16',
    title: 'an entry on rx that is no descriptor is dropped and goes back',
    level: 'MUST',
    section: '10',
    basis: 'safety',
    goal: 'Not even the first address of a chain is trusted',
    steps: [
      'deliver packets whose entry on rx points elsewhere, in front of a pool, and between two descriptors',
      'receive',
    ],
    requirement:
      'A packet whose address lies in no pool is dropped and counted; its entry goes to free like all others',
    host: 'wrong',
    run: async (t) => {
      const { nic, port } = await t.started();
      const [first] = nic.poolRanges();
      const values = [
        0n,
        first!.addr - 64n,
        first!.addr + first!.length,
        first!.addr + first!.length - 8n,
        0xffff_ffff_ffff_ffc0n,
      ];
      for (const [done, value] of values.entries()) {
        nic.deliver(t.frameTo(nic, 300), [{ segment: 0, field: 'entry', value }]);
        const good = t.frameTo(nic, 200);
        nic.deliver(good);
        const received = await t.drain(port);
        t.expect.frames(
          `received after entry ${hex(value)}`,
          received.map((packet) => packet.bytes),
          [good],
        );
        t.expect.equal('receive errors counted', (await port.stats()).rx.errors, done + 1);
        t.expect.equal('entries put on free', nic.fifo('free', 0, 'write'), (done + 1) * 2);
      }
    },
  }),
  clause({
    id: 'rx/17',
    title: 'a chain of six segments is dropped',
    level: 'SHOULD',
    section: '10',
    basis: 'reading',
    goal: 'The table of five segments is not left, even where all else of the chain is right',
    steps: [
      'deliver a packet of one segment, then one of five whose chain goes on to the first',
      'let count and lengths say six',
      'receive',
    ],
    requirement: 'A packet has 1 to 5 segments; one with more is dropped and counted',
    host: 'wrong',
    note: 'RTE_AVP_MAX_MBUF_SEGMENTS in the header of the device is 5. That a driver drops a longer chain is a reading of this project: net_avp copies it right.',
    run: async (t) => {
      const running = await t.started({ nic: { rxSegmentBytes: 1_000 } });
      const { nic, port } = running;
      const five = t.frameTo(nic, 5_000);
      nic.deliver(five);
      t.expect.frames(
        'five segments',
        (await t.drain(port)).map((packet) => packet.bytes),
        [five],
      );
      const good = t.frameTo(nic, 900);
      nic.deliver(good);
      nic.deliver(t.frameTo(nic, 5_000), [
        { segment: 4, field: 'next', value: 'former' },
        { segment: 0, field: 'nb_segs', value: 6 },
        { segment: 0, field: 'pkt_len', value: 5_900 },
      ]);
      t.expect.frames(
        'handed over',
        (await t.drain(port)).map((packet) => packet.bytes),
        [good],
      );
      t.expect.equal('receive errors counted', (await port.stats()).rx.errors, 1);
      await expectNothingLost(t, running);
    },
  }),
  clause({
    id: 'rx/18',
    title: 'a packet longer than the host said is dropped by the driver',
    level: 'SHOULD',
    section: '5',
    basis: 'reading',
    goal: 'The guest holds the host to its own limit',
    steps: ['deliver 9,238 bytes with the last segment and the packet length one longer', 'receive'],
    requirement:
      'max_rx_pkt_len is the longest packet that the host may hand over; a driver that checks its host drops a longer one',
    host: 'wrong',
    note: 'A rule for the host, which no correct host breaks: that the driver holds it to that is hardening.',
    run: async (t) => {
      const running = await t.started();
      const last = MAX_RX_BYTES - 4 * 2_048;
      await expectRxDropped(t, running, MAX_RX_BYTES, [
        { segment: 0, field: 'pkt_len', value: MAX_RX_BYTES + 1 },
        { segment: 4, field: 'data_len', value: last + 1 },
      ]);
    },
  }),
  clause({
    id: 'rx/24',
    title: 'a packet whose lengths contradict each other leaves no mbuf behind',
    level: 'MUST',
    section: '10',
    basis: 'safety',
    faults: ['R3', 'R4'],
    needs: ['mbuf-balance'],
    goal: 'A host that is wrong again and again does not drain the pool of the guest',
    steps: ['deliver packets whose pkt_len is far above their data, and far below', 'receive', 'count mbufs'],
    requirement: 'Every mbuf that was taken for a packet is handed over with it or given back',
    host: 'wrong',
    note: 'Mbufs that are lost with each such packet are soon all mbufs, and a host can bring that about at will.',
    run: async (t) => {
      const { nic, port } = await t.started();
      for (const [bytes, claimed] of [
        [600, 9_000],
        [9_000, 600],
        [2_049, 9_238],
      ] as const) {
        for (let i = 0; i < 4; i++)
          nic.deliver(t.frameTo(nic, bytes), [{ segment: 0, field: 'pkt_len', value: claimed }]);
        await t.drain(port);
        t.expect.equal(
          `mbufs in use after 4 packets of ${bytes} bytes that say ${claimed}`,
          await port.mbufsInUse(),
          0,
        );
      }
    },
  }),
];
