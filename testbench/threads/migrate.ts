import type { PlainMigrationOptions } from '../api/bench';
import type { MigrationReport } from '../api/result';
import type { Crew, Remote } from './workerGroup';
import type { HostOperations, MigrationView } from './hostOperations';
import type { ThreadsInstance } from './instance';
import { movedSince } from './traffic/silence';

/** Each stage waits no longer than its acks may take; beyond all of them the host is stuck. */
const STAGES = 5;
const DEFAULT_ACK_TIMEOUT_MS = 3_000;
const MARGIN_MS = 10_000;
/** How long the first packet after a migration is waited for; longer means that none is sent. */
const FIRST_PACKET_LIMIT_MS = 200;

/** When an event of the timeline came to pass, the last of several. */
function momentOf({ timeline }: MigrationView, steps: readonly string[]): number | null {
  return timeline.findLast(({ step }) => steps.includes(step))?.atMs ?? null;
}

/** The longest silence at any port of an instance, or by the timeline where no packet comes to end it. */
async function downtime(crew: Crew, instance: ThreadsInstance, view: MigrationView): Promise<number> {
  const ports = instance.ports.filter(({ open }) => open);
  const begunMs = momentOf(view, ['started'])!;
  const endedMs = momentOf(view, ['acked']) ?? momentOf(view, ['ended'])!;
  const resumed = await crew.waitFor(
    () => ports.every((port) => movedSince(port.pulse(), endedMs)),
    FIRST_PACKET_LIMIT_MS,
  );
  if (!resumed) return endedMs - begunMs;
  return Math.max(0, ...ports.map((port) => port.pulse().longestMs));
}

/** Has the host move an instance, and waits for the end of that, however it comes. */
export async function migrate(
  crew: Crew,
  host: Remote<HostOperations>,
  instance: ThreadsInstance,
  to: string,
  options: PlainMigrationOptions,
): Promise<MigrationReport> {
  for (const port of instance.ports) if (port.open) port.restartPulse();
  const { from, number } = host.migrate(instance.name, to, options);
  const limitMs = STAGES * (options.ackTimeoutMs ?? DEFAULT_ACK_TIMEOUT_MS) + (options.moveMs ?? 0) + MARGIN_MS;
  let view = host.migration(number);
  const ended = await crew.waitFor(() => (view = host.migration(number)).done, limitMs);
  if (!ended) throw new Error(`the migration of '${instance.name}' to '${to}' does not end: its host is stuck`);
  const { outcome, cause, node, ringsAtDetach, lostByCause, timeline } = view;
  const downtimeMs = await downtime(crew, instance, view);
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
    timeline,
  };
}
