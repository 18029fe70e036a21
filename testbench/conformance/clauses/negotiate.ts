import { type Clause, clause } from '../clause';
import { POOL } from '../context';
import { deliverFlows } from './steps';

export const negotiateClauses: readonly Clause[] = [
  clause({
    id: 'negotiate/1',
    title: 'as many receive FIFOs are asked for as the host needs',
    level: 'MUST',
    section: '9',
    basis: 'protocol',
    goal: 'The least number of the host counts, not only that of the application',
    steps: ['plug devices with min_rx_queues 1 and 5', 'configure 1, 3 and 6 receive queues', 'look at the requests'],
    requirement: 'Receive FIFOs = max(min_rx_queues, receive queues of the application)',
    run: async (t) => {
      for (const [min, asked, wanted] of [
        [1, 1, 1],
        [1, 3, 3],
        [5, 1, 5],
        [5, 3, 5],
        [5, 6, 6],
      ] as const) {
        const { nic, port } = await t.probed({ nic: { rxQueues: { min, max: 8 } } });
        t.expect.success('configure', await port.configure({ rxQueues: asked, txQueues: 1 }));
        t.expect.equal(`FIFOs with min ${min} and ${asked} queues`, nic.requests.at(-1)?.config.numRxQueues, wanted);
      }
    },
  }),
  clause({
    id: 'negotiate/3',
    title: 'only features of the host are asked for',
    level: 'MUST',
    section: '9',
    basis: 'protocol',
    faults: ['C9'],
    goal: 'A host that lacks a feature, or has more of them, is not asked for anything unknown',
    steps: [
      'plug devices with no feature and with all bits set',
      'configure with and without VLAN insert',
      'look at the requests',
    ],
    requirement: 'Features in use = what the guest asked for AND what the host offers',
    run: async (t) => {
      for (const [features, vlan, wanted] of [
        [0, false, 0],
        [1, false, 0],
        [1, true, 1],
        [0xffff_ffff, true, 1],
      ] as const) {
        const nic = t.plug();
        nic.overwrite({ struct: 'device_info' }, 'features', features);
        const { port } = await t.probed({ plugged: nic });
        t.expect.success(
          'configure',
          await port.configure({ rxQueues: 1, txQueues: 1, vlanStrip: vlan, vlanInsert: vlan }),
        );
        t.expect.equal(`features of a host with ${features}`, nic.requests.at(-1)?.config.features, wanted);
      }
    },
  }),
  clause({
    id: 'negotiate/4',
    title: 'surplus receive FIFOs are dealt out and none starves',
    level: 'SHOULD',
    section: '9',
    basis: 'reading',
    faults: ['R8'],
    goal: 'Every FIFO is served by one queue, in consecutive runs',
    steps: ['ask for 3 queues where the host needs 5 FIFOs', 'deliver flows on all FIFOs', 'receive on every queue'],
    requirement: 'Surplus FIFOs are dealt out in runs that differ by one at most, longer ones first; all are served',
    note: 'net_avp deals FIFOs out so; the kernel driver spreads them over its threads. That every FIFO is served is what a host relies on, and migrate/35 looks at that.',
    run: async (t) => {
      const { nic, port } = await t.started({ nic: { rxQueues: { min: 5, max: 5 } }, rxQueues: 3, txQueues: 3 });
      for (let flow = 0; flow < 60; flow++) nic.deliver(t.flowFrameTo(nic, 60 + flow, flow));
      await t.settle();
      const filled = [0, 1, 2, 3, 4].map((queue) => nic.fifo('rx', queue, 'write'));
      t.expect.equal(
        'packets on rx in all',
        filled.reduce((sum, count) => sum + count, 0),
        60,
      );
      const runs = [filled[0]! + filled[1]!, filled[2]! + filled[3]!, filled[4]!];
      for (const [queue, wanted] of runs.entries())
        t.expect.equal(`packets of queue ${queue}`, (await t.drain(port, queue)).length, wanted);
    },
  }),
  clause({
    id: 'negotiate/5',
    title: 'a burst finds packets on whichever of its FIFOs they are',
    level: 'SHOULD',
    section: '9',
    basis: 'reading',
    faults: ['R8'],
    needs: ['burst-choice'],
    goal: 'A burst does not come back empty while its queue has packets',
    steps: ['ask for 1 queue where the host needs 4 FIFOs', 'deliver one packet at a time', 'receive one burst each'],
    requirement: 'A burst serves the next FIFO in turn that has packets',
    note: 'net_avp serves the next FIFO in turn, whether it has packets or not. An application that polls hides it.',
    run: async (t) => {
      const { nic, port } = await t.started({ nic: { rxQueues: { min: 4, max: 4 } } });
      for (let flow = 0; flow < 20; flow++) {
        nic.deliver(t.flowFrameTo(nic, 100, flow));
        await t.settle();
        t.expect.equal(`packets of burst ${flow}`, (await port.receive(0, 32)).length, 1);
      }
    },
  }),
  clause({
    id: 'negotiate/6',
    title: 'queue counts can be changed while stopped',
    level: 'MUST',
    section: '8',
    basis: 'ethdev',
    goal: 'A second configuration takes the place of the first',
    steps: ['run with 4 queues', 'stop, configure 2, run', 'the same with 4, 1, 4 and 1 queues'],
    requirement: 'FIFOs that drop out or come in at request 3 are empty, and their buffers are taken back',
    note: 'rte_eth_dev_configure(): "This function can also be re-invoked when a device is in the stopped state."',
    run: async (t) => {
      const running = await t.started({ rxQueues: 4, txQueues: 4 });
      const { nic, port } = running;
      for (const queues of [2, 4, 1, 4, 1]) {
        for (let flow = 0; flow < 20; flow++) nic.deliver(t.flowFrameTo(nic, 100, flow));
        await t.must('stop', port.stop());
        await t.configure(port, { rxQueues: queues, txQueues: queues });
        await t.must('start', port.start());
        for (let queue = 0; queue < queues; queue++) await t.drain(port, queue);
        for (let queue = 0; queue < queues; queue++) {
          const frame = t.frameFrom(nic, 77);
          nic.taken();
          await t.sendAll(port, [{ bytes: frame }], queue);
          t.expect.frames(`sent on queue ${queue} of ${queues}`, nic.taken(), [frame]);
        }
        const { rx, free, tx, ...others } = nic.buffers();
        t.expect.equal(`buffers left on the rings of ${queues} queues`, { rx, free, tx }, { rx: 0, free: 0, tx: 0 });
        t.expect.equal('buffers in all places', others.pool + others.alloc + others.guest, others.total);
      }
      await t.expectTraffic(running);
    },
  }),
  clause({
    id: 'negotiate/10',
    title: 'a refused change of queue counts leaves the former ones',
    level: 'SHOULD',
    section: '8',
    basis: 'reading',
    goal: 'An operation that failed has changed nothing',
    steps: [
      'run with 2 queues, stop',
      'refuse the config request for 4 and for 1',
      'start, and pass traffic on both queues',
    ],
    requirement: 'A negative result is the error of the operation; the port goes on as it was configured before',
    note: 'A rule of this project. rte_eth_dev_configure() returns the error of the driver and leaves a port that has to be configured again: behind ethdev the clause configures the former counts again.',
    run: async (t) => {
      const former = { rxQueues: 2, txQueues: 2 };
      const { nic, port } = await t.started(former);
      for (const count of [4, 1]) {
        await t.must('stop', port.stop());
        nic.answerNext({ result: -22 });
        t.expect.refusal(
          `configure ${count} queues`,
          await port.configure({ rxQueues: count, txQueues: count }),
          'EINVAL',
        );
        if (t.behindEthdev) await t.configure(port, former);
        t.expect.success('start', await port.start());
        deliverFlows(t, nic, 40);
        const received = [await t.drain(port, 0), await t.drain(port, 1)];
        t.expect.equal('packets of both queues', received.flat().length, 40);
        const frame = t.frameFrom(nic, 99);
        nic.taken();
        await t.sendAll(port, [{ bytes: frame }], 1);
        t.expect.frames('sent on queue 1', nic.taken(), [frame]);
      }
    },
  }),
  clause({
    id: 'negotiate/11',
    title: 'a port may receive only',
    level: 'SHOULD',
    section: '8',
    basis: 'ethdev',
    goal: 'An application that never sends needs no transmit queue',
    steps: ['configure one receive and no transmit queue', 'start and receive'],
    requirement: 'The host accepts transmit queues below the least number, and none',
    note: 'rte_eth_dev_configure() takes 0 for one of the two counts, not for both.',
    run: async (t) => {
      const { nic, port } = await t.probed();
      t.expect.success('configure', await port.configure({ rxQueues: 1, txQueues: 0 }));
      await t.must('set-up', port.setUpRxQueue(0, POOL));
      t.expect.success('start', await port.start());
      const frame = t.frameTo(nic, 300);
      nic.deliver(frame);
      const received = await t.drain(port);
      t.expect.equal(
        'lengths of the packets received',
        received.map(({ pktLen }) => pktLen),
        [frame.length],
      );
      // Some applications can show what they received only by sending it.
      const shown = received.map(({ bytes }) => bytes).filter((bytes) => bytes.length > 0);
      t.expect.frames('received', shown, shown.length > 0 ? [frame] : []);
      const { rx } = await port.stats();
      t.expect.equal('received, as the driver counts it', rx, { packets: 1, bytes: frame.length, errors: 0 });
    },
  }),
];
