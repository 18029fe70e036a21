import type { MigrationReport } from '../../api/result';
import type { TraceRecord } from './traceRecord';
import { traceMigration } from './migrationTrace';
import { TraceLog } from './traceLog';

const US_PER_MS = 1_000;

/** Something that one of several threads did. */
export interface ActorEvent {
  readonly timeMs: number;
  readonly actor: string;
  readonly what: string;
}

/** Shows migrations that have ended, of whichever mode: NICs go by their own names. */
export function traceReports(log: TraceLog, reports: readonly MigrationReport[]): void {
  const counts = new Map<string, number>();
  for (const { instance, from, to, timeline } of reports) {
    const number = (counts.get(instance) ?? 0) + 1;
    counts.set(instance, number);
    traceMigration(log, { number, instance, from, to, networkOf: (nic) => nic }, timeline);
  }
}

/** Shows what the actors of a stepped run did, each on a track of its own. */
export function traceActors(log: TraceLog, events: readonly ActorEvent[]): void {
  for (const { timeMs, actor, what } of events)
    log.instant({ process: 'stepped', thread: actor }, what, {}, timeMs * US_PER_MS);
}

/** The timeline of a run of which only the reports are known. @param nowMs its end. */
export function recordOfReports(reports: readonly MigrationReport[], nowMs: number): TraceRecord {
  const log = new TraceLog(() => nowMs * 1e6);
  traceReports(log, reports);
  return log.record();
}
