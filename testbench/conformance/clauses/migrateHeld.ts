import { type Clause, clause } from '../clause';
import type { HeldBurst } from '../../targets/host';
import type { ClauseContext, Running } from '../context';
import { ACK_DETACHED, awaitAck, expectAttached, otherHost, ringIndices, startedMovable } from './migrateSteps';

/** More than one burst of 32, with long frames, so that the detach hits the middle of a burst. */
const FRAMES = 45;
const FRAME_BYTES = 4_000;
/** Number of attempts. A guest with its own CPU may rarely be stopped between two bursts, which shows nothing. */
const ROUNDS = 20;
/** Time for which the clause watches the rings after the burst has resumed. */
const WATCH_MS = 30;

/**
 * Detaches while a receive burst is held up.
 * @returns the ring indices at the moment the burst resumed, or null if it was never held up.
 */
async function detachUnderBurst(
  t: ClauseContext,
  { nic, port }: Running,
  until: HeldBurst['until'],
): Promise<string | null> {
  let rings: string | null = null;
  await t.host.detachUnderBurst(nic, {
    frames: Array.from({ length: FRAMES }, () => t.frameTo(nic, FRAME_BYTES)),
    burst: () => port.receive(0, 32),
    until,
    goesOn: (reached) => {
      if (reached) rings = ringIndices(nic);
    },
  });
  return rings;
}

/** The first line of the failure stays the same between runs, although other rings move each time. */
function expectRingsUnmoved(t: ClauseContext, { nic }: Running, when: string, before: string): void {
  const now = ringIndices(nic);
  t.expect.that(
    `indices of rings that the driver moved ${when}`,
    now === before,
    'none',
    `some; the run lists all indices\nwrite/read of each ring before: ${before}\nafterwards: ${now}`,
  );
}

/** Ends a round: moves the port to another host and drains it. */
async function finishRound(t: ClauseContext, { nic, port }: Running): Promise<void> {
  if ((await awaitAck(t, nic)) === ACK_DETACHED) {
    nic.replaceHost(otherHost(t, nic));
    await expectAttached(t, nic);
  }
  await t.settle();
  await t.drain(port);
}

/** Detaches while the thread that runs a burst has lost its CPU. */
export const migrateHeldClauses: readonly Clause[] = [
  clause({
    id: 'migrate/50',
    title: 'a burst that goes on after the answer to the shutdown touches no ring',
    level: 'SHOULD',
    section: '15',
    basis: 'reading',
    faults: ['M2'],
    needs: ['held-burst'],
    goal: 'With its answer the host gives the rings away',
    steps: [
      'stop a burst in its middle, with more packets on rx, and announce status 1',
      'let it go on when request 4 is answered, or where no answer comes while it stands',
      'compare the rings at ack 1 with those at the answer',
    ],
    requirement: 'The guest sends request 4 when no burst runs any more, and touches no ring after the answer',
    note: 'No source forbids rings between the answer to request 4 and the ack: the kernel driver puts buffers back on alloc there, and a host keeps the rings as they lie until the ack. At worst packets of that time are lost.',
    timeLimitMs: 60_000,
    run: async (t) => {
      const running = await startedMovable(t);
      for (let round = 0; round < 3; round++) {
        const rings = await detachUnderBurst(t, running, 'answer');
        await awaitAck(t, running.nic);
        if (rings !== null) expectRingsUnmoved(t, running, 'after the answer to request 4 and up to ack 1', rings);
        await finishRound(t, running);
      }
      await t.expectTraffic(running);
    },
  }),
  clause({
    id: 'migrate/51',
    title: 'a burst that stands still while its port detaches touches no ring afterwards',
    level: 'MUST',
    section: '15',
    basis: 'protocol',
    faults: ['M1'],
    needs: ['held-burst'],
    goal: 'However long a thread has no CPU, it works on no memory that was given away',
    steps: [
      'stop a burst in its middle, and announce status 1',
      'let it go on when ack 1 is there, or where none comes while it stands',
      'look at the rings: nothing may move after ack 1',
      'attach elsewhere, and do it again',
    ],
    requirement: 'Ack 1 is written only when no burst is running on any queue',
    note: 'Both released drivers mean to stop their bursts before ack 1. net_avp waits 1 ms and does not look whether they have stopped; the memory may move after the ack.',
    timeLimitMs: 60_000,
    run: async (t) => {
      const running = await startedMovable(t);
      for (let round = 0; round < ROUNDS; round++) {
        const rings = await detachUnderBurst(t, running, 'ack');
        await t.sleepMs(WATCH_MS);
        if (rings !== null) expectRingsUnmoved(t, running, 'after ack 1', rings);
        await finishRound(t, running);
      }
      await t.expectTraffic(running);
    },
  }),
];
