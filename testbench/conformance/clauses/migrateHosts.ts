import { REQ_CONFIG } from '../../../shared/loops/layout';
import { type Clause, clause } from '../clause';
import { POOL } from '../context';
import { Ledger } from './migrateLedger';
import { ACK_ATTACHED, expectDetached, expectMoved, otherHost, raiseAndAwaitAck, startedMovable } from './migrateSteps';
import { deliverFlows, goOn, leaveOnRx } from './steps';

const TCI = 0x123;

/** Destination hosts that differ from the source in one respect. */
export const migrateHostClauses: readonly Clause[] = [
  clause({
    id: 'migrate/34',
    title: 'with fewer receive FIFOs than queues the first queues serve them',
    level: 'MUST',
    section: '9',
    basis: 'protocol',
    faults: ['M5', 'M9'],
    goal: 'No queue works on a ring of the former host',
    steps: [
      'run four receive queues',
      'migrate to a host that has two',
      'deliver many flows',
      'look at each queue',
      'go back',
    ],
    requirement: 'After a migration to fewer FIFOs the first queues serve one each, the others return 0',
    note: 'max_rx_queues in the header of the device is the most that a host supports, and the kernel driver asks for no more. That a host refuses a request for more, and that the first queues serve the FIFOs, are readings of this project. A driver that asks for more is either refused, and stays detached, or has queues without rings.',
    run: async (t) => {
      const running = await startedMovable(t, { rxQueues: 4, txQueues: 4, pools: [POOL] });
      const { nic, port } = running;
      await expectMoved(t, nic, otherHost(t, nic, { rxQueues: { max: 2 } }));
      t.expect.equal(
        'receive queues of request 3',
        nic.requests.findLast(({ reqId }) => reqId === REQ_CONFIG)!.config.numRxQueues,
        2,
      );
      deliverFlows(t, nic, 40);
      const counts = [];
      for (const queue of [0, 1, 2, 3]) counts.push((await t.drain(port, queue)).length);
      t.expect.equal(
        'packets in all',
        counts.reduce((sum, count) => sum + count, 0),
        40,
      );
      t.expect.that('packets of queues 0 and 1', counts[0]! > 0 && counts[1]! > 0, 'some on each', counts);
      t.expect.equal('packets of queues 2 and 3', counts.slice(2), [0, 0]);
      await expectMoved(t, nic, otherHost(t, nic, { rxQueues: { max: 4 } }));
      deliverFlows(t, nic, 60);
      const later = [];
      for (const queue of [0, 1, 2, 3]) later.push((await t.drain(port, queue)).length);
      t.expect.equal(
        'packets in all, back',
        later.reduce((sum, count) => sum + count, 0),
        60,
      );
      t.expect.that(
        'packets of each queue, back',
        later.every((count) => count > 0),
        'some on each',
        later,
      );
    },
  }),
  clause({
    id: 'migrate/35',
    title: 'with more receive FIFOs than queues every one drains',
    level: 'MUST',
    section: '9',
    basis: 'protocol',
    faults: ['M5', 'M9', 'R8'],
    goal: 'The dealing-out of FIFOs is renewed',
    steps: [
      'run two receive queues',
      'migrate to a host that insists on seven',
      'deliver many flows',
      'drain both queues',
      'go back',
    ],
    requirement: 'The guest asks for max(min_rx_queues, queues) FIFOs, deals them out, and serves all',
    run: async (t) => {
      const running = await startedMovable(t, { rxQueues: 2, txQueues: 2, pools: [POOL] });
      const { nic, port } = running;
      await expectMoved(t, nic, otherHost(t, nic, { rxQueues: { min: 7, max: 8 } }));
      t.expect.equal(
        'receive queues of request 3',
        nic.requests.findLast(({ reqId }) => reqId === REQ_CONFIG)!.config.numRxQueues,
        7,
      );
      deliverFlows(t, nic, 60);
      await t.settle();
      const ledger = [await t.drain(port, 0), await t.drain(port, 1)];
      t.expect.equal('packets in all', ledger[0]!.length + ledger[1]!.length, 60);
      const waiting = Array.from(
        { length: 7 },
        (_unused, fifo) => nic.fifo('rx', fifo, 'write') - nic.fifo('rx', fifo, 'read'),
      );
      t.expect.equal('packets left on each FIFO', waiting, [0, 0, 0, 0, 0, 0, 0]);
      await expectMoved(t, nic, otherHost(t, nic, { rxQueues: { min: 1, max: 2 } }));
      deliverFlows(t, nic, 30);
      t.expect.equal('packets in all, back', (await t.drain(port, 0)).length + (await t.drain(port, 1)).length, 30);
    },
  }),
  clause({
    id: 'migrate/36',
    title: 'frames pass both ways after a migration to smaller buffers',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    faults: ['M4', 'M7', 'T1'],
    goal: 'The buffer size is that of the new host, and what it does not hold is received and sent in several',
    steps: [
      'run on buffers of 2,048 bytes, with packets of at most 1,518',
      'migrate to buffers of 1,024, 256 and 64 bytes',
      'receive frames of up to five buffers',
      'send such frames',
      'look at the canaries',
    ],
    requirement:
      'Scattered mode is chosen anew at attach: after a migration to smaller buffers a packet is spread over more of them, up to 5',
    run: async (t) => {
      const running = await startedMovable(t, { nic: { maxRxPacketBytes: 1_518 } });
      const { nic } = running;
      const ledger = new Ledger(t, running);
      for (const mbufSize of [1_024, 256, 64]) {
        await expectMoved(t, nic, otherHost(t, nic, { mbufSize, pools: [{ buffers: 512 }] }));
        const longest = Math.min(1_514, 5 * mbufSize);
        const sizes = [60, mbufSize - 1, mbufSize, mbufSize + 1, longest].filter(
          (bytes) => bytes >= 60 && bytes <= longest,
        );
        await ledger.deliver(sizes.length, sizes);
        await ledger.collect();
        t.expect.equal(`frames lost on the way to the guest, buffers of ${mbufSize} bytes`, ledger.lost.toGuest, 0);
        t.expect.equal(`taken, buffers of ${mbufSize}`, await ledger.send(sizes.length, sizes), sizes.length);
        await ledger.collect();
        t.expect.equal(`canaries broken, buffers of ${mbufSize}`, nic.brokenCanaries(), 0);
        t.expect.equal(`frames lost on the way from the guest, buffers of ${mbufSize} bytes`, ledger.lost.fromGuest, 0);
        await ledger.expectBalanced(`buffers of ${mbufSize}`);
      }
    },
  }),
  clause({
    id: 'migrate/53',
    title: 'a port that spreads packets over buffers goes by the size of the new ones',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    faults: ['M4'],
    goal: 'No byte of a packet lies outside of the buffer that was lent for it',
    steps: [
      'run in scattered mode on buffers of 2,048 bytes',
      'migrate to buffers of 1,024 and of 512 bytes',
      'send frames that fit one of the former',
      'look at the canaries',
    ],
    requirement: 'After a migration to smaller buffers a packet is spread over more of them, up to 5',
    run: async (t) => {
      const running = await startedMovable(t);
      const { nic } = running;
      const ledger = new Ledger(t, running);
      for (const mbufSize of [1_024, 512]) {
        await expectMoved(t, nic, otherHost(t, nic, { mbufSize, pools: [{ buffers: 512 }] }));
        for (const bytes of [mbufSize + 4, 1_100, 1_500, 2_000]) {
          await ledger.send(1, [bytes]);
          t.expect.equal(
            `canaries broken by a packet of ${bytes} bytes, buffers of ${mbufSize}`,
            nic.brokenCanaries(),
            0,
          );
        }
        await ledger.deliver(2, [1_800, 60]);
        await ledger.collect();
        t.expect.equal(`frames lost, buffers of ${mbufSize} bytes`, ledger.lost, { toGuest: 0, fromGuest: 0 });
      }
    },
  }),
  clause({
    id: 'migrate/37',
    title: 'a longer max_rx_pkt_len switches to scattered receive',
    level: 'MUST',
    section: '10',
    basis: 'protocol',
    faults: ['M7'],
    goal: 'Scattered mode is decided anew at attach',
    steps: [
      'run in simple mode',
      'migrate to a host of 9,238 bytes',
      'deliver long frames',
      'go back and deliver short ones',
    ],
    requirement:
      "Scattered mode is chosen anew at attach, when max_rx_pkt_len exceeds the guest's or the host's buffer size",
    run: async (t) => {
      const running = await startedMovable(t, { nic: { maxRxPacketBytes: 1_518 }, mtu: 1_500 });
      const { nic } = running;
      const ledger = new Ledger(t, running);
      await ledger.deliver(4, [60, 1_514]);
      await ledger.collect();
      await expectMoved(t, nic, otherHost(t, nic, { maxRxPacketBytes: 9_238 }));
      await ledger.deliver(6, [60, 2_049, 9_000]);
      await ledger.send(4, [60, 1_514]);
      await ledger.collect();
      await expectMoved(t, nic, otherHost(t, nic, { maxRxPacketBytes: 1_518 }));
      await ledger.deliver(4, [60, 1_514]);
      await ledger.collect();
      t.expect.equal('frames lost', ledger.lost, { toGuest: 0, fromGuest: 0 });
      await ledger.expectBalanced('simple, scattered, simple');
    },
  }),
  clause({
    id: 'migrate/38',
    title: 'a feature that the new host lacks is given up and comes back',
    level: 'SHOULD',
    section: '15',
    basis: 'reading',
    faults: ['M6', 'C9'],
    goal: 'The port goes on with what is left',
    steps: [
      'run with VLAN offload',
      'migrate to a host without it',
      'pass tagged and untagged frames',
      'go back',
      'pass tagged frames',
    ],
    requirement: 'A feature in use that the new host lacks: go on with what is left, tell the application',
    note: 'The device info of the new host does not have the feature. That a driver goes on without it, and that the host refuses a request for it, are readings of this project. Both released drivers log the difference and ask all the same.',
    run: async (t) => {
      const running = await startedMovable(t, { vlanStrip: true, vlanInsert: true });
      const { nic, port } = running;
      await expectMoved(t, nic, otherHost(t, nic, { vlanOffload: false }));
      t.expect.equal(
        'features of request 3',
        nic.requests.findLast(({ reqId }) => reqId === REQ_CONFIG)!.config.features,
        0,
      );
      const tagged = t.frameTo(nic, 120, { vlanTci: TCI });
      nic.deliver(tagged);
      const [packet] = await t.drain(port);
      t.expect.bytes('a tagged frame keeps its tag', packet?.bytes, tagged);
      if (t.can('mbuf-fields')) t.expect.equal('tag in the mbuf', packet!.vlanTci, null);
      await t.expectTraffic(running);
      if (t.can('migration-events')) {
        const lost = (await port.events()).flatMap(({ lostFeatures }) => lostFeatures);
        t.expect.that('features told to be lost', lost.length > 0, 'the VLAN offloads', lost);
      }
      await expectMoved(t, nic, otherHost(t, nic, { vlanOffload: true }));
      const ledger = new Ledger(t, running, 1, TCI);
      await ledger.deliver(5, [80, 400]);
      await ledger.send(5, [80, 400]);
      await ledger.collect();
      t.expect.equal('frames lost', ledger.lost, { toGuest: 0, fromGuest: 0 });
      await ledger.expectBalanced('with the feature again');
    },
  }),
  clause({
    id: 'migrate/39',
    title: 'a new map is translated anew',
    level: 'MUST',
    section: '4',
    basis: 'protocol',
    goal: 'One segment or many, in whatever order',
    steps: [
      'migrate from one segment to 40 shuffled ones with gaps',
      'to pools across a 4 GiB boundary',
      'to one segment again',
      'pass traffic on each',
    ],
    requirement: 'The memory map is read and every address translated at each attach',
    run: async (t) => {
      const running = await startedMovable(t, { nic: { layout: { segments: 1 } } });
      const { nic } = running;
      const ledger = new Ledger(t, running);
      for (const layout of [
        { segments: 40, order: 'shuffled', gaps: true },
        { segments: 3, nearFourGiB: true },
        { segments: 1, order: 'listed' },
      ] as const) {
        await expectMoved(t, nic, otherHost(t, nic, { layout }));
        await ledger.deliver(20, [60, 1_000, 4_000]);
        await ledger.send(20, [60, 1_000]);
        await ledger.collect();
        await ledger.expectBalanced(JSON.stringify(layout));
      }
      t.expect.equal('frames lost', ledger.lost, { toGuest: 0, fromGuest: 0 });
    },
  }),
  clause({
    id: 'migrate/40',
    title: 'rings of another length and stride wrap where they end',
    level: 'MUST',
    section: '6',
    basis: 'protocol',
    goal: 'Ring lengths belong to the host too',
    steps: [
      'migrate to rings of 16 slots and wide strides, and to rings of 256',
      'pass several times their length',
      'account for every frame',
    ],
    requirement: 'FIFO headers are validated and adopted at attach as at probe',
    run: async (t) => {
      const running = await startedMovable(t);
      const { nic } = running;
      const ledger = new Ledger(t, running);
      for (const slots of [16, 256]) {
        const fifoSlots = { tx: slots, rx: slots, alloc: slots, free: slots };
        const fifoStrideBytes = { tx: 8_192, rx: 4_096, alloc: 2_560, free: 16_384 };
        await expectMoved(t, nic, otherHost(t, nic, { fifoSlots, fifoStrideBytes }));
        for (let round = 0; round < 40; round++) {
          await ledger.deliver(10, [64, 700]);
          await ledger.send(10, [64, 700]);
          await ledger.collect();
        }
        await ledger.expectBalanced(`rings of ${slots} slots`);
      }
      t.expect.equal('frames lost to the guest', ledger.lost.toGuest, 0);
    },
  }),
  clause({
    id: 'migrate/41',
    title: 'buffers of the former host are forgotten',
    level: 'MUST',
    section: '8',
    basis: 'protocol',
    faults: ['F4'],
    needs: ['paused-bursts'],
    goal: 'Every buffer belongs to the host that it came from',
    steps: [
      'leave packets on rx and buffers on alloc',
      'detach',
      'look at where the buffers are',
      'attach elsewhere',
      'look again',
    ],
    requirement:
      "After ack 1 every buffer that the guest held is the host's again, and nothing of the former host is handed over",
    run: async (t) => {
      const running = await startedMovable(t);
      const { nic, port } = running;
      const stale = t.frameTo(nic, 333);
      for (let i = 0; i < 3; i++) nic.deliver(stale);
      t.expect.equal('packets received before', (await t.drain(port)).length, 3);
      await leaveOnRx(
        t,
        running,
        Array.from({ length: 9 }, () => stale),
      );
      await expectDetached(t, nic);
      await t.settle();
      const { total, pool } = nic.buffers();
      t.expect.equal('buffers back at the source', pool, total);
      nic.replaceHost(otherHost(t, nic));
      t.expect.equal('ack', await raiseAndAwaitAck(t, nic, 2), ACK_ATTACHED);
      await goOn(t, running);
      t.expect.equal('packets of the former host', (await t.drain(port)).length, 0);
      await t.expectTraffic(running);
    },
  }),
];
