import { type Clause, clause } from '../clause';
import { expectLinuxAccounts, expectLinuxSent, linuxProbe, linuxRegistered, linuxStarted } from './linuxGuest';

const KERNEL = 2;
const LINUX_VERSION = 0x1_0210;
const needs = ['guest-in-arena'] as const;

/** Clauses on a Linux kernel driver, which a host must serve: its identity, requests and queue counts (section 17). */
export const linuxClauses: readonly Clause[] = [
  clause({
    id: 'linux/1',
    title: 'a kernel driver is served',
    level: 'MUST',
    section: '17',
    basis: 'protocol',
    needs,
    goal: 'Type and version of the driver are no reason to refuse it',
    steps: ['let the Linux-like guest configure and open a device', 'look at the config request', 'pass traffic'],
    requirement: 'The host accepts a config request of driver_type 2 and version 1.2.16',
    run: async (t) => {
      const running = await linuxRegistered(t);
      const { nic, port } = running;
      t.expect.success('request 3', await port.configure());
      t.expect.success('open', await port.open());
      const { driverType, driverVersion } = nic.requests[0]!.config;
      t.expect.equal(
        'driver in the request',
        { driverType, driverVersion },
        { driverType: KERNEL, driverVersion: LINUX_VERSION },
      );
      for (const bytes of [14, 60, 1_514, 9_000]) await t.expectTraffic(running, bytes);
      await expectLinuxAccounts(t, running);
    },
  }),
  clause({
    id: 'linux/2',
    title: 'the answer replaces a result of -524',
    level: 'MUST',
    section: '8',
    basis: 'protocol',
    needs,
    goal: 'A guest that presets another error than DPDK still learns what became of its request',
    steps: [
      'send each request that there is, with result -524 in it',
      'have one refused, and send one that is to be refused',
    ],
    requirement: 'The host writes result for each request that it answers, 0 too',
    run: async (t) => {
      const { nic, port } = await linuxRegistered(t);
      t.expect.success('request 3', await port.configure());
      t.expect.success('request 2, up', await port.open());
      t.expect.success('request 1', await port.askForMtu(1_500));
      t.expect.refusal('request 1 for too much', await port.askForMtu(60_000), 'EINVAL');
      nic.answerNext({ result: -5 });
      t.expect.refusal('request 2 that the host refuses', await port.stop(), 'EIO');
      t.expect.success('request 2, down', await port.stop());
      await port.remove();
      t.expect.equal(
        'requests',
        nic.requests.map(({ reqId }) => reqId),
        [3, 2, 1, 1, 2, 2, 4],
      );
    },
  }),
  clause({
    id: 'linux/3',
    title: 'queue counts by recommendation and by CPUs are accepted',
    level: 'MUST',
    section: '17',
    basis: 'protocol',
    needs,
    goal: 'Hints are hints: more receive queues than recommended are granted, up to the limit',
    steps: [
      'plug devices with different limits and recommendations, for guests of 1, 3 and 16 CPUs',
      'look at the counts asked for',
      'send and receive on each queue',
    ],
    requirement:
      'The host accepts the recommended transmit queues and max(min_rx_queues, CPUs) receive queues, at most max',
    run: async (t) => {
      for (const { cpus, rx, tx, wanted } of [
        { cpus: 1, rx: { min: 1, recommended: 2, max: 4 }, tx: { min: 1, recommended: 2, max: 4 }, wanted: [1, 2] },
        { cpus: 3, rx: { min: 1, recommended: 1, max: 8 }, tx: { min: 1, recommended: 4, max: 4 }, wanted: [3, 4] },
        { cpus: 16, rx: { min: 2, recommended: 2, max: 6 }, tx: { min: 2, recommended: 8, max: 3 }, wanted: [6, 3] },
        { cpus: 1, rx: { min: 5, recommended: 5, max: 8 }, tx: { min: 1, recommended: 1, max: 1 }, wanted: [5, 1] },
      ]) {
        const { nic, port } = await linuxRegistered(t, { nic: { rxQueues: rx, txQueues: tx }, cpus });
        t.expect.success('request 3', await port.configure());
        const { numRxQueues, numTxQueues } = nic.requests[0]!.config;
        t.expect.equal(`receive and transmit queues asked for with ${cpus} CPUs`, [numRxQueues, numTxQueues], wanted);
        await t.must('open', port.open());
        for (let flow = 0; flow < 60; flow++) nic.deliver(t.flowFrameTo(nic, 90, flow));
        let received = 0;
        for (let queue = 0; queue < numRxQueues; queue++) {
          const packets = await t.drain(port, queue);
          t.expect.atLeast(`packets on receive queue ${queue}`, packets.length, 1);
          received += packets.length;
        }
        t.expect.equal('packets on all receive queues', received, 60);
        for (let queue = 0; queue < numTxQueues; queue++)
          await expectLinuxSent(t, { nic, port }, [t.frameFrom(nic, 100)], queue);
        await expectLinuxAccounts(t, { nic, port });
      }
    },
  }),
  clause({
    id: 'linux/4',
    title: 'a link request before the first config is accepted',
    level: 'MUST',
    section: '8',
    basis: 'protocol',
    needs,
    goal: 'A netdev is registered, and can be opened, before its driver has sent request 3',
    steps: ['open a device that is not configured', 'deliver a frame', 'send request 3 with if_up 1', 'pass traffic'],
    requirement: 'A link request before any config is accepted and has no effect until request 3',
    note: 'The kernel driver registers its netdev before it sends request 3. That the request has no effect until then is a decision of this project.',
    run: async (t) => {
      const running = await linuxRegistered(t);
      const { nic, port } = running;
      t.expect.success('open before request 3', await port.open());
      nic.deliver(t.frameTo(nic, 100));
      t.expect.equal('received before request 3', await t.drain(port), []);
      t.expect.equal('dropped', nic.stats().toGuest.dropped, { notConfigured: 1 });
      t.expect.success('request 3', await port.configure());
      t.expect.equal('if_up in request 3', nic.requests.at(-1)?.config.ifUp, 1);
      await t.expectTraffic(running);
      await expectLinuxAccounts(t, running);
    },
  }),
  clause({
    id: 'linux/5',
    title: 'polling before request 3 finds nothing and harms nothing',
    level: 'MUST',
    section: '8',
    basis: 'protocol',
    needs,
    goal: 'A kernel driver polls rx as soon as its device is registered, also where another guest was there before',
    steps: [
      'poll a fresh device, configure and open it',
      'leave packets on rx, remove the driver',
      'let the driver take the device once more, and poll again before request 3',
    ],
    requirement:
      'The rings are initialised before the device is visible, and after a close once the next guest writes its mask',
    run: async (t) => {
      const nic = t.plug();
      for (let life = 0; life < 3; life++) {
        const running = await linuxRegistered(t, { plugged: nic });
        const { port } = running;
        for (let round = 0; round < 5; round++) {
          t.expect.equal(`polled before request 3 in life ${life}`, await port.receive(0, 64), []);
          nic.deliver(t.frameTo(nic, 100));
          await t.settle();
        }
        await t.must('request 3', port.configure());
        t.expect.equal('packets on rx at request 3', port.netdev.counts.early, 0);
        await t.must('open', port.open());
        for (const bytes of [100, 9_000]) await t.expectTraffic(running, bytes);
        await expectLinuxAccounts(t, running);
        // Leave packets of several segments on rx, so that the removal finds them there.
        for (let left = 0; left <= life; left++) nic.deliver(t.frameTo(nic, 5_000));
        await t.settle();
        await port.remove();
        await t.settle();
      }
    },
  }),
  clause({
    id: 'linux/6',
    title: 'an answer may take as long as a kernel driver waits',
    level: 'MUST',
    section: '17',
    basis: 'protocol',
    needs,
    goal: 'A kernel driver waits three times as long as one of DPDK, and gets its one answer',
    steps: ['answer after 700 and 1,400 ms', 'answer not at all', 'send another request'],
    requirement: 'Each request gets exactly one answer, which a kernel driver takes within three times 500 ms',
    run: async (t) => {
      const running = await linuxRegistered(t);
      const { nic, port } = running;
      for (const delayMs of [700, 1_400]) {
        nic.answerNext({ delayMs });
        t.expect.success(`open, answered after ${delayMs} ms`, await port.open());
      }
      nic.answerNext({ never: true });
      t.expect.refusal('stop, not answered', await port.stop(), 'ETIME');
      t.expect.success('request 3 after it', await port.configure());
      await t.must('open', port.open());
      t.expect.equal(
        'requests taken',
        nic.requests.map(({ reqId }) => reqId),
        [2, 2, 2, 3, 2],
      );
      await t.expectTraffic(running);
    },
  }),
  clause({
    id: 'linux/7',
    title: 'request 1 is answered by the limit of the device',
    level: 'SHOULD',
    section: '8',
    basis: 'reading',
    needs,
    goal: 'The request that no present driver sends works all the same',
    steps: [
      'change the MTU to the most that the device allows, and to one more: the driver decides alone',
      'ask the host for both with request 1',
      'pass a packet of that length',
    ],
    requirement: 'Change MTU gives 0 where new_mtu + 18 <= max_rx_pkt_len, else -EINVAL, and disturbs nothing',
    note: 'No released driver sends the request. The limit is the one by which the kernel driver checks an MTU by itself.',
    run: async (t) => {
      const running = await linuxStarted(t, { nic: { maxRxPacketBytes: 4_018 } });
      const { nic, port } = running;
      const before = nic.requests.length;
      t.expect.success('change to MTU 4000', await port.changeMtu(4_000));
      t.expect.refusal('change to MTU 4001', await port.changeMtu(4_001), 'EINVAL');
      t.expect.equal('requests sent for it', nic.requests.length - before, 0);
      t.expect.success('request 1 with 4000', await port.askForMtu(4_000));
      t.expect.refusal('request 1 with 4001', await port.askForMtu(4_001), 'EINVAL');
      await t.expectTraffic(running, 4_014);
      await expectLinuxAccounts(t, running);
    },
  }),
  clause({
    id: 'linux/8',
    title: 'a device that the kernel driver refuses is left as it was',
    level: 'SHOULD',
    section: '17',
    basis: 'protocol',
    needs,
    goal: 'A refusal of this guest leaves the device usable for another driver',
    steps: [
      'offer the driver a MAC address of zeros, one of a group, and more than 8 receive queues at least',
      'offer the device as it was',
    ],
    requirement:
      'A kernel driver refuses a zero or multicast MAC address and a minimum above 8 queues, and asks nothing of such a host',
    run: async (t) => {
      const nic = t.plug({ mac: '02:00:00:00:00:00' });
      for (const [kind, first] of [
        ['zero', 0],
        ['multicast', 3],
      ] as const) {
        nic.overwrite({ struct: 'device_info' }, 'ethaddr', first);
        t.expect.refusal(`probe with a ${kind} address`, await linuxProbe(t, nic), 'EINVAL');
      }
      nic.overwrite({ struct: 'device_info' }, 'ethaddr', 2);
      const wide = t.plug({ rxQueues: { min: 9, max: 9 } });
      t.expect.refusal('probe with min_rx_queues 9', await linuxProbe(t, wide), 'EINVAL');
      t.expect.equal('requests', nic.requests.length + wide.requests.length, 0);
      t.expect.equal('interrupt masks', [nic.interruptMask, wide.interruptMask], [0, 0]);
      await t.expectTraffic(await linuxStarted(t, { plugged: nic }));
    },
  }),
];
