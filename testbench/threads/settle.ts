import type { HostOperations } from './hostOperations';
import type { ThreadsPort } from './port';
import type { RemoteOperations, WorkerGroup } from './workerGroup';

const LIMIT_MS = 60_000;
/** Unchanged snapshots in a row after which traffic has settled. Every thread makes a round between two of them. */
const QUIET_SNAPSHOTS = 3;

/** State of all threads at one time. */
interface Snapshot {
  /** Rounds of each thread. */
  readonly rounds: readonly number[];
  /** Counts that change whenever a frame moves. */
  readonly moved: readonly number[];
  /** Reason why traffic has not settled, null if there is none. */
  readonly busy: string | null;
}

function takeSnapshot(host: RemoteOperations<HostOperations>, ports: readonly ThreadsPort[]): Snapshot {
  const progress = host.progress();
  const counts = ports.map((port) => ({ name: port.name, counts: port.counts() }));
  const all = counts.flatMap((one) => one.counts);
  const pending = counts.find((one) => one.counts.some((count) => count.pending > 0));
  let busy: string | null = null;
  if (progress.migrations > 0) busy = 'a migration is under way';
  else if (progress.waiting > 0) busy = `${progress.waiting} frames are on rings`;
  else if (pending !== undefined) busy = `${pending.name} has frames that its driver does not take`;
  return {
    rounds: [progress.rounds, ...all.map(({ rounds }) => rounds)],
    moved: [progress.activity, ...all.flatMap(({ received, offered }) => [received, offered])],
    busy,
  };
}

function isQuiet(before: Snapshot | null, now: Snapshot): boolean {
  if (before === null || before.busy !== null || now.busy !== null) return false;
  return before.moved.every((count, index) => count === now.moved[index]);
}

/**
 * Returns once no frame moves any more: nothing waits and no count changes in several snapshots, between each two of
 * which every thread has made a whole round.
 * @throws Error where traffic does not settle in 60 s; the error that ended a thread.
 */
export async function settle(
  workers: WorkerGroup,
  host: RemoteOperations<HostOperations>,
  ports: readonly ThreadsPort[],
): Promise<void> {
  const snapshots = { last: null as Snapshot | null, quiet: 0 };
  const settled = await workers.waitFor(() => {
    const now = takeSnapshot(host, ports);
    const { last } = snapshots;
    // A round may have begun before the last snapshot: a thread has made a whole one only after two.
    if (last?.rounds.some((count, index) => now.rounds[index]! <= count + 1) === true) return false;
    snapshots.quiet = isQuiet(last, now) ? snapshots.quiet + 1 : 0;
    snapshots.last = now;
    return snapshots.quiet === QUIET_SNAPSHOTS;
  }, LIMIT_MS);
  const why = snapshots.last?.busy ?? 'frames keep moving';
  if (!settled) throw new Error(`traffic does not come to rest in ${LIMIT_MS / 1_000} s: ${why}`);
}
