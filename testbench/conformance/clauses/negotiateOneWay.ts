import { type Clause, clause } from '../clause';
import type { ClauseContext, Running } from '../context';
import { faultOfGenerated } from '../../targets/generatedFrame';

const FRAME_BYTES = 100;
/** More packets than rx has slots. */
const FLOOD = 100;

/** Sends at least `frames` generated frames, and checks that each one that the driver took is on the network. */
async function expectGeneratedFrames(t: ClauseContext, { nic, port }: Running, frames: number): Promise<number> {
  nic.taken();
  const taken = await port.generate({ frames, frameBytes: FRAME_BYTES });
  t.expect.atLeast('frames taken', taken, frames);
  await t.settle();
  const sent = nic.taken();
  t.expect.equal('frames on the network', sent.length, taken);
  const faults = sent.map((frame) => faultOfGenerated(frame, nic.mac, FRAME_BYTES)).filter((fault) => fault !== null);
  t.expect.equal('faults of these frames', faults, []);
  return taken;
}

/** Ports with queues in one direction only, and ports whose queues the application leaves to the driver. */
export const negotiateOneWayClauses: readonly Clause[] = [
  clause({
    id: 'negotiate/13',
    title: 'a port may send only',
    level: 'MUST',
    section: '9',
    basis: 'ethdev',
    faults: ['C15'],
    goal: 'Without a receive queue nothing walks queues that are not there',
    steps: [
      'plug devices with min_rx_queues 1, 3 and 0',
      'configure no receive and one transmit queue, start, send',
      'deliver more packets than rx has room for',
      'ask for the statistics, and reset them',
      'stop and close; probe again and pass traffic both ways',
    ],
    requirement:
      'Either count may be 0; request 3 still asks for min_rx_queues, and every call works as with receive queues',
    note: 'rte_eth_dev_configure(): "it is valid for either Tx or Rx (but not both) to be zero". The host insists on min_rx_queues all the same, so a driver has FIFOs without a queue; what it walks must be the queues. And what it needs to send must not come from the set-up of a receive queue: net_avp takes the length to which it cuts packets from there, and sends packets of no bytes without one.',
    timeLimitMs: 60_000,
    run: async (t) => {
      for (const min of [1, 3, 0]) {
        const { nic, port } = await t.probed({ nic: { rxQueues: { min } } });
        t.expect.success('configure', await port.configure({ rxQueues: 0, txQueues: 1 }));
        t.expect.equal('receive FIFOs asked for', nic.requests.at(-1)?.config.numRxQueues, min);
        t.expect.success('set-up of transmit queue 0', await port.setUpTxQueue(0));
        t.expect.success('start', await port.start());
        t.expect.equal('link', (await port.link()).up, true);
        const taken = await expectGeneratedFrames(t, { nic, port }, 4);
        for (let i = 0; i < FLOOD; i++) nic.deliver(t.frameTo(nic, FRAME_BYTES));
        await t.settle();
        const { rx, tx, rxQueues } = await port.stats();
        t.expect.equal('received', [rx, rxQueues], [{ packets: 0, bytes: 0, errors: 0 }, []]);
        // Packets that a burst leaves with the application may count as errors here; tx/18 is about that.
        t.expect.equal('packets and bytes sent', [tx.packets, tx.bytes], [taken, taken * FRAME_BYTES]);
        await port.resetStats();
        t.expect.equal('sent since the reset', (await port.stats()).tx.packets, 0);
        await expectGeneratedFrames(t, { nic, port }, 4);
        t.expect.success('stop', await port.stop());
        t.expect.success('close', await port.close());
        await t.expectTraffic(await t.started({ plugged: nic }));
      }
    },
  }),
  clause({
    id: 'negotiate/14',
    title: 'no queue in either direction leaves the choice to the driver',
    level: 'SHOULD',
    section: '9',
    basis: 'ethdev',
    needs: ['zero-queues', 'configure-apart', 'queue-set-up-apart'],
    goal: 'A port without any queue never comes to be',
    steps: ['configure 0 receive and 0 transmit queues', 'set up and start what request 3 names', 'pass traffic'],
    requirement: 'Two counts of 0 mean the preference of the driver, or one queue a direction where it has none',
    note: 'rte_eth_dev_configure(): "If number of queues specified by application for both Rx and Tx is zero, use driver preferred values", and one of each where the driver names none. The numbers that a host recommends are hints and no preference of the driver. So the driver of this project takes one and one, as net_avp gets it from ethdev; an error would be a second answer to the same call.',
    run: async (t) => {
      const { nic, port } = await t.probed();
      t.expect.success('configure', await port.configure({ rxQueues: 0, txQueues: 0 }));
      const { numRxQueues, numTxQueues } = nic.requests.at(-1)!.config;
      t.expect.equal('queues asked for', { numRxQueues, numTxQueues }, { numRxQueues: 1, numTxQueues: 1 });
      t.expect.refusal('start with queues that are not set up', await port.start(), 'EINVAL');
      const pool = { mbufs: 256, dataRoomBytes: 2_176 };
      t.expect.success('set-up of receive queue 0', await port.setUpRxQueue(0, pool));
      t.expect.success('set-up of transmit queue 0', await port.setUpTxQueue(0));
      t.expect.success('start', await port.start());
      await t.expectTraffic({ nic, port });
    },
  }),
];
