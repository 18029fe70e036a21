import { type Clause, clause } from '../clause';
import type { Result } from '../../targets/target';

/** 100 polls, 5 ms apart (section 8). */
const REQUEST_TIMEOUT_MS = 500;

export const controlClauses: readonly Clause[] = [
  clause({
    id: 'control/1',
    title: 'configure tells the host what will be used',
    level: 'MUST',
    section: '8',
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
    id: 'control/3',
    title: 'a positive result is a failure',
    level: 'MUST',
    section: '8',
    faults: ['C3'],
    goal: 'Only 0 is success',
    steps: ['answer the link request of start with 1 and with 22', 'look at the result and the link'],
    requirement: 'A positive result counts as -EIO',
    run: async (t) => {
      const { nic, port } = await t.configured();
      for (const result of [1, 22]) {
        nic.answerNext({ result });
        t.expect.refusal(`start answered with ${result}`, await port.start(), 'EIO');
        t.expect.equal('link', (await port.link()).up, false);
      }
      await t.must('start', port.start());
      await t.expectTraffic({ nic, port });
    },
  }),
  clause({
    id: 'control/4',
    title: 'without an answer a request ends with a timeout',
    level: 'MUST',
    section: '8',
    goal: 'A silent host does not hang the guest',
    steps: ['do not answer the link request of start', 'look at the result'],
    requirement: 'After 100 polls of 5 ms without an answer: ETIME',
    run: async (t) => {
      const { nic, port } = await t.configured();
      nic.answerNext({ never: true });
      t.expect.refusal('start', await port.start(), 'ETIME');
    },
  }),
  clause({
    id: 'control/5',
    title: 'a late answer is not taken for that of the next request',
    level: 'MUST',
    section: '8',
    goal: 'After a timeout one answer is owed, and the next request waits for it',
    steps: ['answer start 200 ms too late', 'refuse the request that follows, 400 ms after it was taken', 'look at its result'],
    requirement: 'The next request first waits for the answer that is owed',
    run: async (t) => {
      const { nic, port } = await t.configured();
      // Whoever does not wait sees the late answer first.
      nic.answerNext({ delayMs: REQUEST_TIMEOUT_MS + 200 }, { result: -5, delayMs: 400 });
      t.expect.refusal('start', await port.start(), 'ETIME');
      t.expect.refusal('start again', await port.start(), 'EIO');
      await t.must('start once more', port.start());
      await t.expectTraffic({ nic, port });
    },
  }),
  clause({
    id: 'control/6',
    title: 'an answer that is not the sync area is no answer',
    level: 'MUST',
    section: '8',
    goal: 'The entry on resp is looked at',
    steps: ['answer the link request of start with another value on resp', 'look at the result'],
    requirement: 'An entry on resp other than sync_va: ENODATA',
    run: async (t) => {
      const { nic, port } = await t.configured();
      nic.answerNext({ entry: 0x1234n });
      t.expect.refusal('start', await port.start(), 'ENODATA');
      await t.must('start again', port.start());
      await t.expectTraffic({ nic, port });
    },
  }),
  clause({
    id: 'control/7',
    title: 'what is left on resp is discarded before a request',
    level: 'MUST',
    section: '8',
    goal: 'An old entry is not taken for the answer',
    steps: ['put entries on resp that answer nothing', 'start'],
    requirement: 'Before it writes a request the guest discards what is left on resp',
    run: async (t) => {
      const { nic, port } = await t.configured();
      for (let i = 0; i < 3; i++) nic.junkAnswer(0x9999n);
      t.expect.success('start', await port.start());
      await t.expectTraffic({ nic, port });
    },
  }),
  clause({
    id: 'control/8',
    title: 'a refused stop leaves the port started',
    level: 'MUST',
    section: '14',
    faults: ['C4'],
    goal: 'Both sides agree on the link',
    steps: ['answer the link request of stop with -EBUSY', 'look at link and traffic', 'stop again'],
    requirement: 'stop may be refused by the host: then the port stays started',
    run: async (t) => {
      const running = await t.started();
      running.nic.answerNext({ result: -16 });
      t.expect.refusal('stop', await running.port.stop(), 'EBUSY');
      t.expect.equal('link', (await running.port.link()).up, true);
      await t.expectTraffic(running);
      await t.must('stop', running.port.stop());
      t.expect.equal('link after the second stop', (await running.port.link()).up, false);
    },
  }),
  clause({
    id: 'control/9',
    title: 'bursts go on while a request waits for its answer',
    level: 'MUST',
    section: '8',
    faults: ['C5'],
    goal: 'No lock is held over the wait',
    steps: ['start', 'change promiscuous mode and burst both ways while a VLAN change waits for its answer'],
    requirement: 'Bursts, link, statistics and promiscuous calls never wait for a request that is under way',
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
    faults: ['C11'],
    goal: 'The host stops sending, and knows that the guest has gone',
    steps: ['close a started port', 'look at requests, mask and traffic'],
    requirement: 'close: interrupt off, request 4, queues freed',
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
    faults: ['C11', 'F4'],
    timeLimitMs: 60_000,
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
    title: 'an interrupt after close or a failed probe reaches nobody',
    level: 'MUST',
    section: '14',
    faults: ['C8'],
    goal: 'No handler works on a port that is gone',
    steps: ['close a port and raise the migration interrupt, masked and one that was on its way', 'the same after a probe that failed'],
    requirement: 'close and a refused probe leave the interrupt off and its handler unregistered',
    run: async (t) => {
      const { nic, port } = await t.started();
      await t.must('close', port.close());
      const failed = t.plug();
      failed.overwrite({ struct: 'device_info' }, 'magic', 1);
      t.expect.refusal('probe', await t.guest.probe(failed), 'EINVAL');
      for (const device of [nic, failed]) {
        device.setMigrationStatus(1);
        const { dispatched } = await device.raiseInterrupt(2);
        const late = await device.lateInterrupt();
        await t.settle();
        t.expect.equal('handler ran', [dispatched, late.dispatched], [false, false]);
        t.expect.equal('ack', device.migrationAck, 0);
      }
    },
  }),
  clause({
    id: 'control/13',
    title: 'what AVP lacks is refused',
    level: 'MUST',
    section: '12',
    goal: 'An application learns that the device cannot do it',
    steps: ['ask for VLAN filter and QinQ extend', 'change MTU, MAC address and multicast list'],
    requirement: 'VLAN filter, QinQ extend and an MTU change while running are refused with ENOTSUP',
    needs: ['refusals'],
    run: async (t) => {
      const { port } = await t.started();
      const refusals = await port.unsupported();
      for (const [what, result] of Object.entries(refusals) as [string, Result][])
        t.expect.refusal(what, result, 'ENOTSUP');
      t.expect.atLeast('operations tried', Object.keys(refusals).length, 5);
    },
  }),
  clause({
    id: 'control/14',
    title: 'a request is not written over one that the host has not taken',
    level: 'MUST',
    section: '8',
    goal: 'The sync area stays as it is while an entry on req points at it',
    steps: ['let the host stop looking at req', 'start, which times out', 'start again', 'let the host go on'],
    requirement: 'If req is still not empty when the wait for the owed answer ends, the request fails with EBUSY',
    run: async (t) => {
      const { nic, port } = await t.configured();
      nic.pause();
      t.expect.refusal('start', await port.start(), 'ETIME');
      t.expect.refusal('start again', await port.start(), 'EBUSY');
      nic.resume();
      await t.sleepMs(20);
      t.expect.success('start after the host went on', await port.start());
      await t.expectTraffic({ nic, port });
    },
  }),
];
