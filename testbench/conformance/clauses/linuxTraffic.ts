import { BROADCAST_MAC, withVlanTag } from '../../../shared/ethernet';
import { CACHE_BUFFERS } from '../../guests/linux';
import { type Clause, clause } from '../clause';
import { drainAll, expectLinuxAccounts, expectLinuxSent, linuxRegistered, linuxStarted } from './linuxGuest';

const needs = ['guest-in-arena'] as const;
const TCI = 0x6123;
/** Frame sizes on both sides of the limits of one to five host buffers. */
const SIZES = [14, 15, 60, 2_047, 2_048, 2_049, 4_096, 4_097, 8_193, 9_000];

/** Packets between a host and a Linux kernel driver. */
export const linuxTrafficClauses: readonly Clause[] = [
  clause({
    id: 'linux/9',
    title: 'frames of all lengths pass both ways, whoever they are for',
    level: 'MUST',
    section: '17',
    basis: 'protocol',
    needs,
    goal: 'A driver without a MAC filter of its own gets what the network sends, byte for byte, chained or not',
    steps: [
      'deliver and send frames from 14 to 9,000 bytes, several rounds',
      'deliver frames for everybody, for a group, and for another station',
    ],
    requirement:
      'The host hands over each frame from 14 bytes on, chained where it must, and takes the same from the guest',
    run: async (t) => {
      const running = await linuxStarted(t);
      const { nic, port } = running;
      for (let round = 0; round < 8; round++) {
        const incoming = SIZES.map((bytes) => t.frameTo(nic, bytes));
        for (const frame of incoming) nic.deliver(frame);
        t.expect.frames(
          'received',
          (await t.drain(port)).map(({ bytes }) => bytes),
          incoming,
        );
        await expectLinuxSent(
          t,
          running,
          SIZES.map((bytes) => t.frameFrom(nic, bytes)),
        );
      }
      const others = [BROADCAST_MAC, Uint8Array.of(1, 0, 0x5e, 0, 0, 1), Uint8Array.of(2, 9, 9, 9, 9, 9)];
      const frames = others.map((to) => t.frameTo(nic, 200, { to }));
      for (const frame of frames) nic.deliver(frame);
      t.expect.frames(
        'received for others',
        (await t.drain(port)).map(({ bytes }) => bytes),
        frames,
      );
      t.expect.equal('dropped', nic.stats().toGuest.dropped, {});
      await expectLinuxAccounts(t, running);
    },
  }),
  clause({
    id: 'linux/10',
    title: 'VLAN offload that is taken wherever it is offered works both ways',
    level: 'MUST',
    section: '12',
    basis: 'protocol',
    needs,
    goal: 'The tag stands beside the frame of one buffer and of five, and in the frame where the host lacks the feature',
    steps: [
      'with and without the feature: look at the features asked for',
      'deliver tagged and untagged frames, short and long',
      'send the same',
    ],
    requirement:
      'Negotiated: the host takes the tag out and puts it in, whatever the chain; else it stays in the frame',
    run: async (t) => {
      for (const vlanOffload of [true, false]) {
        const running = await linuxStarted(t, { nic: { vlanOffload } });
        const { nic, port } = running;
        t.expect.equal('features asked for', nic.requests[0]!.config.features, vlanOffload ? 1 : 0);
        const plain = [60, 2_046, 9_000].map((bytes) => t.frameTo(nic, bytes));
        const tagged = plain.map((frame) => withVlanTag(frame, TCI));
        for (const frame of [...tagged, plain[0]!]) nic.deliver(frame);
        const received = await t.drain(port);
        t.expect.frames(
          'received',
          received.map(({ bytes }) => bytes),
          [...(vlanOffload ? plain : tagged), plain[0]!],
        );
        const beside = vlanOffload ? TCI : null;
        t.expect.equal(
          'tags beside the frames',
          received.map(({ vlanTci }) => vlanTci),
          [beside, beside, beside, null],
        );
        nic.taken();
        const outgoing = [60, 2_048, 9_000].map((bytes) => t.frameFrom(nic, bytes));
        await t.sendAll(port, [...outgoing.map((bytes) => ({ bytes, vlanTci: TCI })), { bytes: outgoing[0]! }]);
        const wanted = [...outgoing.map((frame) => withVlanTag(frame, TCI)), outgoing[0]!];
        t.expect.frames('on the network', nic.taken(), wanted);
        await expectLinuxAccounts(t, running);
      }
    },
  }),
  clause({
    id: 'linux/11',
    title: 'buffers that the guest keeps are no leak',
    level: 'MUST',
    section: '17',
    basis: 'protocol',
    needs,
    goal: 'A guest holds empty buffers back for as long as it likes, and alloc is filled all the same',
    steps: [
      'send on each of four queues until its cache is filled',
      'send much more, long and short',
      'wait, and look where each buffer is',
    ],
    requirement:
      "The host keeps alloc filled while the guest keeps up to 32 buffers of each alloc FIFO, and counts them as the guest's",
    run: async (t) => {
      const running = await linuxStarted(t, { nic: { txQueues: { recommended: 4 } } });
      const { nic } = running;
      for (let round = 0; round < 6; round++) {
        for (let queue = 0; queue < 4; queue++) {
          const frames = Array.from({ length: 20 }, () => t.frameFrom(nic, t.random.between(14, 5_000)));
          await expectLinuxSent(t, running, frames, queue);
        }
        await expectLinuxAccounts(t, running);
        t.expect.atLeast('buffers that the guest keeps', nic.buffers().guest, 4);
        t.expect.atMost('buffers that the guest keeps', nic.buffers().guest, 4 * CACHE_BUFFERS);
        await t.sleepMs(200);
      }
      t.expect.equal('dropped', nic.stats().fromGuest.dropped, {});
    },
  }),
  clause({
    id: 'linux/12',
    title: 'the table of pools is enough to find each buffer',
    level: 'MUST',
    section: '4',
    basis: 'protocol',
    needs,
    goal: 'A driver that never looks at the one pair of base addresses is served, with one pool and with eight',
    steps: [
      'plug devices with one, four and eight pools, at different offsets, across 4 GiB',
      'pass so much traffic that each buffer is used',
    ],
    requirement: 'A host fills pool[] as well as the pair, consistently, one entry for each pool',
    run: async (t) => {
      for (const count of [1, 4, 8]) {
        const pools = Array.from({ length: count }, () => ({ buffers: 64 }));
        const layout = {
          offsets: count > 1 ? 'different' : 'same',
          nearFourGiB: true,
          order: 'shuffled',
          segments: 16,
          seed: t.random.u32(),
        } as const;
        const running = await linuxStarted(t, { nic: { pools, layout } });
        t.expect.equal('pools in the table', running.nic.poolRanges().length, count);
        for (let round = 0; round < 12 * count; round++) await t.expectTraffic(running, t.random.between(14, 9_000));
        await expectLinuxAccounts(t, running);
      }
    },
  }),
  clause({
    id: 'linux/13',
    title: 'strides lead from the first FIFO of a kind to the others',
    level: 'MUST',
    section: '5',
    basis: 'protocol',
    needs,
    goal: 'A driver that translates one address for each kind reaches all FIFOs, however scattered the memory is',
    steps: [
      'plug a device with 8 queues each way, a stride of its own for each kind, and 2,048 maps in any order with gaps',
      'receive and send on each queue',
    ],
    requirement: 'A host keeps all FIFOs of a kind in one run of memory, the stride apart',
    run: async (t) => {
      const running = await linuxStarted(t, {
        nic: {
          rxQueues: { max: 8 },
          txQueues: { recommended: 8, max: 8 },
          fifoStrideBytes: { tx: 1_024, rx: 2_048, alloc: 4_096, free: 8_192 },
          layout: { segments: 2_048, order: 'shuffled', gaps: true, seed: t.random.u32() },
          pools: [{ buffers: 3_600 }],
        },
        cpus: 8,
      });
      const { nic, port } = running;
      for (let round = 0; round < 4; round++) {
        for (let flow = 0; flow < 120; flow++) nic.deliver(t.flowFrameTo(nic, 300, flow));
        for (let queue = 0; queue < 8; queue++)
          t.expect.atLeast(`packets on receive queue ${queue}`, (await t.drain(port, queue)).length, 1);
        for (let queue = 0; queue < 8; queue++)
          await expectLinuxSent(t, running, [t.frameFrom(nic, 3_000), t.frameFrom(nic, 40)], queue);
      }
      t.expect.equal('received', port.netdev.counts.received, 480);
      await expectLinuxAccounts(t, running);
    },
  }),
  clause({
    id: 'linux/14',
    title: 'buffers put back on alloc at removal are accepted',
    level: 'MUST',
    section: '17',
    basis: 'protocol',
    needs,
    goal: 'The host has all its buffers once a kernel driver has gone, and the next one starts with good rings',
    steps: [
      'send on two queues so that the guest keeps buffers, leave packets on rx',
      'remove the driver, which puts back what finds room',
      'look where the buffers are; let the driver take the device again, many times',
    ],
    requirement: 'The host accepts that the guest writes its cached buffers to alloc after the answer to request 4',
    run: async (t) => {
      // With few buffers the alloc FIFO is never full, so it has room for all that come back. With many buffers
      // it is full.
      for (const { buffers, finds } of [
        { buffers: 200, finds: 'room' },
        { buffers: 512, finds: 'no room' },
      ] as const) {
        const nic = t.plug({ txQueues: { recommended: 2 }, pools: [{ buffers }] });
        const putBack = { room: 0, 'no room': 0 };
        for (let life = 0; life < 8; life++) {
          const running = await linuxStarted(t, { plugged: nic });
          const { netdev } = running.port;
          for (let queue = 0; queue < 2; queue++) {
            const frames = Array.from({ length: life % 4 === 0 ? 1 : 40 }, () => t.frameFrom(nic, 700));
            await expectLinuxSent(t, running, frames, queue);
          }
          await t.expectTraffic(running, 9_000);
          await expectLinuxAccounts(t, running);
          const { cached } = netdev;
          nic.deliver(t.frameTo(nic, 3_000));
          await t.settle();
          await running.port.remove();
          await t.settle();
          putBack.room += cached - netdev.counts.lostBuffers;
          putBack['no room'] += netdev.counts.lostBuffers;
          const { total, pool } = nic.buffers();
          t.expect.equal('buffers of the host after the removal', pool, total);
        }
        t.expect.atLeast(`buffers put back that found ${finds}`, putBack[finds], 1);
        const { port } = await linuxRegistered(t, { plugged: nic });
        t.expect.equal('received before request 3', await drainAll(t, port), []);
      }
    },
  }),
];
