import { type Clause, clause } from '../clause';
import type { ClauseContext, Running } from '../context';
import { MIGRATION_ATTACHED } from '../../../shared/loops/layout';
import type { AvpNic, ResponseOverride } from '../../targets/host';
import { GuestKilled } from '../../targets/target';
import { SetUpFailed } from '../verdict';
import { expectNoBufferKept, leaveOnRx, probeAndStart } from './steps';
import { expectDetached, expectMoved, leaveOnTx, movable, otherHost } from './migrateSteps';

const FRAMES = 20;
/** Number of an access in the middle of a burst of several packets. */
const MIDDLE_ACCESS = 40;

/** Waits for a call on a guest that is killed meanwhile. Its result counts for nothing. */
async function endedByKill(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (!(error instanceof GuestKilled)) throw error;
  });
}

function framesTo(t: ClauseContext, nic: AvpNic): Uint8Array[] {
  return Array.from({ length: FRAMES }, () => t.frameTo(nic, 100));
}

/** Leaves packets on every ring, and kills the guest. */
async function killWithFullRings(t: ClauseContext, { nic, port }: Running): Promise<void> {
  const frames = Array.from({ length: FRAMES }, () => ({ bytes: t.frameFrom(nic, 100) }));
  await leaveOnTx(t, nic, () => port.send(0, frames));
  await leaveOnRx(t, { nic, port }, framesTo(t, nic));
  const { delivered } = nic.stats().toGuest;
  await port.kill();
  await t.settle();
  t.expect.equal('packets delivered to a guest that is dead', nic.stats().toGuest.delivered - delivered, 0);
}

/** Kills the guest in the middle of a burst, or while it polls. */
async function killInBurst(t: ClauseContext, { nic, port }: Running): Promise<void> {
  for (const frame of framesTo(t, nic)) nic.deliver(frame);
  if (t.can('turn-inside-burst')) {
    await t.settle();
    const cut = (): never => {
      throw new GuestKilled();
    };
    await t.host.insideBurst(nic, MIDDLE_ACCESS, () => endedByKill(port.receive(0, FRAMES)), cut);
  }
  await port.kill();
}

/** Kills the guest when the host has taken a request, which it answers so. */
async function killInRequest({ nic, port }: Running, answer: ResponseOverride): Promise<void> {
  const kills: Promise<void>[] = [];
  nic.answerNext(answer);
  nic.onRequest(() => {
    nic.onRequest(null);
    kills.push(port.kill());
  });
  try {
    await endedByKill(port.stop());
  } finally {
    nic.onRequest(null);
    await (kills[0] ?? port.kill());
  }
}

const LATE_MS = 100;

/** Kills the guest while its request waits for a refusal. The next guest waits when that would come. */
async function killBeforeRefusal(_t: ClauseContext, running: Running): Promise<void> {
  await killInRequest(running, { delayMs: LATE_MS, result: -22 });
  running.nic.answerNext({ delayMs: 2 * LATE_MS });
}

/** Kills the guest when it has let go of its host. Another host is there when it comes back. */
async function killWhileDetached(t: ClauseContext, { nic, port }: Running): Promise<void> {
  await expectDetached(t, nic);
  await port.kill();
  nic.replaceHost(otherHost(t, nic));
  nic.raiseMigration(MIGRATION_ATTACHED);
}

/** Brings the device up again. Nothing of its former guest may be a reason to refuse that. */
async function takenAgain(t: ClauseContext, nic: AvpNic, moment: string): Promise<Running> {
  try {
    return await probeAndStart(t, nic);
  } catch (error) {
    if (!(error instanceof SetUpFailed)) throw error;
    return t.expect.equal(`set-up, killed ${moment}`, error.message, 'success') as never;
  }
}

const MOMENTS: Readonly<Record<string, (t: ClauseContext, running: Running) => Promise<void>>> = {
  'while idle': (_t, { port }) => port.kill(),
  'with packets on every ring': killWithFullRings,
  'in a burst': killInBurst,
  'while a request is open': (_t, running) => killInRequest(running, { never: true }),
  'while a refusal is late': killBeforeRefusal,
  'while detached': killWhileDetached,
};

/** Guests that end without a word to their driver. */
export const hotplugKilledClauses: readonly Clause[] = [
  clause({
    id: 'hotplug/11',
    title: 'a guest that was killed takes its device again',
    level: 'MUST',
    section: '8',
    basis: 'protocol',
    needs: ['guest-death'],
    goal: 'Whatever the former process was doing, nothing of it is in the way of the next one',
    steps: [
      'kill the guest while it is idle, with packets on every ring, in a burst, while a request is open or its refusal late, and detached',
      'look at the interrupt mask, and at the packets that count as delivered',
      'let a new guest take the device; receive before anything is delivered, then pass traffic both ways',
      'look where the buffers are; kill it at the next of these moments; migrate the last one',
    ],
    requirement:
      'After the death of a guest a probe succeeds, no packet of the former life arrives, and the port works as a new one',
    note: 'The host knows that the guest has died: it has all its buffers back and its FIFOs are empty before the next guest comes (section 8). Nobody has told the driver, so it must begin with what the device shows, and must need no close or removal by its former life.',
    timeLimitMs: 240_000,
    run: async (t) => {
      let running = await t.started({ nic: movable() });
      const { nic } = running;
      await t.expectTraffic(running);
      for (const [moment, kill] of Object.entries(MOMENTS)) {
        await kill(t, running);
        await t.settle();
        nic.taken();
        t.expect.equal(`interrupt mask, killed ${moment}`, nic.interruptMask, 0);
        running = await takenAgain(t, nic, moment);
        t.expect.equal(`received at first, killed ${moment}`, (await t.drain(running.port)).length, 0);
        for (const bytes of [100, 3_000]) await t.expectTraffic(running, bytes);
        expectNoBufferKept(t, nic, `killed ${moment}: `);
      }
      await expectMoved(t, nic, otherHost(t, nic));
      await t.expectTraffic(running);
    },
  }),
];
