import { VLAN_TAG_BYTES, withVlanTag } from '../../../shared/ethernet';
import { type Clause, clause } from '../clause';
import type { ClauseContext, Running } from '../context';
import type { Result } from '../../targets/target';
import { deliverFlows, goOn, leaveOnRx } from './steps';

const HEADROOM_BYTES = 128;
const MTU = 1_500;
const TCI = 0x0123;
/** One slot of a ring stays empty. */
const CAPACITY = 2 * 63;

/** Checks the number of packets that wait for queue 0, and the status of the descriptors around that number. */
async function expectWaiting(t: ClauseContext, { port }: Running, waiting: number, when: string): Promise<void> {
  t.expect.equal(`queue count ${when}`, await port.rxQueueCount(0), { ok: true, value: waiting });
  for (const offset of [0, waiting - 1, waiting, CAPACITY - 1])
    if (offset >= 0)
      t.expect.equal(`descriptor ${offset} done ${when}`, await port.rxDescriptorDone(0, offset), {
        ok: true,
        value: offset < waiting,
      });
}

function isLacking(t: ClauseContext, result: Result): boolean {
  if (!result.ok) t.expect.refusal('queue count', result, 'ENOTSUP');
  return !result.ok;
}

/** Answers to an application that asks about a receive queue or a received mbuf. */
export const rxAskedClauses: readonly Clause[] = [
  clause({
    id: 'rx/27',
    title: 'data begins behind the headroom, and nothing is claimed that nobody checked',
    level: 'SHOULD',
    section: '10',
    basis: 'ethdev',
    needs: ['mbuf-tags'],
    goal: 'An application can put a header in front, and checks what the driver has not checked',
    steps: ['receive packets of one mbuf and of five, with a stripped tag and without', 'look at headroom and flags'],
    requirement: 'Data begins behind the headroom of each mbuf; no flag claims more of a packet than its tag',
    note: 'RTE_PKTMBUF_HEADROOM bytes precede the data of an mbuf that a driver has filled, for the application to put headers there. rte_eth_rx_burst() initialises the mbuf "according to the information provided by the NIC", and an AVP host tells nothing but a tag: no checksum, no hash, no packet type.',
    run: async (t) => {
      const { nic, port } = await t.started({ vlanStrip: true });
      const frames = [100, 9_000].map((bytes) => t.frameTo(nic, bytes));
      for (const frame of frames) {
        nic.deliver(frame);
        nic.deliver(withVlanTag(frame, TCI));
      }
      const received = await t.drain(port);
      t.expect.equal('packets', received.length, 4);
      for (const [index, { claims, headroomBytes, nbSegs }] of received.entries()) {
        t.expect.equal(`flags of packet ${index} beside those of a tag`, claims, []);
        if (!t.can('mbuf-headroom')) continue;
        const wanted = new Array<number>(nbSegs).fill(HEADROOM_BYTES);
        t.expect.equal(`headroom of packet ${index}`, headroomBytes, wanted);
      }
    },
  }),
  clause({
    id: 'rx/28',
    title: 'a frame above the MTU is delivered, in simple and in scattered mode',
    level: 'SHOULD',
    section: '10',
    basis: 'reading',
    needs: ['mbuf-size'],
    goal: 'Whether a frame arrives does not depend on the size of mbufs',
    steps: [
      'plug a device that allows 2,000 bytes; configure an MTU of 1,500, with mbufs of 2,048 bytes and of 1,024',
      'deliver frames of 1,514, 1,518 and 1,600 bytes, and a tagged one of 1,522',
    ],
    requirement: 'The limit of a received frame is the max_rx_pkt_len of the host, whatever the MTU',
    note: "A decision: no contract of ethdev says that frames above the MTU are dropped on receive, while DPDK's own suite expects it. Both released drivers make room for max_rx_pkt_len and deliver such frames. A driver that drops them in one mode and not in the other is worse than either.",
    run: async (t) => {
      for (const mbufBytes of [2_048, 1_024]) {
        const pools = [{ mbufs: 64, dataRoomBytes: HEADROOM_BYTES + mbufBytes }];
        const { nic, port } = await t.started({ nic: { maxRxPacketBytes: 2_000 }, mtu: MTU, pools });
        const frames = [MTU + 14, MTU + 18, MTU + 100].map((bytes) => t.frameTo(nic, bytes));
        frames.push(t.frameTo(nic, MTU + 18 + VLAN_TAG_BYTES, { vlanTci: TCI }));
        for (const frame of frames) nic.deliver(frame);
        const received = await t.drain(port);
        t.expect.frames(
          `received in mbufs of ${mbufBytes} bytes`,
          received.map(({ bytes }) => bytes),
          frames,
        );
      }
    },
  }),
  clause({
    id: 'rx/29',
    title: 'queue count and descriptor status tell what waits on all FIFOs of a queue',
    level: 'SHOULD',
    section: '10',
    basis: 'ethdev',
    needs: ['queue-depth', 'paused-bursts'],
    goal: 'An application that scales by the depth of its queues sees the whole depth',
    steps: [
      'let one queue serve two FIFOs',
      'lay no packet, 1 and 70 packets on them; ask for the count, and for the status of descriptors around it',
      'ask for a descriptor beyond the rings and for a queue that is not configured',
      'receive, and ask again',
    ],
    requirement: 'The answer is ENOTSUP, or the number of packets that lie on the FIFOs of the queue',
    note: 'rte_eth_rx_queue_count() has "The number of used descriptors in the specific queue", -EINVAL for a bad queue and -ENOTSUP; rte_eth_rx_descriptor_status() "-EINVAL bad descriptor offset". That the descriptors of a queue are those of all its FIFOs follows from section 9.',
    run: async (t) => {
      for (const count of [0, 1, 70]) {
        const running = await t.started({ nic: { rxQueues: { min: 2 } } });
        const { nic, port } = running;
        await leaveOnRx(t, running, []);
        deliverFlows(t, nic, count);
        await t.settle();
        if (isLacking(t, await port.rxQueueCount(0))) return;
        await expectWaiting(t, running, count, `with ${count} packets`);
        t.expect.refusal('descriptor beyond the rings', await port.rxDescriptorDone(0, CAPACITY), 'EINVAL');
        t.expect.refusal('queue that is not configured', await port.rxQueueCount(1), 'EINVAL');
        await goOn(t, running);
        t.expect.equal('packets received', (await t.drain(port)).length, count);
        await expectWaiting(t, running, 0, 'after the bursts');
      }
    },
  }),
];
