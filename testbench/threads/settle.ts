import type { Crew, Remote } from './workerGroup';
import type { HostOperations } from './hostOperations';
import type { ThreadsPort } from './port';

const LIMIT_MS = 60_000;
/** Looks without a change, in each of which every thread has made a round, after which all is taken to be at rest. */
const QUIET_LOOKS = 3;

/** What the threads have done so far, and whether one of them has something to do still. */
interface Look {
  readonly rounds: readonly number[];
  readonly moved: readonly number[];
  readonly busy: string | null;
}

function look(host: Remote<HostOperations>, ports: readonly ThreadsPort[]): Look {
  const pulse = host.pulse();
  const counts = ports.map((port) => ({ name: port.name, counts: port.counts() }));
  const all = counts.flatMap((one) => one.counts);
  const pending = counts.find((one) => one.counts.some((count) => count.pending > 0));
  let busy: string | null = null;
  if (pulse.migrations > 0) busy = 'a migration is under way';
  else if (pulse.waiting > 0) busy = `${pulse.waiting} frames are on rings`;
  else if (pending !== undefined) busy = `${pending.name} has frames that its driver does not take`;
  return {
    rounds: [pulse.rounds, ...all.map(({ rounds }) => rounds)],
    moved: [pulse.activity, ...all.flatMap(({ received, offered }) => [received, offered])],
    busy,
  };
}

function isQuiet(before: Look | null, now: Look): boolean {
  if (before === null || before.busy !== null || now.busy !== null) return false;
  return before.moved.every((count, index) => count === now.moved[index]);
}

/**
 * Returns once no frame moves any more: in several looks nothing waits and no count has changed,
 * and between each two of them every thread has looked for work itself.
 * @throws Error where that does not come to pass, and what ended a thread.
 */
export async function settle(crew: Crew, host: Remote<HostOperations>, ports: readonly ThreadsPort[]): Promise<void> {
  let before: Look | null = null;
  let quiet = 0;
  const settled = await crew.waitFor(() => {
    const now = look(host, ports);
    const former = before;
    if (former?.rounds.some((count, index) => now.rounds[index]! <= count + 1) === true) return false;
    quiet = isQuiet(former, now) ? quiet + 1 : 0;
    before = now;
    return quiet === QUIET_LOOKS;
  }, LIMIT_MS);
  const why = (before as Look | null)?.busy ?? 'frames keep moving';
  if (!settled) throw new Error(`traffic does not come to rest in ${LIMIT_MS / 1_000} s: ${why}`);
}
