import type { MigrationReport } from '../../api/result';
import type { TraceRecord } from './traceRecord';
import { traceMigration } from './migrationTrace';
import { TraceLog } from './traceLog';

const US_PER_MS = 1_000;

/** A note of one of several actors. */
export interface ActorEvent {
  readonly timeMs: number;
  readonly actor: string;
  readonly what: string;
}

/** Traces migrations that have ended, in any mode. Tracks carry the names of the NICs. */
export function traceReports(log: TraceLog, reports: readonly MigrationReport[]): void {
  const counts = new Map<string, number>();
  for (const { instance, from, to, timeline } of reports) {
    const number = (counts.get(instance) ?? 0) + 1;
    counts.set(instance, number);
    traceMigration(log, { number, instance, from, to, networkOf: (nic) => nic }, timeline);
  }
}

/** Traces the notes of the actors of a stepped run, each actor on a track of its own. */
export function traceActors(log: TraceLog, events: readonly ActorEvent[]): void {
  for (const { timeMs, actor, what } of events)
    log.instant({ process: 'stepped', thread: actor }, what, {}, timeMs * US_PER_MS);
}

/** The timeline of a run of which only the migration reports are known. @param nowMs end of the run. */
export function recordOfReports(reports: readonly MigrationReport[], nowMs: number): TraceRecord {
  const log = new TraceLog(() => nowMs * 1e6);
  traceReports(log, reports);
  return log.record();
}
