import { type Clause, clause } from '../clause';
import { ACK_DETACHED, expectAttached, raiseAndAwaitAck, startedMovable } from './migrateSteps';

/** Time for which a guest waits for an answer: 100 polls, 5 ms apart (section 8). */
const REQUEST_TIMEOUT_MS = 500;

/** Requests whose answers are wrong or late, or never come. */
export const controlAnswerClauses: readonly Clause[] = [
  clause({
    id: 'control/3',
    title: 'a positive result is a failure',
    level: 'SHOULD',
    section: '8',
    basis: 'reading',
    faults: ['C3'],
    goal: 'Only 0 is success',
    steps: ['answer the link request of start with 1 and with 22', 'look at the result and the link'],
    requirement: 'A positive result counts as -EIO',
    host: 'wrong',
    note: 'The header of the device says of result only that it is the result of the request. Both released drivers take a positive one for success.',
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
    basis: 'protocol',
    goal: 'A silent host does not hang the guest',
    steps: ['do not answer the link request of start', 'look at the result'],
    requirement: 'A request without an answer ends with ETIME after 100 polls of 5 ms',
    host: 'wrong',
    note: 'Both released drivers give up with ETIME: net_avp after 100 polls of 5 ms, the kernel driver after three times 500 ms.',
    run: async (t) => {
      const { nic, port } = await t.configured();
      nic.answerNext({ never: true });
      t.expect.refusal('start', await port.start(), 'ETIME');
    },
  }),
  clause({
    id: 'control/5',
    title: 'a late answer is not taken for that of the next request',
    level: 'SHOULD',
    section: '8',
    basis: 'reading',
    goal: 'After a timeout one answer is owed, and the next request waits for it',
    steps: [
      'answer start only when it has failed: with the next request, or 300 ms later where none comes',
      'refuse that request 100 ms after it was taken',
      'look at its result',
    ],
    requirement: 'The next request first waits for the answer that is owed',
    host: 'late',
    note: 'The channel has no sequence number, and what follows a timeout is documented nowhere: that one answer is owed then, and that the next request waits for it, is a rule of this project. Without it the late answer to the first start passes for that of the second, and a start that the host refused counts as a success.',
    run: async (t) => {
      const { nic, port } = await t.configured();
      // A driver that does not wait for the owed answer takes the late one for its own.
      nic.answerNext({ held: true }, { result: -5, delayMs: 100 });
      t.expect.refusal('start', await port.start(), 'ETIME');
      nic.answerLate();
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
    basis: 'protocol',
    goal: 'The entry on resp is looked at',
    steps: ['answer the link request of start with another value on resp', 'look at the result'],
    requirement: 'An entry on resp other than sync_va is no answer: the request ends with ENODATA',
    host: 'wrong',
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
    basis: 'protocol',
    goal: 'An old entry is not taken for the answer',
    steps: ['put entries on resp that answer nothing', 'start'],
    requirement: 'Before it writes a request the guest discards what is left on resp',
    host: 'wrong',
    run: async (t) => {
      const { nic, port } = await t.configured();
      for (let i = 0; i < 3; i++) nic.junkAnswer(0x9999n);
      t.expect.success('start', await port.start());
      await t.expectTraffic({ nic, port });
    },
  }),
  clause({
    id: 'control/14',
    title: 'a request is not written over one that the host has not taken',
    level: 'SHOULD',
    section: '8',
    basis: 'reading',
    needs: ['burst-choice'],
    goal: 'The sync area stays as it is while an entry on req points at it',
    steps: ['let the host stop looking at req', 'start, which times out', 'start again', 'let the host go on'],
    requirement: 'If req is still not empty when the wait for the owed answer ends, the request fails with EBUSY',
    note: 'What follows a timeout is documented nowhere. Both released drivers write the next request over one that still waits.',
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
  clause({
    id: 'control/15',
    title: 'an answer that never comes is given up',
    level: 'MUST',
    section: '8',
    basis: 'safety',
    goal: 'One lost answer does not block the port for ever',
    steps: ['leave the link request of start without an answer', 'start again'],
    requirement:
      'Where the host has taken the request, the debt is cancelled after a wait of 500 ms and the next request goes out',
    host: 'wrong',
    note: 'A host that loses one answer must not block the port for ever. That the guest first waits for the answer is a rule of this project.',
    run: async (t) => {
      const { nic, port } = await t.configured();
      nic.answerNext({ never: true });
      t.expect.refusal('start', await port.start(), 'ETIME');
      t.expect.success('start again', await port.start());
      await t.expectTraffic({ nic, port });
    },
  }),
  clause({
    id: 'control/16',
    title: 'an answer within 500 ms is in time, a later one is not',
    level: 'SHOULD',
    section: '8',
    basis: 'reading',
    needs: ['exact-time'],
    goal: 'The wait is neither shorter nor longer than the host counts on',
    steps: ['answer the link request of start after 485 ms', 'on another port after 520 ms'],
    requirement: 'The guest polls resp every 5 ms, 100 times',
    host: 'late',
    note: 'The limit is that of net_avp. The kernel driver waits three times 500 ms.',
    run: async (t) => {
      for (const [delayMs, inTime] of [
        [485, true],
        [520, false],
      ] as const) {
        const { nic, port } = await t.configured();
        nic.answerNext({ delayMs });
        const result = await port.start();
        if (inTime) t.expect.success(`start answered after ${delayMs} ms`, result);
        else t.expect.refusal(`start answered after ${delayMs} ms`, result, 'ETIME');
      }
    },
  }),
  clause({
    id: 'control/17',
    title: 'a result that the host did not write is a failure',
    level: 'MUST',
    section: '8',
    basis: 'protocol',
    goal: 'What stood in the sync area before is not taken for success',
    steps: ['put sync_va on resp and leave the result as the guest wrote it', 'look at the result of start'],
    requirement: 'The guest presets the result with -ENOTSUP',
    host: 'wrong',
    note: 'Both released drivers preset an error: net_avp -ENOTSUP, the kernel driver -ENOTSUPP.',
    run: async (t) => {
      const { nic, port } = await t.configured();
      nic.answerNext({ never: true });
      nic.onRequest(() => nic.junkAnswer(nic.infoField('sync_va')));
      t.expect.refusal('start', await port.start(), 'ENOTSUP');
      nic.onRequest(null);
      t.expect.success('start again', await port.start());
      await t.expectTraffic({ nic, port });
    },
  }),
  clause({
    id: 'control/18',
    title: 'a host that is silent at close does not keep the guest',
    level: 'MUST',
    section: '14',
    basis: 'safety',
    faults: ['C11'],
    goal: 'The port is given up whatever the host says',
    steps: [
      'close a stopped port, and a running one, with the shutdown refused, and with no answer to it',
      'count',
      'let the driver take the device again',
    ],
    requirement: 'close ends, gives everything back and leaves the interrupt off, even where the shutdown fails',
    host: 'wrong',
    run: async (t) => {
      for (const runs of t.can('close-started') ? [false, true] : [false])
        for (const answer of [{ result: -5 }, { never: true }]) {
          const { nic, port } = await t.started();
          if (!runs) await t.must('stop', port.stop());
          nic.answerNext(answer);
          t.expect.success('close', await port.close());
          t.expect.equal('interrupt mask', nic.interruptMask, 0);
          if (t.can('mbuf-balance')) t.expect.equal('mbufs in use', await port.mbufsInUse(), 0);
          await t.sleepMs(REQUEST_TIMEOUT_MS);
          await t.expectTraffic(await t.started({ plugged: nic }));
        }
    },
  }),
  clause({
    id: 'control/19',
    title: 'close waits for an answer that is owed',
    level: 'SHOULD',
    section: '8',
    basis: 'reading',
    goal: 'A late answer is not taken for that of the shutdown',
    steps: [
      'answer start only when it has failed: with the shutdown of close, or 300 ms later; answer the shutdown after 100 ms',
      'look at resp when close has ended',
    ],
    requirement: 'The next request, request 4 at close too, first waits for the answer that is owed',
    host: 'late',
    note: 'The channel has no sequence number, and what follows a timeout is documented nowhere: that one answer is owed then, and that the next request waits for it, is a rule of this project. Without it the late answer to the start passes for that of the shutdown, and close ends while the host may still use the rings.',
    run: async (t) => {
      const { nic, port } = await t.configured();
      const before = nic.fifo('resp', 0, 'write');
      nic.answerNext({ held: true }, { delayMs: 100 });
      t.expect.refusal('start', await port.start(), 'ETIME');
      nic.answerLate();
      t.expect.success('close', await port.close());
      t.expect.equal('last request', nic.requests.at(-1)?.reqId, 4);
      const [write, read] = [nic.fifo('resp', 0, 'write'), nic.fifo('resp', 0, 'read')];
      t.expect.equal('answers that the host has given when close has ended', write - before, 2);
      t.expect.equal('answers taken', read, write);
    },
  }),
  clause({
    id: 'control/22',
    title: 'promiscuous mode can be switched while a shutdown waits for its answer',
    level: 'SHOULD',
    section: '8',
    basis: 'reading',
    faults: ['C5'],
    goal: 'No lock is held over the wait',
    steps: [
      'announce a detach, and hold the answer to request 4 back for 400 ms',
      'switch promiscuous mode meanwhile; up to three times, because a machine may be busy',
    ],
    requirement: 'Bursts, link, statistics and promiscuous calls never wait for a request that is under way',
    note: 'Nothing says that promiscuous mode must not wait. net_avp holds a spinlock over up to 500 ms of sleep, and the call spins for as long.',
    run: async (t) => {
      const { nic, port } = await startedMovable(t);
      let inTime = false;
      for (let attempt = 0; attempt < 3 && !inTime; attempt++) {
        const calls: Promise<void>[] = [];
        await t.must('promiscuous mode off', port.setPromiscuous(false));
        nic.onRequest(() => {
          nic.onRequest(null);
          const call = port.setPromiscuous(true);
          // With a single thread, a call that waits for the request would never end.
          calls.push(
            call.then(({ ok }) => void (inTime = ok && (t.can('calls-meanwhile') || !nic.migration.shutdown))),
          );
        });
        nic.answerNext({ delayMs: REQUEST_TIMEOUT_MS - 100 });
        const ack = await raiseAndAwaitAck(t, nic, 1);
        await Promise.all(calls);
        // A driver that has not seen the answer in time no longer waits for it.
        inTime &&= ack === ACK_DETACHED;
        if (ack === ACK_DETACHED) await expectAttached(t, nic);
      }
      t.expect.equal('promiscuous mode was switched before the answer', inTime, true);
    },
  }),
];
