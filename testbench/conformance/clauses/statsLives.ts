import { type Clause, clause } from '../clause';
import type { ClauseContext, Running } from '../context';
import { deliverFlows } from './steps';

const FLOWS = 40;
const BYTES = 100;

/** Passes flows to all receive queues, and one frame from each transmit queue. */
async function passOnAll(t: ClauseContext, { nic, port }: Running, queues: number): Promise<void> {
  deliverFlows(t, nic, FLOWS, BYTES);
  let received = 0;
  for (let queue = 0; queue < queues; queue++) received += (await t.drain(port, queue)).length;
  t.expect.equal(`packets received on ${queues} queues`, received, FLOWS);
  for (let queue = 0; queue < queues; queue++) await t.sendAll(port, [{ bytes: t.frameFrom(nic, BYTES) }], queue);
}

/** Statistics over the changes in the life of a port. */
export const statsLifeClauses: readonly Clause[] = [
  clause({
    id: 'stats/7',
    title: 'statistics go on over stop, start and a change of queue counts',
    level: 'SHOULD',
    section: '13',
    basis: 'reading',
    goal: 'Whoever watches totals sees them rise only, until somebody resets them',
    steps: [
      'pass traffic on 4 queues a direction, stop, read',
      'start and read',
      'stop, configure 2 queues, set them up, read; start, read',
      'pass traffic and read',
    ],
    requirement: 'The totals of a port fall only by a reset; the entries are those of the configured queues',
    note: 'ethdev documents "total number of successfully received packets" and one call that sets it back, rte_eth_stats_reset(). That a queue which is set up anew, or is no longer configured, leaves its share in the totals is a reading: drivers of ethdev do both.',
    run: async (t) => {
      const running = await t.started({ rxQueues: 4, txQueues: 4 });
      const { port } = running;
      const totals = async (): Promise<unknown> => {
        const { rx, tx } = await port.stats();
        return { received: rx.packets, receivedBytes: rx.bytes, sent: tx.packets, sentBytes: tx.bytes };
      };
      const wanted = (received: number, sent: number): unknown => ({
        received,
        receivedBytes: received * BYTES,
        sent,
        sentBytes: sent * BYTES,
      });
      await passOnAll(t, running, 4);
      await t.must('stop', port.stop());
      t.expect.equal('totals after stop', await totals(), wanted(FLOWS, 4));
      await t.must('start', port.start());
      t.expect.equal('totals after start', await totals(), wanted(FLOWS, 4));
      await t.must('stop', port.stop());
      await t.configure(port, { rxQueues: 2, txQueues: 2 });
      t.expect.equal('totals after the change to 2 queues', await totals(), wanted(FLOWS, 4));
      await t.must('start', port.start());
      t.expect.equal('totals after a start with 2 queues', await totals(), wanted(FLOWS, 4));
      await passOnAll(t, running, 2);
      t.expect.equal('totals after more traffic', await totals(), wanted(2 * FLOWS, 6));
      const { rxQueues, txQueues } = await port.stats();
      t.expect.equal('entries', [rxQueues.length, txQueues.length], [2, 2]);
    },
  }),
];
