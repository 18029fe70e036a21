import { ETHERNET_CRC_BYTES, ETHERNET_HEADER_BYTES } from '../../../shared/ethernet';
import { type Clause, clause } from '../clause';
import type { ClauseContext, Running } from '../context';
import type { PoolSettings, PortInfo, PortSettings } from '../../targets/target';
import { expectMoved, otherHost, startedMovable } from './migrateSteps';

const HEADROOM_BYTES = 128;
const ONE_QUEUE: PortSettings = { rxQueues: 1, txQueues: 1 };

const LIMITS = [
  { rxQueues: { max: 2 }, txQueues: { max: 3 }, maxRxPacketBytes: 9_238 },
  { rxQueues: { max: 12 }, txQueues: { max: 12 }, maxRxPacketBytes: 1_518 },
];

function poolOf(mbufBytes: number): PoolSettings {
  return { mbufs: 512, dataRoomBytes: HEADROOM_BYTES + mbufBytes };
}

/** The greatest MTU that the information promises. */
function greatestMtu({ maxMtu, maxRxPktLen }: PortInfo): number {
  return maxMtu ?? maxRxPktLen - ETHERNET_HEADER_BYTES - ETHERNET_CRC_BYTES;
}

/** Configures one more of everything than the information promises. */
async function expectNoMore(t: ClauseContext, { port }: Running, info: PortInfo): Promise<void> {
  const beyond: readonly (readonly [what: string, settings: PortSettings])[] = [
    ['receive queues', { ...ONE_QUEUE, rxQueues: info.maxRxQueues + 1 }],
    ['transmit queues', { ...ONE_QUEUE, txQueues: info.maxTxQueues + 1 }],
    ['bytes of MTU', { ...ONE_QUEUE, mtu: greatestMtu(info) + 1 }],
  ];
  for (const [what, settings] of beyond)
    t.expect.refusal(`one more than the most ${what}`, await port.configure(settings), 'EINVAL');
  if (info.minMtu !== null)
    t.expect.refusal(
      'an MTU of one byte too few',
      await port.configure({ ...ONE_QUEUE, mtu: info.minMtu - 1 }),
      'EINVAL',
    );
}

/** Configures a port with these settings and sets it up, passes a frame on each transmit queue, and stops it. */
async function expectWorks(
  t: ClauseContext,
  { nic, port }: Running,
  settings: PortSettings,
  pool: PoolSettings,
  bytes: number,
): Promise<void> {
  t.expect.success(`configure ${JSON.stringify(settings)}`, await port.configure(settings));
  for (let queue = 0; queue < settings.rxQueues; queue++)
    t.expect.success(`set-up of receive queue ${queue}`, await port.setUpRxQueue(queue, pool));
  for (let queue = 0; queue < settings.txQueues; queue++)
    t.expect.success(`set-up of transmit queue ${queue}`, await port.setUpTxQueue(queue));
  t.expect.success('start', await port.start());
  for (let flow = 0; flow < 20; flow++) nic.deliver(t.flowFrameTo(nic, bytes, flow));
  const lengths: number[] = [];
  for (let queue = 0; queue < settings.rxQueues; queue++)
    lengths.push(...(await t.drain(port, queue)).map(({ pktLen }) => pktLen));
  t.expect.equal('lengths of the packets received', lengths, new Array(20).fill(bytes));
  // Some applications send on as many queues as they receive on.
  const sending = t.can('burst-choice') ? settings.txQueues : Math.min(settings.rxQueues, settings.txQueues);
  for (let queue = 0; queue < sending; queue++) {
    const frame = t.frameFrom(nic, bytes);
    nic.taken();
    await t.sendAll(port, [{ bytes: frame }], queue);
    t.expect.frames(`sent on queue ${queue}`, nic.taken(), [frame]);
  }
  t.expect.success('stop', await port.stop());
}

/** Clauses on the limits that a port's information promises (section 13). */
export const infoPromiseClauses: readonly Clause[] = [
  clause({
    id: 'info/10',
    title: 'what the information promises can be had, one more cannot',
    level: 'MUST',
    section: '13',
    basis: 'ethdev',
    needs: ['mbuf-size'],
    goal: 'An application that configures by the information is not refused',
    steps: [
      'plug devices with at most 2 receive and 3 transmit queues and 9,238 bytes, and with 12 queues and 1,518 bytes',
      'configure one queue more than the information has, and an MTU one byte beyond',
      'configure just that many queues with the greatest MTU, and the least one; pass frames of that length',
      'set up with the smallest mbuf, and with one byte less',
    ],
    requirement: 'The limits of the information are those of configure and of queue set-up',
    note: 'rte_eth_dev_info has "Minimum MTU allowed", "Maximum MTU allowed", "Minimum size of Rx buffer", "Maximum configurable length of Rx pkt" and the most queues; rte_eth_dev_configure() and rte_eth_rx_queue_setup() refuse with EINVAL what lies beyond. Where the greatest MTU cannot be read, the longest packet less header and checksum stands for it.',
    timeLimitMs: 60_000,
    run: async (t) => {
      for (const nic of LIMITS) {
        const running = await t.probed({ nic });
        const info = await running.port.info();
        const { maxRxQueues, maxTxQueues, minRxBufSize, minMtu } = info;
        await expectNoMore(t, running, info);
        const mtu = greatestMtu(info);
        const most = { rxQueues: maxRxQueues, txQueues: maxTxQueues, mtu };
        await expectWorks(t, running, most, poolOf(2_048), mtu + ETHERNET_HEADER_BYTES);
        if (minMtu !== null)
          await expectWorks(t, running, { ...ONE_QUEUE, mtu: minMtu }, poolOf(2_048), minMtu + ETHERNET_HEADER_BYTES);
        const refused = await running.port.setUpRxQueue(0, poolOf(minRxBufSize - 1));
        t.expect.refusal('set-up with mbufs of one byte too few', refused, 'EINVAL');
        await expectWorks(t, running, ONE_QUEUE, poolOf(minRxBufSize), minRxBufSize);
      }
    },
  }),
  clause({
    id: 'info/11',
    title: 'the information follows the host',
    level: 'SHOULD',
    section: '15',
    basis: 'reading',
    goal: 'After a migration an application plans with the limits of the host that is there',
    steps: [
      'run a port on one queue',
      'migrate to hosts with other queue limits, another longest packet, and without VLAN offload; and back',
      'ask for information and MAC address each time',
    ],
    requirement: 'Queue limits, longest packet and offloads are those of the host in force; the MAC address stays',
    note: 'A driver reads the device info anew at each attach. That its information has to follow is a reading of this project: ethdev documents no information that changes. An application that configures by what the former host allowed is refused by the present one.',
    run: async (t) => {
      const running = await startedMovable(t, { mtu: 1_400 });
      const { nic, port } = running;
      const mac = await port.mac();
      const hosts = [
        { max: 2, maxRxPacketBytes: 1_518, vlanOffload: false },
        { max: 12, maxRxPacketBytes: 9_238, vlanOffload: true },
        { max: 4, maxRxPacketBytes: 4_000, vlanOffload: true },
      ];
      for (const { max, ...host } of hosts) {
        await expectMoved(t, nic, otherHost(t, nic, { rxQueues: { max }, txQueues: { max }, ...host }));
        const { maxRxQueues, maxTxQueues, maxRxPktLen, vlanStrip, vlanInsert } = await port.info();
        const most = Math.min(max, 8);
        t.expect.equal(
          `information on a host with ${max} queues`,
          { maxRxQueues, maxTxQueues, maxRxPktLen, vlanStrip, vlanInsert },
          {
            maxRxQueues: most,
            maxTxQueues: most,
            maxRxPktLen: host.maxRxPacketBytes,
            vlanStrip: host.vlanOffload,
            vlanInsert: host.vlanOffload,
          },
        );
        t.expect.bytes('MAC address', await port.mac(), mac);
        await t.expectTraffic(running);
      }
    },
  }),
];
