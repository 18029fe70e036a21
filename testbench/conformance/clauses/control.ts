import { type Clause, clause } from '../clause';
import { lackingErrnos } from '../ethdevAnswers';
import { POOL } from '../context';
import type { Result } from '../../targets/target';

export const controlClauses: readonly Clause[] = [
  clause({
    id: 'control/1',
    title: 'configure tells the host what will be used',
    level: 'MUST',
    section: '8',
    basis: 'protocol',
    goal: 'Request 3 carries device, driver and queue counts',
    steps: ['configure 2 receive and 3 transmit queues', 'look at the request'],
    requirement: 'Request 3 gives device_id, driver type and version, features and queue counts',
    run: async (t) => {
      const { nic, port } = await t.probed({ nic: { deviceId: 0x1122_3344_5566_7788n } });
      t.expect.success('configure', await port.configure({ rxQueues: 2, txQueues: 3 }));
      const [request] = nic.requests;
      const { driverType, driverVersion, ...config } = request!.config;
      t.expect.equal('request', request?.reqId, 3);
      const wanted = { deviceId: 0x1122_3344_5566_7788n, features: 0, numTxQueues: 3, numRxQueues: 2, ifUp: 0 };
      t.expect.equal('config', config, wanted);
      t.expect.that('driver type', driverType >= 1 && driverType <= 3, '1 to 3', driverType);
      t.expect.atLeast("driver version's release", driverVersion >>> 16, 1);
    },
  }),
  clause({
    id: 'control/2',
    title: 'a refused configuration changes nothing',
    level: 'MUST',
    section: '8',
    basis: 'protocol',
    goal: "The host's error reaches the caller, and a second attempt works",
    steps: ['answer the config request with -EINVAL', 'configure again'],
    requirement: 'A negative result is the error of the operation',
    run: async (t) => {
      const { nic, port } = await t.probed();
      nic.answerNext({ result: -22 });
      t.expect.refusal('configure', await port.configure({ rxQueues: 1, txQueues: 1 }), 'EINVAL');
      await t.configure(port);
      await t.must('start', port.start());
      await t.expectTraffic({ nic, port });
    },
  }),
  clause({
    id: 'control/8',
    title: 'a refused stop leaves the port started',
    level: 'MUST',
    section: '14',
    basis: 'ethdev',
    faults: ['C4'],
    goal: 'Both sides agree on the link',
    steps: ['answer the link request of stop with -EBUSY', 'look at link and traffic', 'stop again'],
    requirement: 'The host may refuse a stop; the port then stays started',
    note: 'rte_eth_dev_stop() may return "Error code of the driver device stop function", and only a stop that returns 0 makes the port a stopped one. ethdev takes the bursts away before it asks the driver, so traffic is checked only where it can go on.',
    run: async (t) => {
      const running = await t.started();
      running.nic.answerNext({ result: -16 });
      t.expect.refusal('stop', await running.port.stop(), 'EBUSY');
      t.expect.equal('link up after the refused stop', (await running.port.link()).up, true);
      if (t.can('traffic-after-refused-stop')) await t.expectTraffic(running);
      await t.must('stop', running.port.stop());
      t.expect.equal('link up after the second stop', (await running.port.link()).up, false);
    },
  }),
  clause({
    id: 'control/9',
    title: 'bursts go on while a request waits for its answer',
    level: 'MUST',
    section: '8',
    basis: 'ethdev',
    faults: ['C5'],
    needs: ['calls-meanwhile'],
    goal: 'No lock is held over the wait',
    steps: ['start', 'change promiscuous mode and burst both ways while a VLAN change waits for its answer'],
    requirement: 'Bursts, link, statistics and promiscuous calls never wait for a request that is under way',
    note: 'The head of rte_ethdev.h: the functions of a driver "are lock-free functions", and rte_eth_link_get_nowait() is the call that may not wait.',
    run: async (t) => {
      const { nic, port } = await t.started();
      const incoming = t.frameTo(nic, 200);
      nic.deliver(incoming);
      await t.settle();
      const calls: Promise<unknown>[] = [];
      nic.onRequest(() => {
        calls.push(port.receive(0, 32).then((packets) => packets.map((packet) => packet.bytes)));
        calls.push(port.send(0, [{ bytes: incoming }]));
        calls.push(port.link().then((link) => link.up));
        calls.push(port.stats().then(() => 'statistics'));
        calls.push(port.setPromiscuous(true).then((result) => result.ok));
        nic.onRequest(null);
      });
      nic.answerNext({ delayMs: 100 });
      t.expect.success('VLAN change', await port.setVlanOffload({ strip: true, insert: true }));
      const [received, ...others] = await Promise.all(calls);
      t.expect.frames('received meanwhile', received as Uint8Array[], [incoming]);
      t.expect.equal('sent, link, statistics, promiscuous', others, [1, true, 'statistics', true]);
    },
  }),
  clause({
    id: 'control/10',
    title: 'close shuts the device down',
    level: 'MUST',
    section: '14',
    basis: 'protocol',
    faults: ['C11'],
    goal: 'The host stops sending, and knows that the guest has gone',
    steps: ['close a started port', 'look at requests, mask and traffic'],
    requirement: 'A close switches the interrupt off, sends request 4 and frees the queues',
    note: 'Both released drivers close the mask and send request 4. A target behind ethdev stops the port first: rte_eth_dev_close() takes "a stopped Ethernet device" alone.',
    run: async (t) => {
      const { nic, port } = await t.started();
      t.expect.success('close', await port.close());
      t.expect.equal('last request', nic.requests.at(-1)?.reqId, 4);
      t.expect.equal('interrupt mask', nic.interruptMask, 0);
      nic.deliver(t.frameTo(nic, 100));
      await t.settle();
      t.expect.equal('packets on rx', nic.buffers().rx, 0);
    },
  }),
  clause({
    id: 'control/11',
    title: 'a thousand open and close rounds leave nothing behind',
    level: 'MUST',
    section: '14',
    basis: 'ethdev',
    faults: ['C11', 'F4'],
    note: 'rte_eth_dev_close(): "The function frees all port resources."',
    timeLimitMs: 60_000,
    needs: ['many-lives'],
    goal: 'No round costs memory, mbufs, buffers or handlers',
    steps: ['probe, configure, start, pass traffic in some rounds, close: 1,000 times', 'count'],
    requirement: 'What a port has taken it gives back at close',
    run: async (t) => {
      const nic = t.plug({ fifoSlots: { tx: 8, rx: 8, alloc: 8, free: 8 }, pools: [{ buffers: 32 }] });
      let bytes = 0;
      for (let round = 0; round < 1_000; round++) {
        const running = await t.started({ plugged: nic, pools: [{ mbufs: 16, dataRoomBytes: 2_176 }] });
        if (round % 100 === 0) await t.expectTraffic(running);
        t.expect.success('close', await running.port.close());
        if (round === 0) bytes = t.host.guestMemoryInUse();
      }
      t.expect.equal('memory in use', t.host.guestMemoryInUse(), bytes);
      await t.settle();
      const { total, pool, alloc } = nic.buffers();
      t.expect.equal("buffers in the host's hands", pool + alloc, total);
    },
  }),
  clause({
    id: 'control/12',
    title: 'an interrupt after close reaches nobody',
    level: 'MUST',
    section: '14',
    basis: 'ethdev',
    faults: ['C8'],
    goal: 'No handler works on a port that is gone',
    steps: [
      'stop a port, and raise the migration interrupt',
      'close the port before its interrupt has reached the handler',
      'let it reach the guest',
      'raise another one while it is masked',
    ],
    requirement: 'close leaves the interrupt off and its handler unregistered',
    note: 'rte_eth_dev_close(): "The function frees all port resources." The handler that rte_intr_callback_register() took is one of them, and it would be called with a port that has gone.',
    run: async (t) => {
      const { nic, port } = await t.started();
      await t.must('stop', port.stop());
      const late = await nic.interruptLate(1, async () => void (await t.must('close', port.close())));
      await t.settle();
      const masked = await nic.raiseInterrupt(2);
      await t.settle();
      t.expect.equal('handler ran', [late.dispatched, masked.dispatched], [false, false]);
      t.expect.equal('ack', nic.migrationAck, 0);
    },
  }),
  clause({
    id: 'control/13',
    title: 'operations that AVP lacks are refused',
    level: 'MUST',
    section: '12',
    basis: 'ethdev',
    goal: 'An application learns that the device cannot do it',
    steps: ['ask for VLAN filter and QinQ extend', 'change MTU, MAC address and multicast list'],
    requirement:
      'VLAN filter, QinQ extend and an MTU change while running are refused with ENOTSUP, or by ethdev before the driver is asked',
    needs: ['refusals'],
    note: 'rte_eth_dev_set_vlan_offload(), rte_eth_dev_set_mtu(), rte_eth_dev_default_mac_addr_set() and rte_eth_dev_set_mc_addr_list() give -ENOTSUP for what the hardware or the driver lacks. Behind ethdev an offload outside of the capabilities is refused with -EINVAL before the driver is asked.',
    run: async (t) => {
      const { port } = await t.started();
      const refusals = await port.unsupported();
      for (const [what, result] of Object.entries(refusals) as [string, Result][])
        t.expect.refusal(what, result, ...lackingErrnos(t));
      t.expect.atLeast('operations tried', Object.keys(refusals).length, 5);
    },
  }),
  clause({
    id: 'control/20',
    title: 'operations in the wrong state are refused without a request',
    level: 'SHOULD',
    section: '14',
    basis: 'ethdev',
    needs: ['queue-set-up-apart'],
    goal: 'An application that forgets a step is told so, and the host sees nothing of it',
    steps: [
      'set a queue up and start before configure',
      'set up a queue that is not configured, start with one not set up',
      'configure and set up while started',
    ],
    requirement:
      'A port is configured, its queues are set up, then it is started; whoever leaves that order is refused',
    note: 'The head of rte_ethdev.h gives the order: rte_eth_dev_configure(), the set-up of the queues, rte_eth_dev_start().',
    run: async (t) => {
      const { nic, port } = await t.probed();
      t.expect.refusal('queue set-up before configure', await port.setUpTxQueue(0), 'EINVAL');
      t.expect.refusal('start before configure', await port.start(), 'EINVAL');
      await t.must('configure', port.configure({ rxQueues: 1, txQueues: 2 }));
      t.expect.refusal('set-up of receive queue 1 of 1', await port.setUpRxQueue(1, POOL), 'EINVAL');
      t.expect.refusal('set-up of transmit queue 2 of 2', await port.setUpTxQueue(2), 'EINVAL');
      await t.must('set-up', port.setUpTxQueue(0));
      t.expect.refusal('start with queues that are not set up', await port.start(), 'EINVAL');
      await t.configure(port);
      await t.must('start', port.start());
      const before = nic.requests.length;
      t.expect.refusal('configure while started', await port.configure({ rxQueues: 2, txQueues: 2 }), 'EBUSY');
      t.expect.refusal('set-up while started', await port.setUpTxQueue(0), 'EBUSY');
      t.expect.equal('requests sent', nic.requests.length - before, 0);
      await t.expectTraffic({ nic, port });
    },
  }),
  clause({
    id: 'control/21',
    title: 'after a close the next life begins with empty FIFOs',
    level: 'MUST',
    section: '8',
    basis: 'protocol',
    faults: ['F4'],
    goal: 'Indices and packets of the former life are gone, on both sides',
    steps: [
      'run a port until the indices stand in the middle, leave packets on the rings, close',
      'probe, and look at all indices',
      'start and pass traffic',
    ],
    requirement:
      'tx, rx, alloc and free are initialised once after a close, when a guest next writes a non-zero mask or sends request 3',
    note: 'Neither released driver initialises a FIFO, so each relies on finding them empty. At which moment the host does it is a decision of this project.',
    run: async (t) => {
      const first = await t.started({ rxQueues: 2, txQueues: 2 });
      const { nic, port } = first;
      for (let i = 0; i < 5; i++) await t.expectTraffic(first);
      for (let i = 0; i < 9; i++) nic.deliver(t.frameTo(nic, 3_000));
      await t.settle();
      t.expect.atLeast('write index of rx', nic.fifo('rx', 0, 'write'), 14);
      await t.must('close', port.close());
      const { port: next } = await t.probed({ plugged: nic });
      await t.settle();
      for (const kind of ['tx', 'rx', 'alloc', 'free'] as const)
        for (const queue of [0, 1, 3]) {
          const indices = [nic.fifo(kind, queue, 'write'), nic.fifo(kind, queue, 'read')];
          t.expect.equal(`indices of ${kind} FIFO ${queue}`, indices, [0, 0]);
        }
      await t.configure(next);
      await t.must('start', next.start());
      t.expect.equal('packets of the former life', (await t.drain(next)).length, 0);
      await t.expectTraffic({ nic, port: next });
    },
  }),
];
