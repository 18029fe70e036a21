import { type Clause, clause } from '../clause';
import { type ClauseContext, POOL, type Running } from '../context';
import { expectAttached, expectDetached, movable, otherHost } from './migrateSteps';

/** One byte of data room less than the smallest mbuf that a port takes. */
const TOO_SMALL = { mbufs: 256, dataRoomBytes: 128 + 63 };
const QUEUES = 2;

/** Leaves receive queues of a configured port without set-up: all, or all but one. */
async function leaveUnready(t: ClauseContext, { port }: Running, ready: number): Promise<void> {
  if (!t.can('queue-set-up-apart'))
    return t.expect.refusal('set-up with mbufs of 63 bytes', await port.setUpRxQueue(0, TOO_SMALL), 'EINVAL');
  for (let queue = 0; queue < ready; queue++)
    await t.must(`set-up of receive queue ${queue}`, port.setUpRxQueue(queue, POOL));
}

/** Migrations of a port that is not ready to run yet. */
export const migrateUnreadyClauses: readonly Clause[] = [
  clause({
    id: 'migrate/54',
    title: 'a migration between configure and queue set-up',
    level: 'MUST',
    section: '15',
    basis: 'ethdev',
    faults: ['M13'],
    goal: 'Attach copes with queues that are configured and not set up yet',
    steps: [
      'configure 2 queues a direction',
      'set up one receive queue, or none; where the application sets up by itself, let a set-up fail for want of room',
      'migrate',
      'set up the rest, start, and pass traffic on both queues',
    ],
    requirement: 'A configured port is attached to the new host with request 3, whichever of its queues are set up',
    note: 'rte_ethdev.h gives the order rte_eth_dev_configure(), queue set-up, rte_eth_dev_start(), each a call of its own that may fail and be repeated. The interrupt of a migration is on from the probe, so a host may move the guest between any two of them.',
    timeLimitMs: 60_000,
    run: async (t) => {
      for (const ready of t.can('queue-set-up-apart') ? [1, 0] : [0]) {
        const running = await t.probed({ nic: movable() });
        const { nic, port } = running;
        await t.must('configure', port.configure({ rxQueues: QUEUES, txQueues: QUEUES }));
        await leaveUnready(t, running, ready);
        await expectDetached(t, nic);
        nic.replaceHost(otherHost(t, nic));
        await expectAttached(t, nic);
        for (let queue = ready; queue < QUEUES; queue++)
          t.expect.success(`set-up of receive queue ${queue}`, await port.setUpRxQueue(queue, POOL));
        for (let queue = 0; queue < QUEUES; queue++)
          t.expect.success(`set-up of transmit queue ${queue}`, await port.setUpTxQueue(queue));
        t.expect.success('start', await port.start());
        await expectBothQueues(t, running);
      }
    },
  }),
];

async function expectBothQueues(t: ClauseContext, { nic, port }: Running): Promise<void> {
  for (let flow = 0; flow < 40; flow++) nic.deliver(t.flowFrameTo(nic, 100, flow));
  const counts = [(await t.drain(port, 0)).length, (await t.drain(port, 1)).length];
  t.expect.equal('packets of both queues', counts[0]! + counts[1]!, 40);
  for (const [queue, count] of counts.entries()) {
    t.expect.atLeast(`packets of queue ${queue}`, count, 1);
    const frame = t.frameFrom(nic, 120);
    nic.taken();
    await t.sendAll(port, [{ bytes: frame }], queue);
    t.expect.frames(`sent on queue ${queue}`, nic.taken(), [frame]);
  }
}
