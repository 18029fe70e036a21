import { type Clause, clause } from '../clause';
import { withVlanTag } from '../../../shared/ethernet';
import { deliverFlows, goOn, leaveOnRx } from './steps';

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export const statsClauses: readonly Clause[] = [
  clause({
    id: 'stats/1',
    title: 'packets and bytes are counted per queue and add up for the port',
    level: 'MUST',
    section: '13',
    basis: 'ethdev',
    goal: 'Counters say what went over each queue',
    steps: ['use two queues a direction', 'receive flows on both and send different numbers', 'compare'],
    requirement: 'Statistics give packets and bytes of each queue; the port has their sums',
    note: 'rte_eth_stats_get(): totals of "successfully received" and "successfully transmitted" packets and bytes.',
    run: async (t) => {
      const { nic, port } = await t.started({ rxQueues: 2, txQueues: 2 });
      const frames = Array.from({ length: 40 }, (_unused, flow) => t.flowFrameTo(nic, 60 + flow * 11, flow));
      for (const frame of frames) nic.deliver(frame);
      const received = [await t.drain(port, 0), await t.drain(port, 1)];
      for (const [queue, count] of [3, 5].entries())
        await t.sendAll(
          port,
          Array.from({ length: count }, () => ({ bytes: t.frameFrom(nic, 100) })),
          queue,
        );
      const stats = await port.stats();
      for (const [queue, packets] of received.entries()) {
        const bytes = sum(packets.map((packet) => packet.bytes.length));
        t.expect.equal(`receive queue ${queue}`, stats.rxQueues[queue], { packets: packets.length, bytes, errors: 0 });
      }
      t.expect.equal('transmit queues', stats.txQueues.slice(0, 2), [
        { packets: 3, bytes: 300, errors: 0 },
        { packets: 5, bytes: 500, errors: 0 },
      ]);
      const bytes = sum(frames.map((frame) => frame.length));
      t.expect.equal('port, receive', stats.rx, { packets: 40, bytes, errors: 0 });
      t.expect.equal('port, transmit', stats.tx, { packets: 8, bytes: 800, errors: 0 });
    },
  }),
  clause({
    id: 'stats/2',
    title: 'reset sets everything to zero',
    level: 'MUST',
    section: '13',
    basis: 'ethdev',
    goal: 'Counting starts anew',
    steps: ['pass traffic and an error', 'reset', 'look', 'pass traffic again'],
    requirement: 'A reset sets all statistics to zero',
    host: 'wrong',
    note: 'rte_eth_stats_reset(): "Reset the general I/O statistics of an Ethernet device."',
    run: async (t) => {
      const running = await t.started();
      const { nic, port } = running;
      await t.expectTraffic(running);
      nic.deliver(t.frameTo(nic, 100), [{ segment: 0, field: 'nb_segs', value: 9 }]);
      await t.drain(port);
      await port.resetStats();
      const zero = { packets: 0, bytes: 0, errors: 0 };
      const stats = await port.stats();
      t.expect.equal('port', [stats.rx, stats.tx, stats.rxNombuf], [zero, zero, 0]);
      t.expect.equal('queues', [stats.rxQueues[0], stats.txQueues[0]], [zero, zero]);
      if (t.can('drop-causes')) t.expect.equal('all counters', sum(Object.values(await port.counters())), 0);
      await t.expectTraffic(running);
      t.expect.equal('packets since', (await port.stats()).rx.packets, 1);
    },
  }),
  clause({
    id: 'stats/3',
    title: 'transmit errors are not counted as receive errors',
    level: 'MUST',
    section: '13',
    basis: 'ethdev',
    faults: ['R11'],
    needs: ['mbuf-forms'],
    goal: 'Each direction has its own errors',
    steps: ['send frames that must be dropped', 'deliver packets that must be dropped', 'look at both counters'],
    requirement: 'Errors are counted at the queue and in the direction where they happen',
    host: 'wrong',
    note: 'rte_eth_stats_get(): ierrors counts "erroneous received packets", oerrors "failed transmitted packets".',
    run: async (t) => {
      const { nic, port } = await t.started();
      for (let i = 0; i < 3; i++) await t.sendAll(port, [{ bytes: t.frameFrom(nic, 5) }]);
      let stats = await port.stats();
      t.expect.equal('errors after 3 bad transmits', [stats.rx.errors, stats.tx.errors], [0, 3]);
      for (let i = 0; i < 2; i++) nic.deliver(t.frameTo(nic, 100), [{ segment: 0, field: 'pkt_len', value: 99 }]);
      await t.drain(port);
      stats = await port.stats();
      t.expect.equal('errors after 2 bad receives', [stats.rx.errors, stats.tx.errors], [2, 3]);
      t.expect.equal('errors of the queues', [stats.rxQueues[0]?.errors, stats.txQueues[0]?.errors], [2, 3]);
    },
  }),
  clause({
    id: 'stats/4',
    title: 'every packet on rx is handed over, dropped or filtered, and counted once',
    level: 'SHOULD',
    section: '10',
    basis: 'reading',
    faults: ['R10'],
    needs: ['pool-per-queue', 'drop-causes'],
    goal: 'Counters are exact where copying fails in the middle of a burst',
    steps: [
      'use a pool that runs dry in the middle of a burst',
      'deliver good, spoilt and foreign packets in random order',
      'add up',
    ],
    requirement: 'Offered equals delivered plus dropped plus filtered',
    host: 'wrong',
    note: 'No source says how a driver counts what it drops or filters.',
    run: async (t) => {
      const { nic, port } = await t.started({ pools: [{ mbufs: 12, dataRoomBytes: 2_176 }] });
      const kinds = t.random.shuffled(Array.from({ length: 60 }, (_unused, i) => i % 5));
      for (const kind of kinds) {
        const to = kind === 0 ? Uint8Array.of(2, 2, 2, 2, 2, 2) : nic.mac;
        const changes = kind === 1 ? [{ segment: 0, field: 'pkt_len', value: 77 } as const] : [];
        nic.deliver(t.frameTo(nic, kind === 2 ? 9_000 : 120, { to }), changes);
      }
      await t.settle();
      const received = [...(await port.receive(0, 64)), ...(await t.drain(port))];
      const stats = await port.stats();
      t.expect.equal('packets counted', stats.rx.packets, received.length);
      t.expect.equal('bytes counted', stats.rx.bytes, sum(received.map((packet) => packet.bytes.length)));
      t.expect.atLeast('packets without an mbuf', stats.rxNombuf, 1);
      const accounted = received.length + stats.rxNombuf + stats.rx.errors + (stats.rxFiltered ?? 0);
      t.expect.equal('delivered + dropped + filtered', accounted, kinds.length);
    },
  }),
  clause({
    id: 'stats/5',
    title: 'byte counters add the packet lengths of the descriptors',
    level: 'MUST',
    section: '10',
    basis: 'protocol',
    needs: ['tag-per-frame'],
    goal: 'Neither chains nor tags change what is counted',
    steps: [
      'configure with VLAN strip and insert',
      'deliver and send tagged packets, short ones and chains',
      'compare the bytes counted',
    ],
    requirement: 'Byte counters add pkt_len as in the descriptor: without the tag that is taken out or put in',
    run: async (t) => {
      const { nic, port } = await t.started({ vlanStrip: true, vlanInsert: true });
      const sizes = [14, 60, 2_048, 2_049, 9_000];
      for (const bytes of sizes) {
        nic.deliver(withVlanTag(t.frameTo(nic, bytes), 7));
        const chain = t.can('mbuf-forms') ? { segmentBytes: 1_000 } : {};
        await t.sendAll(port, [{ bytes: t.frameFrom(nic, bytes), vlanTci: 7, ...chain }]);
      }
      await t.drain(port);
      const wanted = { packets: sizes.length, bytes: sum(sizes), errors: 0 };
      const stats = await port.stats();
      t.expect.equal('receive', stats.rx, wanted);
      t.expect.equal('transmit', stats.tx, wanted);
    },
  }),
  clause({
    id: 'stats/6',
    title: 'a reset in the middle of traffic leaves no packet uncounted',
    level: 'MUST',
    section: '13',
    basis: 'ethdev',
    goal: 'What was counted before a reset and what is counted after it add up',
    steps: ['use two queues a direction', 'pass packets, reset with others still on the rings, go on', 'add up'],
    requirement: 'A reset sets all statistics to zero, and nothing is counted twice or not at all',
    note: 'rte_eth_stats_reset(): "Reset the general I/O statistics of an Ethernet device."',
    run: async (t) => {
      const { nic, port } = await t.started({ rxQueues: 2, txQueues: 2 });
      deliverFlows(t, nic, 12);
      for (const queue of [0, 1]) {
        await t.drain(port, queue);
        await t.sendAll(port, [{ bytes: t.frameFrom(nic, 100) }], queue);
      }
      const later = Array.from({ length: 18 }, (_unused, i) => t.flowFrameTo(nic, 100, 12 + i));
      await leaveOnRx(t, { nic, port }, later);
      const before = await port.stats();
      await port.resetStats();
      await goOn(t, { port });
      const [rest0, rest1] = [await t.drain(port, 0), await t.drain(port, 1)];
      await t.sendAll(port, [{ bytes: t.frameFrom(nic, 70) }], 1);
      const after = await port.stats();
      t.expect.equal('packets received', before.rx.packets + after.rx.packets, 30);
      if (t.can('paused-bursts')) t.expect.equal('received since the reset', after.rx.packets, later.length);
      t.expect.equal(
        'received since',
        after.rxQueues.slice(0, 2).map((queue) => queue.packets),
        [rest0.length, rest1.length],
      );
      const sent = after.txQueues.slice(0, 2).map(({ packets, bytes }) => ({ packets, bytes }));
      t.expect.equal('sent since', sent, [
        { packets: 0, bytes: 0 },
        { packets: 1, bytes: 70 },
      ]);
    },
  }),
];
