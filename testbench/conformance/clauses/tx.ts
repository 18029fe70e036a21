import { MAX_SEGMENTS } from '../../../shared/loops/layout';
import { type Clause, clause } from '../clause';
import type { SetUpOptions } from '../context';
import { expectTxDropped, expectSent } from './sending';

/** Settings that keep both paths in simple mode with MTU 1,500. */
const SIMPLE: SetUpOptions = { nic: { maxRxPacketBytes: 2_000 }, mtu: 1_500 };
/** Longest frame: five host buffers of 2,048 bytes. */
const LONGEST_BYTES = 5 * 2_048;

export const txClauses: readonly Clause[] = [
  clause({
    id: 'tx/1',
    title: 'packets go out as they were handed over',
    level: 'MUST',
    section: '11',
    basis: 'protocol',
    goal: 'The transmit path keeps bytes, lengths and order, in one buffer or in several',
    steps: ['send frames from 14 to 9,216 bytes', 'compare what the network gets'],
    requirement: 'A packet reaches the host with the same bytes and in the same order',
    run: async (t) => {
      const running = await t.started();
      const sizes = [14, 60, 64, 127, 384, 385, 1_514, 2_047, 2_048, 2_049, 4_096, 4_097, 8_193, 9_018, 9_216];
      await expectSent(
        t,
        running,
        sizes.map((bytes) => ({ bytes: t.frameFrom(running.nic, bytes) })),
      );
    },
  }),
  clause({
    id: 'tx/2',
    title: 'nothing in an alloc buffer is relied on',
    level: 'SHOULD',
    section: '7',
    basis: 'safety',
    faults: ['T1', 'T2'],
    goal: 'Lengths, links and flags left over in a buffer change nothing',
    steps: [
      'let the host hand out buffers full of junk',
      'send short and long untagged frames, with VLAN offload and without',
      'compare',
    ],
    requirement: 'A guest sets every descriptor field that counts itself',
    host: 'wrong',
    note: 'A correct host resets what it lends, and the kernel driver relies on none of it. net_avp appends at the data_len that it finds, and with what a hostile host leaves there it writes outside of the buffer. That lengths, links and flags alike are set anew is a reading of this project.',
    run: async (t) => {
      for (const options of [{}, SIMPLE, { vlanStrip: true, vlanInsert: true }]) {
        const running = await t.started({ ...options, nic: { ...options.nic, poisonAlloc: true } });
        const sizes = options === SIMPLE ? [60, 1_500] : [60, 1_500, 2_048, 2_049, 9_000];
        // More bytes than a host of this kind delivers: an application that only sends back cannot be given them.
        if (options === SIMPLE && t.can('mbuf-forms')) sizes.push(2_048);
        const frames = Array.from({ length: 80 }, (_unused, i) => ({
          bytes: t.frameFrom(running.nic, sizes[i % sizes.length]!),
        }));
        await expectSent(t, running, frames);
      }
    },
  }),
  clause({
    id: 'tx/3',
    title: 'a chained packet is sent whole in simple mode',
    level: 'MUST',
    section: '11',
    basis: 'protocol',
    faults: ['T3'],
    needs: ['mbuf-forms'],
    goal: 'Simple transmit neither reads past the first segment nor leaves out the others',
    steps: ['set a port up so that it is simple', 'send frames in chains of short mbufs'],
    requirement: 'In simple mode a chained mbuf goes through the scattered routine',
    note: 'The guide of net_avp promises to transmit "both simple and chained mbuf packets", with up to 5 segments.',
    run: async (t) => {
      const running = await t.started(SIMPLE);
      const frames = [14, 100, 1_500].flatMap((bytes) =>
        [7, 13, 64, 1_000].map((shortest) => ({
          bytes: t.frameFrom(running.nic, bytes),
          segmentBytes: Math.max(shortest, Math.ceil(bytes / MAX_SEGMENTS)),
        })),
      );
      await expectSent(t, running, frames);
    },
  }),
  clause({
    id: 'tx/4',
    title: 'a packet longer than a buffer is never cut short',
    level: 'SHOULD',
    section: '11',
    basis: 'reading',
    faults: ['T4'],
    goal: 'Simple mode does not send the first part of a long packet',
    steps: ['set a port up so that it is simple', 'send frames of 2,049 and 9,000 bytes'],
    requirement: 'A packet above the size of a host buffer is sent in several',
    note: 'The frames are longer than the MTU that the port was configured with, and net_avp assumes that an application sends none of these. The kernel driver spreads a packet over as many buffers as it needs.',
    run: async (t) => {
      const running = await t.started({ ...SIMPLE, pools: [{ mbufs: 64, dataRoomBytes: 2_176 }] });
      const frames = [2_049, 9_000].map((bytes) => ({ bytes: t.frameFrom(running.nic, bytes) }));
      await expectSent(t, running, frames);
    },
  }),
  clause({
    id: 'tx/5',
    title: "every frame attempted is sent, dropped or still the caller's",
    level: 'MUST',
    section: '11',
    basis: 'ethdev',
    faults: ['T5'],
    needs: ['burst-choice'],
    goal: 'A full ring and a long burst are no errors',
    steps: ['stop the host', 'send bursts of 100 until nothing is taken', 'let the host go on', 'send the rest'],
    requirement: 'What a burst does not take stays with the caller and is no error',
    note: 'rte_eth_tx_burst() returns "The number of output packets actually stored in transmit descriptors", and oerrors in struct rte_eth_stats counts "failed transmitted packets". A packet that is still the caller\'s is neither.',
    run: async (t) => {
      const { nic, port } = await t.started();
      const frames = Array.from({ length: 200 }, () => ({ bytes: t.frameFrom(nic, 90) }));
      nic.pause();
      let taken = 0;
      for (let i = 0; i < 6; i++) {
        const count = await port.send(0, frames.slice(taken, taken + 100));
        t.expect.atMost('frames taken by one burst', count, 64);
        taken += count;
      }
      t.expect.that('frames taken while the host stands still', taken >= 1 && taken <= 63, '1 to 63', taken);
      t.expect.equal('transmit errors while the ring is full', (await port.stats()).tx.errors, 0);
      nic.resume();
      nic.taken();
      await t.settle();
      const sent = nic.taken();
      const rest = await t.sendAll(port, frames.slice(taken));
      await t.settle();
      t.expect.equal('frames taken in all', taken + rest, frames.length);
      t.expect.frames(
        'on the network',
        [...sent, ...nic.taken()],
        frames.map((frame) => frame.bytes),
      );
      const { tx } = await port.stats();
      t.expect.equal(
        'packets and errors counted',
        { packets: tx.packets, errors: tx.errors },
        { packets: 200, errors: 0 },
      );
    },
  }),
  clause({
    id: 'tx/6',
    title: 'a packet that needs more than five buffers does not block the queue',
    level: 'MUST',
    section: '11',
    basis: 'ethdev',
    faults: ['T8', 'T6'],
    needs: ['mbuf-forms'],
    goal: 'What can never be sent is dropped and counted; what stands behind it goes out',
    steps: ['send 10,240 bytes, which need five buffers', 'send 10,241 bytes between good frames'],
    requirement: 'A packet that needs more than 5 buffers is taken, freed and counted as an error',
    note: 'rte_eth_tx_burst() may take fewer packets "when the transmit ring is full or has been filled up", not because of a packet that can never be sent. The kernel driver drops it.',
    run: async (t) => {
      const running = await t.started();
      await expectSent(t, running, [{ bytes: t.frameFrom(running.nic, LONGEST_BYTES), segmentBytes: 2_048 }]);
      await expectTxDropped(t, running, { bytes: t.frameFrom(running.nic, LONGEST_BYTES + 1), segmentBytes: 2_048 });
    },
  }),
  clause({
    id: 'tx/7',
    title: 'short frames are not padded',
    level: 'MUST',
    section: '11',
    basis: 'protocol',
    faults: ['T7'],
    goal: 'A frame leaves with its own length',
    steps: ['send frames of 14 to 60 bytes'],
    requirement: 'A frame of 14 bytes or more goes out without padding',
    run: async (t) => {
      const running = await t.started();
      const frames = Array.from({ length: 47 }, (_unused, i) => ({ bytes: t.frameFrom(running.nic, 14 + i) }));
      await expectSent(t, running, frames);
    },
  }),
  clause({
    id: 'tx/8',
    title: 'a frame below 14 bytes is dropped by the driver',
    level: 'SHOULD',
    section: '11',
    basis: 'reading',
    faults: ['T6', 'T8'],
    needs: ['mbuf-forms'],
    goal: 'No empty or headerless packet reaches the host or blocks the queue',
    steps: ['send frames of 0, 1 and 13 bytes between good ones'],
    requirement: 'A packet below 14 bytes is taken, freed and counted as an error',
    note: 'No rule makes a driver drop runts. An empty frame is another matter, and tx/19 has it.',
    run: async (t) => {
      const running = await t.started();
      for (const bytes of [0, 1, 13]) await expectTxDropped(t, running, { bytes: t.frameFrom(running.nic, bytes) });
    },
  }),
  clause({
    id: 'tx/9',
    title: 'an mbuf chain that contradicts its lengths is dropped',
    level: 'SHOULD',
    section: '11',
    basis: 'reading',
    needs: ['mbuf-forms'],
    goal: 'Neither memory behind a segment is sent, nor a packet of another length',
    steps: ['send mbufs whose packet length is one more and one less than their data, in one mbuf and in chains'],
    requirement: 'A packet whose mbuf chain contradicts its lengths is taken, freed and counted as an error',
    note: 'The application breaks the rules for mbufs, and no source says what a driver does then.',
    run: async (t) => {
      const running = await t.started();
      for (const by of [-1, 1])
        for (const segmentBytes of [1_000, 64])
          await expectTxDropped(t, running, {
            bytes: t.frameFrom(running.nic, 500),
            segmentBytes,
            claimedBytes: 500 + by,
          });
    },
  }),
  clause({
    id: 'tx/10',
    title: 'without alloc buffers nothing is taken and nothing is lost',
    level: 'MUST',
    section: '11',
    basis: 'ethdev',
    needs: ['burst-choice'],
    goal: 'A host that hands out no buffers makes the driver wait',
    steps: ['let the host refill one buffer a step', 'send frames of five buffers each until all are gone'],
    requirement: "A packet that needs more buffers than are there stays the caller's",
    note: 'rte_eth_tx_burst() may take fewer packets "when the transmit ring is full or has been filled up", and what it does not take is still the caller\'s.',
    run: async (t) => {
      const running = await t.started({ nic: { budget: { alloc: 1 }, fifoSlots: { alloc: 8 } } });
      const frames = Array.from({ length: 12 }, () => ({ bytes: t.frameFrom(running.nic, 9_000) }));
      let taken = 0;
      running.nic.taken();
      for (let round = 0; round < 400 && taken < frames.length; round++) {
        taken += await running.port.send(0, frames.slice(taken));
        await t.sleepMs(1);
      }
      await t.settle();
      t.expect.equal('frames taken', taken, frames.length);
      t.expect.frames(
        'on the network',
        running.nic.taken(),
        frames.map((frame) => frame.bytes),
      );
      t.expect.equal('transmit errors', (await running.port.stats()).tx.errors, 0);
    },
  }),
  clause({
    id: 'tx/11',
    title: 'every configured transmit queue sends',
    level: 'MUST',
    section: '9',
    basis: 'protocol',
    goal: 'Each transmit queue has its own FIFO pair',
    steps: ['configure four transmit queues', 'send a frame on each'],
    requirement: 'As many transmit queues are used as the application configured',
    run: async (t) => {
      const { nic, port } = await t.started({ rxQueues: 4, txQueues: 4 });
      for (let queue = 0; queue < 4; queue++) {
        const frame = t.frameFrom(nic, 200 + queue);
        nic.taken();
        t.expect.equal(`taken by queue ${queue}`, await t.sendAll(port, [{ bytes: frame }], queue), 1);
        await t.settle();
        t.expect.frames(`sent by queue ${queue}`, nic.taken(), [frame]);
        t.expect.equal(`index of tx FIFO ${queue}`, nic.fifo('tx', queue, 'write'), 1);
      }
    },
  }),
];
