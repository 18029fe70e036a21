import { REQ_SHUTDOWN } from '../../../shared/loops/layout';
import { type Clause, clause } from '../clause';
import type { ClauseContext, Running } from '../context';
import { Ledger } from './migrateLedger';
import {
  ACK_DETACHED,
  ACK_FAILED,
  expectDetached,
  expectMigrationEvents,
  expectMoved,
  otherHost,
  raiseAndAwaitAck,
  requestsOf,
  startedMovable,
} from './migrateSteps';
import { expectNoBurst, expectRefused } from './steps';

const SIZES = [64, 400, 900];

/** Starts a ledger and leaves packets on the rings. */
async function ledgerWithLoad(t: ClauseContext, running: Running): Promise<Ledger> {
  const ledger = new Ledger(t, running);
  await ledger.deliver(20, SIZES);
  await t.settle();
  return ledger;
}

/** Checks that traffic continues and no frame was lost. */
async function expectUndisturbed(ledger: Ledger, t: ClauseContext, label: string): Promise<void> {
  // The host must see the ack before it carries traffic again.
  await t.settle();
  await ledger.send(10, SIZES);
  await ledger.deliver(10, SIZES);
  await ledger.collect();
  t.expect.equal(`${label}: frames lost`, ledger.lost, { toGuest: 0, fromGuest: 0 });
  await ledger.expectBalanced(label);
}

/** Detaches that fail on either side, and the state of the port afterwards. */
export const migrateRefusalClauses: readonly Clause[] = [
  clause({
    id: 'migrate/15',
    title: 'a shutdown that the host refuses ends the detach',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    faults: ['M3'],
    goal: 'A guest that is not let go stays a guest',
    steps: ['refuse request 4 of a detach', 'look at the ack', 'pass traffic', 'detach once more'],
    requirement: 'A refused shutdown is answered with ack 3, the detached flag is lowered, and traffic goes on',
    run: async (t) => {
      const running = await startedMovable(t);
      const ledger = await ledgerWithLoad(t, running);
      running.nic.answerNext({ result: -16 });
      t.expect.equal('ack', await raiseAndAwaitAck(t, running.nic, 1), ACK_FAILED);
      t.expect.equal('link', (await running.port.link()).up, true);
      await expectUndisturbed(ledger, t, 'refused');
      await expectMigrationEvents(t, running.port, ['migration-failed at detach']);
      await expectMoved(t, running.nic, otherHost(t, running.nic));
      await t.expectTraffic(running);
    },
  }),
  clause({
    id: 'migrate/16',
    title: 'a shutdown that is not answered in time ends the detach',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    goal: 'The host has carried it out and undoes it: the rings go on as they lie',
    steps: [
      'carry out request 4 of a detach without an answer',
      'look at the ack',
      'pass traffic',
      'send another request',
    ],
    requirement:
      'A shutdown that timed out counts as failed: ack 3; the host undoes it and goes on with the FIFOs as they lie',
    host: 'wrong',
    run: async (t) => {
      const running = await startedMovable(t);
      const ledger = await ledgerWithLoad(t, running);
      running.nic.answerNext({ never: true });
      t.expect.equal('ack', await raiseAndAwaitAck(t, running.nic, 1), ACK_FAILED);
      await expectUndisturbed(ledger, t, 'timed out');
      t.expect.success('stop', await running.port.stop());
      t.expect.success('start', await running.port.start());
      await t.expectTraffic(running);
    },
  }),
  clause({
    id: 'migrate/17',
    title: 'an answer that comes late is no answer to the next request',
    level: 'SHOULD',
    section: '8',
    basis: 'reading',
    goal: 'A request waits for the answer that is still owed',
    steps: [
      'answer request 4 of a detach only when the detach has failed: with the next request, or 300 ms later',
      'detach again at once, and refuse that 100 ms after it comes',
      'pass traffic',
      'migrate',
    ],
    requirement: 'After a timeout one answer is owed; the next request first waits for it',
    host: 'late',
    note: 'The channel has no sequence number, and what follows a timeout is documented nowhere: that one answer is owed then, and that the next request waits for it, is a rule of this project. Without it the late answer to the first shutdown passes for that of the second, and a detach that the host refused is confirmed.',
    run: async (t) => {
      const running = await startedMovable(t);
      const { nic } = running;
      nic.answerNext({ held: true }, { result: -1, delayMs: 100 });
      t.expect.equal('ack of the first', await raiseAndAwaitAck(t, nic, 1), ACK_FAILED);
      nic.answerLate();
      t.expect.equal('ack of the second', await raiseAndAwaitAck(t, nic, 1), ACK_FAILED);
      t.expect.equal('requests 4', requestsOf(nic, REQ_SHUTDOWN), 2);
      await t.expectTraffic(running);
      await expectMoved(t, nic, otherHost(t, nic));
      await t.expectTraffic(running);
    },
  }),
  clause({
    id: 'migrate/23',
    title: 'a device may vanish during a migration',
    level: 'MUST',
    section: '16',
    basis: 'safety',
    needs: ['surprise-removal'],
    goal: 'A surprise removal may come at any point of a migration',
    steps: [
      'take the device away while detached, and in the middle of request 4 and request 3',
      'use the port',
      'remove it',
      'run another',
    ],
    requirement: 'After a surprise removal bursts give 0, control fails, and nothing leaks',
    run: async (t) => {
      for (const moment of ['detached', 'request 4', 'request 3'] as const) {
        const { nic, port } = await startedMovable(t);
        const vanish = (): void => {
          nic.onRequest(null);
          nic.surpriseRemove();
        };
        if (moment === 'request 4') nic.onRequest(vanish);
        nic.raiseMigration(1);
        await t.sleepMs(1_200);
        if (moment === 'detached') nic.surpriseRemove();
        if (moment === 'request 3') {
          nic.replaceHost(otherHost(t, nic));
          nic.onRequest(vanish);
          nic.raiseMigration(2);
          await t.sleepMs(1_200);
        }
        await expectNoBurst(t, { nic, port }, `, ${moment}`);
        expectRefused(t, `stop, ${moment}`, await port.stop());
        await port.remove();
        if (t.can('mbuf-balance')) t.expect.equal(`mbufs in use, ${moment}`, await port.mbufsInUse(), 0);
      }
      await t.expectTraffic(await startedMovable(t));
    },
  }),
  clause({
    id: 'migrate/24',
    title: 'a burst that never ends refuses the detach in bounded time',
    level: 'SHOULD',
    section: '15',
    basis: 'reading',
    faults: ['M1'],
    needs: ['turn-inside-burst'],
    goal: 'The guest waits with a limit, and says so',
    steps: [
      'announce status 1 within a burst that stands for 3 seconds',
      'look at the ack when it goes on',
      'pass traffic',
      'detach',
    ],
    requirement: 'A burst that does not end within the limit refuses the detach with ack 3; the port goes on',
    note: 'No source sets a limit for a burst.',
    run: async (t) => {
      const running = await startedMovable(t);
      const { nic, port } = running;
      const ledger = await ledgerWithLoad(t, running);
      let ack = 0;
      await t.host.insideBurst(
        nic,
        4,
        () => ledger.collect(),
        () => {
          nic.raiseMigration(1);
          t.host.passMs(3_000);
          ack = nic.migrationAck;
        },
      );
      t.expect.equal('ack', ack, ACK_FAILED);
      await expectUndisturbed(ledger, t, 'after the burst');
      await expectMigrationEvents(t, port, ['migration-failed at detach']);
      await expectDetached(t, nic);
      t.expect.equal('ack', nic.migrationAck, ACK_DETACHED);
    },
  }),
];
