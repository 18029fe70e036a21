import { REQ_CONFIG, REQ_SHUTDOWN } from '../../../shared/loops/layout';
import { type Clause, clause } from '../clause';
import { Ledger } from './migrateLedger';
import {
  ACK_ATTACHED,
  ACK_DETACHED,
  ACK_FAILED,
  expectAttached,
  expectDetached,
  expectMoved,
  NO_ACK,
  otherHost,
  raiseAndAwaitAck,
  requestsOf,
  startedMovable,
} from './migrateSteps';
import { goOn } from './steps';

/** Frame sizes that fit one packet buffer of every host used here. */
const SMALL = [64, 500, 900];

/** Migration events that are repeated, merged or meaningless. */
export const migrateEventClauses: readonly Clause[] = [
  clause({
    id: 'migrate/6',
    title: 'detached twice is acked twice, with one request 4',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    goal: 'A repeated event changes nothing',
    steps: ['detach', 'announce status 1 again', 'attach', 'pass traffic'],
    requirement: 'A guest that is already detached writes ack 1 to another detach',
    run: async (t) => {
      const running = await startedMovable(t);
      const { nic } = running;
      await expectDetached(t, nic);
      t.expect.equal('ack of the second event', await raiseAndAwaitAck(t, nic, 1), ACK_DETACHED);
      t.expect.equal('requests 4', requestsOf(nic, REQ_SHUTDOWN), 1);
      nic.replaceHost(otherHost(t, nic));
      await expectAttached(t, nic);
      await t.expectTraffic(running);
    },
  }),
  clause({
    id: 'migrate/7',
    title: 'attached while attached changes nothing',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    faults: ['M11'],
    goal: 'A repeated event costs no packet',
    steps: ['migrate', 'leave packets on the rings', 'announce status 2 three times more', 'collect the packets'],
    requirement: 'A guest that is not detached and knows the device info writes ack 2, and nothing else changes',
    note: 'Both released drivers write ack 2. The kernel driver sends request 3 once more, net_avp sends nothing.',
    run: async (t) => {
      const running = await startedMovable(t);
      const { nic } = running;
      await expectMoved(t, nic, otherHost(t, nic));
      const ledger = new Ledger(t, running);
      await ledger.leaveOnRx(12, SMALL);
      const before = nic.requests.length;
      for (let round = 0; round < 3; round++) t.expect.equal('ack', await raiseAndAwaitAck(t, nic, 2), ACK_ATTACHED);
      t.expect.equal('requests', nic.requests.length - before, 0);
      await goOn(t, running);
      await ledger.collect();
      t.expect.equal('packets that arrived', ledger.arrived.toGuest, 12);
      await ledger.expectBalanced('attach repeated');
    },
  }),
  clause({
    id: 'migrate/8',
    title: 'an unknown migration status is refused',
    level: 'SHOULD',
    section: '15',
    basis: 'reading',
    goal: 'The host learns that the guest did nothing',
    steps: ['announce 0, 3, 7 and all ones', 'look at the ack', 'pass traffic'],
    requirement: 'Any other status value at the interrupt gets ack 3, and the port goes on as it is',
    note: 'net_avp writes 3 then; the kernel driver writes nothing.',
    run: async (t) => {
      const running = await startedMovable(t);
      for (const status of [0, 3, 7, 0xffff_ffff]) {
        t.expect.equal(`ack of status ${status}`, await raiseAndAwaitAck(t, running.nic, status), ACK_FAILED);
        await t.expectTraffic(running);
      }
      t.expect.equal('requests 4', requestsOf(running.nic, REQ_SHUTDOWN), 0);
    },
  }),
  clause({
    id: 'migrate/9',
    title: 'an interrupt of another cause is no migration',
    level: 'MUST',
    section: '3',
    basis: 'protocol',
    faults: ['C10'],
    goal: 'Only bit 1 of the status speaks of a migration',
    steps: [
      'set migration status 1 without an event',
      'raise other interrupt bits',
      'look for an ack',
      'raise the right one',
    ],
    requirement: 'Bits other than the migration bit are logged and nothing else',
    host: 'wrong',
    note: 'RTE_AVP_MIGRATION_INTERRUPT_MASK in the header of the device is bit 1 alone.',
    run: async (t) => {
      const running = await startedMovable(t);
      const { nic } = running;
      nic.setMigrationStatus(1);
      for (const bits of [1, 4, 0x8000_0000, 0xffff_fffd]) await nic.raiseInterrupt(bits);
      await t.sleepMs(50);
      t.expect.equal('ack', nic.migrationAck, NO_ACK);
      t.expect.equal('requests 4', requestsOf(nic, REQ_SHUTDOWN), 0);
      nic.setMigrationStatus(0);
      await t.expectTraffic(running);
      await expectDetached(t, nic);
    },
  }),
  clause({
    id: 'migrate/10',
    title: 'events that coalesce are served by the last status',
    level: 'SHOULD',
    section: '15',
    basis: 'reading',
    faults: ['M3'],
    goal: 'One interrupt may stand for a detach and an attach',
    steps: [
      'announce 1 and 2 before the guest can look, with the same host, then with another',
      'look at the ack and the requests',
      'pass traffic',
    ],
    requirement:
      'A guest that is not detached and finds other device info blocks and drains its bursts and attaches anew',
    host: 'wrong',
    note: 'A host that moves a guest which has not let go breaks section 15 itself. The driver can notice it all the same: the device info is another.',
    run: async (t) => {
      const running = await startedMovable(t);
      const { nic } = running;
      nic.raiseMigration(1);
      t.expect.equal('ack, same host', await raiseAndAwaitAck(t, nic, 2), ACK_ATTACHED);
      t.expect.equal('requests 3, same host', requestsOf(nic, REQ_CONFIG), 1);
      await t.expectTraffic(running);
      nic.raiseMigration(1);
      nic.replaceHost(otherHost(t, nic));
      await expectAttached(t, nic);
      await t.expectTraffic(running);
      t.expect.equal('requests 4', requestsOf(nic, REQ_SHUTDOWN), 0);
    },
  }),
  clause({
    id: 'migrate/11',
    title: 'a missed detach is made up for at the attach',
    level: 'SHOULD',
    section: '15',
    basis: 'reading',
    faults: ['M3'],
    goal: 'No address of the former host stays in use',
    steps: [
      'refuse request 4 of a detach',
      'let another host take over all the same',
      'announce status 2',
      'pass traffic',
    ],
    requirement: 'After a detach that failed, an attach to another host renews every address',
    host: 'wrong',
    note: 'A host that moves a guest which has not let go breaks section 15 itself. The driver can notice it all the same: the device info is another.',
    run: async (t) => {
      const running = await startedMovable(t);
      const { nic } = running;
      nic.answerNext({ result: -16 });
      t.expect.equal('ack of the detach', await raiseAndAwaitAck(t, nic, 1), ACK_FAILED);
      nic.replaceHost(otherHost(t, nic));
      await expectAttached(t, nic);
      await t.settle();
      await t.expectTraffic(running);
      const ledger = new Ledger(t, running);
      await ledger.deliver(30, SMALL);
      await ledger.send(30, SMALL);
      await ledger.collect();
      t.expect.equal('frames lost', ledger.lost, { toGuest: 0, fromGuest: 0 });
      await ledger.expectBalanced('after the attach');
    },
  }),
];
