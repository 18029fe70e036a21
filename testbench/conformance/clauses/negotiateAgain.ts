import { ETHERNET_HEADER_BYTES } from '../../../shared/ethernet';
import { type Clause, clause } from '../clause';
import { type ClauseContext, POOL, type Running } from '../context';
import type { PoolSettings } from '../../targets/target';
import { expectNothingLost } from './receiving';
import { goOn, leaveOnRx } from './steps';

const HEADROOM_BYTES = 128;
const MTUS = [9_000, 1_500, 9_000];

const WHOLE_POOL: PoolSettings = { mbufs: 256, dataRoomBytes: HEADROOM_BYTES + 9_300 };

/** Buffers of host and guest that spread the longest packet over several, that hold it whole, and that change. */
const BUFFERS = [
  { mbufSize: 2_048, pools: [POOL, POOL] },
  { mbufSize: 9_300, pools: [WHOLE_POOL, WHOLE_POOL] },
  { mbufSize: 9_300, pools: [WHOLE_POOL, POOL] },
] as const;

function withBuffers(t: ClauseContext, { mbufSize, pools }: (typeof BUFFERS)[number]): Promise<Running> {
  const nic = { mbufSize, pools: [{ buffers: 256 }] };
  return t.started({ nic, mtu: 1_500, pools: [pools[0]] });
}

/** Configures a stopped port for an MTU. */
async function expectConfigured(t: ClauseContext, { port }: Running, mtu: number): Promise<void> {
  t.expect.success(`configure with an MTU of ${mtu}`, await port.configure({ rxQueues: 1, txQueues: 1, mtu }));
}

async function setUp(t: ClauseContext, { port }: Running, pool: PoolSettings): Promise<void> {
  t.expect.success('set-up of receive queue 0', await port.setUpRxQueue(0, pool));
  t.expect.success('set-up of transmit queue 0', await port.setUpTxQueue(0));
}

/** Starts the port and passes the longest and a short frame of the MTU. */
async function expectMtu(t: ClauseContext, running: Running, mtu: number): Promise<void> {
  t.expect.success('start', await running.port.start());
  t.expect.equal('MTU in the information', (await running.port.info()).mtu, mtu);
  for (const bytes of [mtu + ETHERNET_HEADER_BYTES, 60]) await t.expectTraffic(running, bytes);
  await expectNothingLost(t, running);
}

/** A port that is stopped and configured once more. */
export const negotiateAgainClauses: readonly Clause[] = [
  clause({
    id: 'negotiate/15',
    title: 'an MTU after another takes effect',
    level: 'MUST',
    section: '12',
    basis: 'ethdev',
    needs: ['mtu-change'],
    goal: 'A port can be made for long frames and for short ones again',
    steps: [
      'run with an MTU of 1,500, on buffers of 2,048 bytes, of 9,300, and with mbufs of the one and the other in turn',
      'stop, configure an MTU of 9,000, set up the queues, start; then 1,500 and 9,000 again',
      'pass frames of 60 bytes and of the longest length both ways, and ask for the MTU',
    ],
    requirement: 'The MTU of the last configure is in force, and frames up to its length pass both ways',
    note: 'rte_eth_dev_configure() "can also be re-invoked when a device is in the stopped state", and the application "must call rte_eth_dev_stop() first to stop the device and then do the reconfiguration before calling rte_eth_dev_start() again".',
    timeLimitMs: 60_000,
    run: async (t) => {
      for (const buffers of BUFFERS) {
        const running = await withBuffers(t, buffers);
        for (const [round, mtu] of MTUS.entries()) {
          await t.must('stop', running.port.stop());
          await expectConfigured(t, running, mtu);
          await setUp(t, running, buffers.pools[(round + 1) % 2]!);
          await expectMtu(t, running, mtu);
        }
      }
    },
  }),
  clause({
    id: 'negotiate/16',
    title: 'an MTU after another takes effect without a new queue set-up',
    level: 'SHOULD',
    section: '12',
    basis: 'reading',
    needs: ['mtu-change', 'queue-set-up-apart'],
    goal: 'What stays the same need not be set up again',
    steps: [
      'run with an MTU of 1,500, on buffers of 2,048 and of 9,300 bytes',
      'stop, configure an MTU of 9,000 with the same queues, start; then 1,500 and 9,000 again',
      'pass frames of 60 bytes and of the longest length both ways',
    ],
    requirement: 'Queues that remain configured remain set up, and the new MTU holds for them',
    note: 'rte_ethdev.h speaks of changing the configuration by "rte_eth_dev_configure(), rte_eth_tx_queue_setup(), or rte_eth_rx_queue_setup()", and ethdev keeps the queues of an unchanged count. That no set-up is needed in between is a reading.',
    run: async (t) => {
      for (const buffers of BUFFERS.slice(0, 2)) {
        const running = await withBuffers(t, buffers);
        for (const mtu of MTUS) {
          await t.must('stop', running.port.stop());
          await expectConfigured(t, running, mtu);
          await expectMtu(t, running, mtu);
        }
      }
    },
  }),
  clause({
    id: 'negotiate/17',
    title: 'the same configuration twice leaves rings and buffers as they are',
    level: 'MUST',
    section: '8',
    basis: 'ethdev',
    faults: ['F4'],
    goal: 'A configuration that changes nothing costs nothing',
    steps: [
      'run in scattered and in simple mode, until the indices stand in the middle of the rings',
      'leave packets on rx',
      'stop, configure the same, set up the queues, start: three times',
      'compare what is received, count buffers and mbufs, pass traffic both ways',
    ],
    requirement:
      'Request 3 leaves FIFOs alone that remain negotiated: the guest goes on where it stood, no buffer is lost, nothing comes twice or out of order',
    note: 'rte_eth_dev_configure() "can also be re-invoked when a device is in the stopped state". What lay on rx belongs to nobody\'s configuration: a driver may hand it over afterwards or give it back to the host, but not both.',
    timeLimitMs: 60_000,
    run: async (t) => {
      for (const maxRxPacketBytes of [9_238, 1_518]) {
        const options = { nic: { maxRxPacketBytes }, mtu: 1_500 };
        const running = await t.started(options);
        const { nic, port } = running;
        for (let round = 0; round < 3; round++) {
          for (let i = 0; i < 3; i++) await t.expectTraffic(running, 1_000);
          const left = Array.from({ length: 9 }, () => t.frameTo(nic, 700));
          await leaveOnRx(t, running, left);
          await t.must('stop', port.stop());
          t.expect.success('configure', await port.configure({ rxQueues: 1, txQueues: 1, mtu: 1_500 }));
          await setUp(t, running, POOL);
          t.expect.success('start', await port.start());
          await goOn(t, running);
          const received = (await t.drain(port)).map(({ bytes }) => bytes);
          const kept = left.filter((frame) => received.some((one) => Buffer.compare(one, frame) === 0));
          t.expect.frames(`received of the packets that lay on rx, round ${round}`, received, kept);
          await t.expectTraffic(running, 1_000);
          await expectNothingLost(t, running);
        }
        t.expect.equal('frames of the guest dropped by the host', nic.stats().fromGuest.dropped, {});
      }
    },
  }),
];
