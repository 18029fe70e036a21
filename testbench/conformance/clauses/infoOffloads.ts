import { type Clause, clause } from '../clause';
import { POOL } from '../context';
import { expectGenerated } from './sending';

const LONG_BYTES = 9_000;

/** Clauses on the offloads that a port's information names (section 13). */
export const infoOffloadClauses: readonly Clause[] = [
  clause({
    id: 'info/12',
    title: 'packets of several mbufs are in the capabilities',
    level: 'SHOULD',
    section: '13',
    basis: 'ethdev',
    goal: 'An application that asks for what it needs gets it',
    steps: [
      'plug a device whose packets exceed an mbuf',
      'look for scatter and for packets of several mbufs in the capabilities',
      'configure with both; receive a packet of five mbufs and send packets of two',
    ],
    requirement: 'Packets that a driver scatters and gathers are offloads that it offers and that can be asked for',
    note: 'features.rst: "Scattered Rx: Supports receiving segmented mbufs", with RTE_ETH_RX_OFFLOAD_SCATTER; the list of features of the AVP driver claims it. RTE_ETH_TX_OFFLOAD_MULTI_SEGS is its counterpart. rte_eth_dev_configure() refuses an offload that is not in the capabilities, so an application that asks first, as DPDK\'s own suite does, goes without.',
    run: async (t) => {
      const { nic, port } = await t.probed();
      const { rxScatter, txMultiSegs } = await port.info();
      t.expect.equal('offered', { rxScatter, txMultiSegs }, { rxScatter: true, txMultiSegs: true });
      const settings = { rxQueues: 1, txQueues: 1, rxScatter, txMultiSegs };
      t.expect.success('configure with both', await port.configure(settings));
      await t.must('set-up of the receive queue', port.setUpRxQueue(0, POOL));
      await t.must('set-up of the transmit queue', port.setUpTxQueue(0));
      t.expect.success('start', await port.start());
      const frame = t.frameTo(nic, LONG_BYTES);
      nic.deliver(frame);
      const received = await t.drain(port);
      t.expect.frames(
        'received',
        received.map(({ bytes }) => bytes),
        [frame],
      );
      await expectGenerated(t, { nic, port }, { frames: 4, frameBytes: 1_000, segmentBytes: 600 });
    },
  }),
  clause({
    id: 'info/13',
    title: 'the speed of the link is among the speeds in the information',
    level: 'SHOULD',
    section: '13',
    basis: 'ethdev',
    goal: 'An application that shows or chooses speeds knows the one that there is',
    steps: ['start a port', 'compare the speed of its link with the speeds that the driver names'],
    requirement: 'A driver that tells a fixed speed of its link names that speed',
    note: 'rte_eth_dev_info has speed_capa, "Supported speeds bitmap". 0 stands for autonegotiation of any speed, which no AVP device has: its driver tells 10 Gbit/s whatever the host.',
    run: async (t) => {
      const { port } = await t.started();
      const { speedMbps } = await port.link();
      const { speedsMbps } = await port.info();
      t.expect.that('speeds in the information', speedsMbps.includes(speedMbps), `with ${speedMbps}`, speedsMbps);
    },
  }),
];
