import { type Clause, clause } from '../clause';
import { deliverFlows } from './steps';

/** Values on both sides of the host's limits for queues and MTU. */
export const negotiateLimitClauses: readonly Clause[] = [
  clause({
    id: 'negotiate/2',
    title: 'more queues than there are is refused without a request',
    level: 'MUST',
    section: '9',
    basis: 'protocol',
    goal: 'The limits are those of the host, and 8',
    steps: ['plug devices with max 3 and max 12', 'configure one queue more than allowed, and just as many'],
    requirement: 'More queues than min(max, 8) are refused with EINVAL, and nothing is sent',
    run: async (t) => {
      for (const [max, most] of [
        [3, 3],
        [12, 8],
      ] as const) {
        const { nic, port } = await t.probed({ nic: { rxQueues: { max }, txQueues: { max } } });
        t.expect.refusal(
          `${most + 1} receive queues`,
          await port.configure({ rxQueues: most + 1, txQueues: 1 }),
          'EINVAL',
        );
        t.expect.refusal(
          `${most + 1} transmit queues`,
          await port.configure({ rxQueues: 1, txQueues: most + 1 }),
          'EINVAL',
        );
        t.expect.equal('requests sent', nic.requests.length, 0);
        t.expect.success(`${most} queues`, await port.configure({ rxQueues: most, txQueues: most }));
      }
    },
  }),
  clause({
    id: 'negotiate/7',
    title: 'a device that offers no queues cannot be configured',
    level: 'MUST',
    section: '9',
    basis: 'protocol',
    goal: 'A limit of 0 is a limit',
    steps: ['plug devices with max_rx_queues 0 and with max_tx_queues 0', 'configure one queue a direction'],
    requirement: 'A configuration where max is 0 is refused with EINVAL, and nothing is sent',
    run: async (t) => {
      for (const none of ['rxQueues', 'txQueues'] as const) {
        const { nic, port } = await t.probed({ nic: { [none]: { min: 0, max: 0 } } });
        t.expect.refusal(`configure with ${none}.max 0`, await port.configure({ rxQueues: 1, txQueues: 1 }), 'EINVAL');
        t.expect.equal('requests sent', nic.requests.length, 0);
      }
    },
  }),
  clause({
    id: 'negotiate/8',
    title: 'transmit queues are those that the application configured',
    level: 'MUST',
    section: '9',
    basis: 'ethdev',
    goal: 'Neither min_tx_queues nor a recommended number changes what is asked for',
    steps: [
      'plug a device with min_tx_queues 3, and 4 recommended in both directions',
      'configure 1, 2 and 4 transmit queues',
      'look at the requests',
    ],
    requirement: 'Transmit queues = the number the application configured; num_* are hints',
    note: 'rte_eth_dev_configure() gives the "number of transmit queues to set up for the Ethernet device".',
    run: async (t) => {
      const limits = { min: 1, recommended: 4, max: 4 };
      for (const txQueues of [1, 2, 4]) {
        const { nic, port } = await t.probed({ nic: { rxQueues: limits, txQueues: { ...limits, min: 3 } } });
        t.expect.success(`configure ${txQueues} transmit queues`, await port.configure({ rxQueues: 1, txQueues }));
        const { numRxQueues, numTxQueues } = nic.requests.at(-1)!.config;
        t.expect.equal('queues asked for', { numRxQueues, numTxQueues }, { numRxQueues: 1, numTxQueues: txQueues });
      }
    },
  }),
  clause({
    id: 'negotiate/9',
    title: 'eight queues a direction all carry traffic',
    level: 'MUST',
    section: '9',
    basis: 'protocol',
    goal: 'The most that a driver takes is as good as one queue, also where the host has more',
    steps: [
      'plug devices with at most 8 and 12 queues',
      'configure 8 queues a direction',
      'receive flows on all, and send on each',
    ],
    requirement: 'A driver takes at most 8 queues a direction, and each of them works',
    note: 'The guide of net_avp: "Up to 8 receive and transmit queues per device".',
    run: async (t) => {
      for (const max of [8, 12]) {
        const { nic, port } = await t.started({
          nic: { rxQueues: { max }, txQueues: { max } },
          rxQueues: 8,
          txQueues: 8,
        });
        deliverFlows(t, nic, 160);
        const counts: number[] = [];
        for (let queue = 0; queue < 8; queue++) {
          counts.push((await t.drain(port, queue)).length);
          t.expect.atLeast(`packets of queue ${queue}`, counts[queue]!, 1);
          const frame = t.frameFrom(nic, 200 + queue);
          nic.taken();
          await t.sendAll(port, [{ bytes: frame }], queue);
          t.expect.frames(`sent on queue ${queue}`, nic.taken(), [frame]);
        }
        t.expect.equal(
          'packets of all queues',
          counts.reduce((sum, count) => sum + count, 0),
          160,
        );
      }
    },
  }),
  clause({
    id: 'negotiate/12',
    title: 'the MTU has to fit the longest packet of the host',
    level: 'SHOULD',
    section: '12',
    basis: 'ethdev',
    goal: 'An MTU that the host could never deliver is refused at once',
    steps: ['configure an MTU 18 bytes below max_rx_pkt_len, and one byte more, for limits of 9,238 and 1,518'],
    requirement: 'The MTU is given at configure: MTU + 18 is at most max_rx_pkt_len, else EINVAL and nothing is sent',
    note: 'rte_eth_dev_set_mtu() and rte_eth_dev_configure() refuse an MTU beyond max_mtu or max_rx_pktlen with -EINVAL. The kernel driver has the same limit.',
    run: async (t) => {
      for (const maxRxPacketBytes of [9_238, 1_518]) {
        const { nic, port } = await t.probed({ nic: { maxRxPacketBytes } });
        const mtu = maxRxPacketBytes - 18;
        t.expect.refusal(`MTU ${mtu + 1}`, await port.configure({ rxQueues: 1, txQueues: 1, mtu: mtu + 1 }), 'EINVAL');
        t.expect.equal('requests sent', nic.requests.length, 0);
        t.expect.success(`MTU ${mtu}`, await port.configure({ rxQueues: 1, txQueues: 1, mtu }));
      }
    },
  }),
];
