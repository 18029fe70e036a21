import { type Clause, clause } from '../clause';
import { expectNothingLost } from './receiving';

const HEADROOM_BYTES = 128;
const LEAST_BYTES = 64;
/** A packet is spread over at most five mbufs. */
const LONGEST_BYTES = 5 * LEAST_BYTES;

/** The smallest mbufs that a port receives into. */
export const rxLeastMbufClauses: readonly Clause[] = [
  clause({
    id: 'rx/26',
    title: 'mbufs of 64 bytes are enough, smaller ones are refused',
    level: 'MUST',
    section: '13',
    basis: 'ethdev',
    needs: ['mbuf-size'],
    goal: 'The least buffer of the information is one that works',
    steps: [
      'set a receive queue up with a pool whose mbufs hold 63 bytes behind the headroom',
      'set it up with mbufs of 64 bytes, start',
      'deliver frames of 14, 64, 65, 128 and 320 bytes, which is five mbufs',
    ],
    requirement:
      'A pool whose mbufs hold less than min_rx_bufsize is refused with EINVAL; one that holds as much works',
    note: 'rte_eth_rx_queue_setup() gives -EINVAL where "the size of network buffers which can be allocated from this memory pool does not fit the various buffer sizes allowed by the device controller", and the information of an AVP port names 64 as the "minimum size of Rx buffer". Longer packets than five mbufs hold are left out: rx/3 is about those.',
    run: async (t) => {
      const pool = { mbufs: 256, dataRoomBytes: HEADROOM_BYTES + LEAST_BYTES };
      const { nic, port } = await t.probed();
      await t.must('configure', port.configure({ rxQueues: 1, txQueues: 1 }));
      const tooSmall = await port.setUpRxQueue(0, { ...pool, dataRoomBytes: pool.dataRoomBytes - 1 });
      t.expect.refusal('set-up with mbufs of 63 bytes', tooSmall, 'EINVAL');
      t.expect.success('set-up with mbufs of 64 bytes', await port.setUpRxQueue(0, pool));
      await t.must('set-up of transmit queue 0', port.setUpTxQueue(0));
      t.expect.success('start', await port.start());
      const sizes = [14, LEAST_BYTES, LEAST_BYTES + 1, 2 * LEAST_BYTES, LONGEST_BYTES];
      const frames = sizes.map((bytes) => t.frameTo(nic, bytes));
      for (const frame of frames) nic.deliver(frame);
      const received = await t.drain(port);
      t.expect.frames(
        'received',
        received.map(({ bytes }) => bytes),
        frames,
      );
      if (t.can('mbuf-fields'))
        t.expect.equal(
          'mbufs of each packet',
          received.map(({ nbSegs }) => nbSegs),
          sizes.map((bytes) => Math.ceil(bytes / LEAST_BYTES)),
        );
      t.expect.equal('receive errors', (await port.stats()).rx.errors, 0);
      await expectNothingLost(t, { nic, port });
    },
  }),
];
