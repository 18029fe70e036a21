import { type Clause, clause } from '../clause';
import type { ClauseContext, SetUpOptions, Running } from '../context';
import { faultOfGenerated } from '../../targets/generatedFrame';
import type { GeneratedForm } from '../../targets/target';
import { expectAttached, expectDetached } from './migrateSteps';
import { expectGenerated } from './sending';

/** Settings that keep both paths in simple mode with MTU 1,500. */
const SIMPLE: SetUpOptions = { nic: { maxRxPacketBytes: 2_000 }, mtu: 1_500 };

/**
 * Sends a burst that mixes valid frames with frames that cannot be sent. Checks that the driver takes all of
 * them, sends the valid ones, and counts the others as errors.
 */
async function expectBadDropped(
  t: ClauseContext,
  { nic, port }: Running,
  form: Required<Pick<GeneratedForm, 'frames' | 'frameBytes' | 'otherFrameBytes'>>,
): Promise<void> {
  const before = (await port.stats()).tx;
  nic.taken();
  const taken = await port.generate({ ...form, again: true });
  t.expect.that(
    `frames taken of a burst of ${form.frames}`,
    taken === form.frames,
    'all',
    'not all: one stays at the head of the burst, and so do those behind it',
  );
  await t.settle();
  const sent = nic.taken();
  const faults = sent.map((frame) => faultOfGenerated(frame, nic.mac, form.otherFrameBytes));
  t.expect.equal(
    'frames on the network that were not to leave',
    faults.filter((fault) => fault !== null),
    [],
  );
  t.expect.that(
    'frames on the network',
    sent.length > 0 && sent.length < form.frames,
    'those that one buffer holds',
    sent.length,
  );
  const { packets, errors } = (await port.stats()).tx;
  const counted = { packets: packets - before.packets, errors: errors - before.errors };
  t.expect.equal('packets and errors counted', counted, { packets: sent.length, errors: form.frames - sent.length });
  t.expect.equal('dropped by the host', nic.stats().fromGuest.dropped, {});
}

/** Frames that the application generates, for targets that cannot send arbitrary mbufs. */
export const txGeneratedClauses: readonly Clause[] = [
  clause({
    id: 'tx/16',
    title: 'chains that an application makes leave whole in simple mode',
    level: 'MUST',
    section: '11',
    basis: 'protocol',
    faults: ['T3'],
    goal: 'What stands in the second mbuf is sent, and nothing that stands behind the first',
    steps: [
      'set a port up so that it is simple',
      'have frames made in chains of up to 5 mbufs: 94 bytes in 4 mbufs of 24, 200 in 5 of 40, and 1,500 in 5 of 300',
    ],
    requirement: 'In simple mode a chained mbuf goes through the scattered routine',
    note: 'The guide of net_avp promises to transmit "both simple and chained mbuf packets", with up to 5 segments. ethdev has RTE_ETH_TX_OFFLOAD_MULTI_SEGS for chains, which net_avp does not offer. But rte_eth_tx_burst() counts a packet as sent that did not leave as it was: the bytes behind the first mbuf go out in its place.',
    run: async (t) => {
      const running = await t.started(SIMPLE);
      for (const [frameBytes, segmentBytes] of [
        [94, 24],
        [200, 40],
        [1_500, 300],
      ] as const)
        await expectGenerated(t, running, { frames: 4, frameBytes, segmentBytes });
    },
  }),
  clause({
    id: 'tx/23',
    title: 'a chain of more than five mbufs leaves whole or not at all',
    level: 'SHOULD',
    section: '11',
    basis: 'reading',
    faults: ['T3'],
    goal: 'A chain that is too long for the driver costs its own packet, and shows nobody the memory behind an mbuf',
    steps: [
      'set a port up so that it is simple',
      'have frames made of 200 bytes in 15 mbufs and of 1,500 bytes in 38; let the application offer again what is not taken',
      'look at the network and at the statistics',
    ],
    requirement: 'A packet is sent as it is, or it is taken, freed and counted as an error',
    note: 'The guide of net_avp promises chains of up to 5 segments, so an application that hands over longer ones asks for too much. That such a packet is sent whole or dropped, and never sent as something else, is a reading of this project.',
    run: async (t) => {
      const { nic, port } = await t.started(SIMPLE);
      for (const [frameBytes, segmentBytes] of [
        [200, 14],
        [1_500, 40],
      ] as const) {
        const before = (await port.stats()).tx;
        nic.taken();
        t.expect.equal('frames taken', await port.generate({ frames: 4, frameBytes, segmentBytes, again: true }), 4);
        await t.settle();
        const sent = nic.taken();
        const faults = sent.map((frame) => faultOfGenerated(frame, nic.mac, frameBytes));
        t.expect.equal(
          `frames of ${frameBytes} bytes that left as something else`,
          faults.filter((fault) => fault !== null),
          [],
        );
        const { packets, errors } = (await port.stats()).tx;
        const counted = { packets: packets - before.packets, errors: errors - before.errors };
        t.expect.equal('packets and errors counted', counted, { packets: sent.length, errors: 4 - sent.length });
      }
    },
  }),
  clause({
    id: 'tx/17',
    title: 'frames longer than a host buffer leave whole in simple mode',
    level: 'SHOULD',
    section: '11',
    basis: 'reading',
    faults: ['T4'],
    needs: ['mbuf-size'],
    goal: 'A frame is neither cut short, nor counted both as sent and as an error',
    steps: ['set a port up so that it is simple', 'have frames made of 2,049 and 3,000 bytes, each in one mbuf'],
    requirement: 'A packet above the size of a host buffer is sent in several',
    note: 'The frames are longer than the MTU that the port was configured with, and net_avp assumes that an application sends none of these. But it sends the beginning of such a frame, and counts the frame as sent and as an error.',
    run: async (t) => {
      const running = await t.started({ ...SIMPLE, pools: [{ mbufs: 64, dataRoomBytes: 3_072 + 128 }] });
      for (const frameBytes of [2_048, 2_049, 3_000]) await expectGenerated(t, running, { frames: 3, frameBytes });
    },
  }),
  clause({
    id: 'tx/18',
    title: 'a burst that does not go out at once counts no errors',
    level: 'MUST',
    section: '11',
    basis: 'ethdev',
    faults: ['T5'],
    goal: 'What a burst leaves with the application, which offers it again, is sent once and counted once',
    steps: [
      'have bursts of 100 frames made, where rings have room for all and where they have not',
      'let the application offer again what is not taken',
      'look at the network and at the statistics',
    ],
    requirement: 'What a burst does not take stays with the caller and is no error',
    note: "ethdev: what rte_eth_tx_burst() does not take is still the application's, and oerrors counts packets that failed. A packet that is offered twice and sent is none.",
    run: async (t) => {
      for (const options of [{}, SIMPLE])
        for (const slots of [256, 64]) {
          const nic = { ...options.nic, fifoSlots: { tx: slots, alloc: slots } };
          const running = await t.started({ ...options, nic });
          await expectGenerated(t, running, { frames: 100, frameBytes: 100, again: true });
        }
    },
  }),
  clause({
    id: 'tx/19',
    title: 'frames that can never be sent are dropped, and the next ones leave',
    level: 'MUST',
    section: '11',
    basis: 'ethdev',
    faults: ['T6', 'T8'],
    goal: 'An application that offers a frame until it is taken does not stand still for ever',
    steps: [
      'plug a device whose buffers hold 256 bytes',
      'have frames made that need five buffers',
      'have one burst of 32 frames made, some of six buffers and some of one, in any order; let the application offer again what is not taken',
      'have frames made that need one buffer',
    ],
    requirement:
      'A packet that needs more than 5 buffers is taken, freed and counted as an error; left with the caller it would block the queue',
    note: 'rte_eth_tx_burst() may take fewer packets "when the transmit ring is full or has been filled up", not because of a packet that can never be sent. The kernel driver drops both kinds.',
    run: async (t) => {
      const running = await t.started({ nic: { mbufSize: 256 } });
      await expectGenerated(t, running, { frames: 2, frameBytes: 5 * 256 });
      await expectBadDropped(t, running, { frames: 32, frameBytes: 1_400, otherFrameBytes: 200 });
      await expectGenerated(t, running, { frames: 3, frameBytes: 200 });
    },
  }),
  clause({
    id: 'tx/20',
    title: 'chains that an application makes leave whole, in one buffer and in several',
    level: 'MUST',
    section: '11',
    basis: 'protocol',
    goal: 'Neither the boundaries of mbufs nor those of host buffers change what is sent',
    steps: ['have frames made in chains of short and long mbufs, for one host buffer and for five'],
    requirement: 'A packet reaches the host with the same bytes and in the same order',
    note: 'The guide of net_avp promises to transmit "both simple and chained mbuf packets".',
    run: async (t) => {
      const running = await t.started();
      for (const [frameBytes, segmentBytes] of [
        [60, 14],
        [94, 24],
        [2_048, 1_024],
        [2_049, 1_000],
        [9_000, 2_000],
      ] as const)
        await expectGenerated(t, running, { frames: 8, frameBytes, segmentBytes });
    },
  }),
  clause({
    id: 'tx/21',
    title: 'what is offered while detached is no error',
    level: 'MUST',
    section: '11',
    basis: 'ethdev',
    faults: ['T5'],
    goal: 'A migration costs an application that keeps its frames none of them, and counts none of them',
    steps: ['detach', 'have frames made', 'attach', 'have frames made', 'look at the statistics'],
    requirement: "All frames offered while detached stay the caller's and are no errors",
    note: "ethdev: what rte_eth_tx_burst() does not take is still the application's, and oerrors counts packets that failed.",
    run: async (t) => {
      const running = await t.started();
      const { nic, port } = running;
      await expectDetached(t, nic);
      t.expect.equal('frames taken while detached', await port.generate({ frames: 20, frameBytes: 100 }), 0);
      await expectAttached(t, nic);
      t.expect.equal('transmit errors', (await port.stats()).tx.errors, 0);
      await expectGenerated(t, running, { frames: 20, frameBytes: 100 });
    },
  }),
];
