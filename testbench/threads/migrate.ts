import type { PlainMigrationOptions } from '../api/bench';
import type { MigrationReport } from '../api/result';
import { lostFeaturesOf } from '../common/lostFeatures';
import type { HostOperations, MigrationView } from './hostOperations';
import type { ThreadsInstance } from './instance';
import { movedSince } from './traffic/silence';
import type { RemoteOperations, WorkerGroup } from './workerGroup';

/** Largest number of events in a migration that wait for an ack. A host that exceeds all their limits is stuck. */
const STAGES = 5;
const DEFAULT_ACK_TIMEOUT_MS = 3_000;
const MARGIN_MS = 10_000;
/** Time to wait for the first packet after a migration. After that nobody is sending. */
const FIRST_PACKET_LIMIT_MS = 200;

/** The time of the last event of one of these kinds, null where there was none. */
function lastTimeOf({ timeline }: MigrationView, steps: readonly string[]): number | null {
  return timeline.findLast(({ step }) => steps.includes(step))?.atMs ?? null;
}

/** Returns the longest silence at any port of an instance, or the time until the last ack if no packet ends it. */
async function downtime(workers: WorkerGroup, instance: ThreadsInstance, view: MigrationView): Promise<number> {
  const ports = instance.ports.filter(({ open }) => open);
  const startedMs = lastTimeOf(view, ['started'])!;
  const endedMs = lastTimeOf(view, ['acked']) ?? lastTimeOf(view, ['ended'])!;
  const resumed = await workers.waitFor(
    () => ports.every((port) => movedSince(port.silence(), endedMs)),
    FIRST_PACKET_LIMIT_MS,
  );
  if (!resumed) return endedMs - startedMs;
  return Math.max(0, ...ports.map((port) => port.silence().longestMs));
}

/** Migrates an instance and waits for the end, whatever the outcome. @throws UsageError; Error where the host is stuck. */
export async function migrate(
  workers: WorkerGroup,
  host: RemoteOperations<HostOperations>,
  instance: ThreadsInstance,
  to: string,
  options: PlainMigrationOptions,
): Promise<MigrationReport> {
  const before = instance.ports.filter(({ open }) => open).map((port) => [port, port.eventSequence()] as const);
  for (const [port] of before) port.resetSilence();
  const { from, number } = host.migrate(instance.name, to, options);
  const limitMs = STAGES * (options.ackTimeoutMs ?? DEFAULT_ACK_TIMEOUT_MS) + (options.moveMs ?? 0) + MARGIN_MS;
  let view = host.migration(number);
  const ended = await workers.waitFor(() => (view = host.migration(number)).done, limitMs);
  if (!ended) throw new Error(`the migration of '${instance.name}' to '${to}' does not end: its host is stuck`);
  const { outcome, cause, node, ringsAtDetach, lostByCause, timeline } = view;
  const downtimeMs = await downtime(workers, instance, view);
  return {
    instance: instance.name,
    from,
    to,
    outcome: outcome!,
    cause,
    node,
    downtimeMs,
    ringsAtDetach,
    lostByCause,
    lostFeatures: lostFeaturesOf(
      before
        .filter(([{ open }]) => open)
        .map(([port, sequence]) => ({ name: port.name, events: port.eventsSince(sequence) })),
    ),
    timeline,
  };
}
