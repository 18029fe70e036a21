import { type Clause, clause } from '../clause';
import { Ledger } from './migrateLedger';
import { expectAttached, otherHost, requestsOf, startedMovable } from './migrateSteps';
import { REQ_SHUTDOWN } from '../../../shared/loops/layout';

const RESTARTS = 10;
const SIZES = [60, 1_500, 4_000];

/** Hosts that begin anew under a guest that has not let go. */
export const migrateRestartClauses: readonly Clause[] = [
  clause({
    id: 'migrate/56',
    title: 'a host that restarts again and again without a detach is taken for another host each time',
    level: 'SHOULD',
    section: '15',
    basis: 'reading',
    faults: ['M3'],
    needs: ['burst-choice'],
    goal: 'A guest outlives a host process that crashes',
    steps: [
      'leave packets on every ring, put new memory and a new layout behind the device, announce status 2; ten times',
      'look at ack and requests, and pass traffic after each',
      'compare the frames of all rounds with those that arrived and those that were counted',
    ],
    requirement:
      'An attached guest that finds other device info attaches anew; loss is counted, and nothing comes twice',
    host: 'wrong',
    note: 'A host that goes without a detach breaks section 15 itself. The driver can notice it all the same: the device info is another. net_avp acknowledges an attach without a detach and looks no further. migrate/10 has a single one.',
    timeLimitMs: 60_000,
    run: async (t) => {
      const running = await startedMovable(t);
      const { nic } = running;
      const ledger = new Ledger(t, running);
      for (let restart = 0; restart < RESTARTS; restart++) {
        await ledger.leaveOnRx(12, SIZES);
        nic.pause();
        await ledger.send(12, SIZES);
        nic.replaceHost(otherHost(t, nic));
        nic.resume();
        await expectAttached(t, nic);
        await ledger.collect();
        await ledger.expectBalanced(`restart ${restart + 1}`);
        await t.expectTraffic(running);
      }
      t.expect.equal('requests 4', requestsOf(nic, REQ_SHUTDOWN), 0);
    },
  }),
];
