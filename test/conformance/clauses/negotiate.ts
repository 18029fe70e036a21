import { type Clause, clause } from '../clause';

export const negotiateClauses: readonly Clause[] = [
  clause({
    id: 'negotiate/1',
    title: 'as many receive FIFOs are asked for as the host needs',
    level: 'MUST',
    section: '9',
    goal: 'The least number of the host counts, not only that of the application',
    steps: ['plug devices with min_rx_queues 1 and 5', 'configure 1, 3 and 6 receive queues', 'look at the requests'],
    requirement: 'Receive FIFOs = max(min_rx_queues, receive queues of the application)',
    run: async (t) => {
      for (const [min, asked, wanted] of [[1, 1, 1], [1, 3, 3], [5, 1, 5], [5, 3, 5], [5, 6, 6]] as const) {
        const { nic, port } = await t.probed({ nic: { rxQueues: { min, max: 8 } } });
        t.expect.success('configure', await port.configure({ rxQueues: asked, txQueues: 1 }));
        t.expect.equal(`FIFOs with min ${min} and ${asked} queues`, nic.requests.at(-1)?.config.numRxQueues, wanted);
      }
    },
  }),
  clause({
    id: 'negotiate/2',
    title: 'more queues than there are is refused without a request',
    level: 'MUST',
    section: '9',
    goal: 'The limits are those of the host, and 8',
    steps: ['plug devices with max 3 and max 12', 'configure one queue more than allowed, and just as many'],
    requirement: 'More queues than min(max, 8): EINVAL, and nothing is sent',
    run: async (t) => {
      for (const [max, most] of [[3, 3], [12, 8]] as const) {
        const { nic, port } = await t.probed({ nic: { rxQueues: { max }, txQueues: { max } } });
        t.expect.refusal(`${most + 1} receive queues`, await port.configure({ rxQueues: most + 1, txQueues: 1 }), 'EINVAL');
        t.expect.refusal(`${most + 1} transmit queues`, await port.configure({ rxQueues: 1, txQueues: most + 1 }), 'EINVAL');
        t.expect.equal('requests sent', nic.requests.length, 0);
        t.expect.success(`${most} queues`, await port.configure({ rxQueues: most, txQueues: most }));
      }
    },
  }),
  clause({
    id: 'negotiate/3',
    title: 'only features of the host are asked for',
    level: 'MUST',
    section: '9',
    faults: ['C9'],
    goal: 'A host that lacks a feature, or has more of them, is not asked for anything unknown',
    steps: ['plug devices with no feature and with all bits set', 'configure with and without VLAN insert', 'look at the requests'],
    requirement: 'Features in use = what the guest asked for AND what the host offers',
    run: async (t) => {
      for (const [features, vlan, wanted] of [[0, false, 0], [1, false, 0], [1, true, 1], [0xffff_ffff, true, 1]] as const) {
        const nic = t.plug();
        nic.overwrite({ struct: 'device_info' }, 'features', features);
        const { port } = await t.probed({ plugged: nic });
        t.expect.success('configure', await port.configure({ rxQueues: 1, txQueues: 1, vlanStrip: vlan, vlanInsert: vlan }));
        t.expect.equal(`features of a host with ${features}`, nic.requests.at(-1)?.config.features, wanted);
      }
    },
  }),
  clause({
    id: 'negotiate/4',
    title: 'surplus receive FIFOs are dealt out and none starves',
    level: 'MUST',
    section: '9',
    faults: ['R8'],
    goal: 'Every FIFO is served by one queue, in consecutive runs',
    steps: ['ask for 3 queues where the host needs 5 FIFOs', 'deliver flows on all FIFOs', 'receive on every queue'],
    requirement: 'Surplus FIFOs are dealt out in runs that differ by one at most, longer ones first; all are served',
    run: async (t) => {
      const { nic, port } = await t.started({ nic: { rxQueues: { min: 5, max: 5 } }, rxQueues: 3 });
      for (let flow = 0; flow < 60; flow++) nic.deliver(t.flowFrameTo(nic, 60 + flow, flow));
      await t.settle();
      const filled = [0, 1, 2, 3, 4].map((queue) => nic.fifo('rx', queue, 'write'));
      t.expect.equal('packets on rx in all', filled.reduce((sum, count) => sum + count, 0), 60);
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
    faults: ['R8'],
    goal: 'A burst does not come back empty while its queue has packets',
    steps: ['ask for 1 queue where the host needs 4 FIFOs', 'deliver one packet at a time', 'receive one burst each'],
    requirement: 'A burst serves the next FIFO in turn that has packets',
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
    goal: 'A second configuration takes the place of the first',
    steps: ['run with 4 queues', 'stop, configure 2, run', 'the same with 4, 1, 4 and 1 queues'],
    requirement: 'FIFOs that drop out or come in at request 3 are empty, and their buffers are taken back',
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
        const { total, ...places } = nic.buffers();
        t.expect.equal('buffers in all places', Object.values(places).reduce((sum, count) => sum + count, 0), total);
      }
      await t.expectTraffic(running);
    },
  }),
];
