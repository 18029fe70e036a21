import type { MigrationEvent } from '../../../emulator';
import type { TraceArgs, Track } from './traceRecord';
import type { OpenSpan, TraceLog } from './traceLog';

const US_PER_MS = 1_000;

/** Steps of a NIC that begin a detach or an attach, with the name of the span. */
const BEGINS: Readonly<Record<string, string>> = { 'detach-event': 'detach', 'attach-event': 'attach' };
/** Steps of a NIC that end a detach or an attach. */
const ENDS: ReadonlySet<string> = new Set(['acked', 'refused', 'not-driven', 'timed-out']);

/** A migration as plain data. */
export interface TracedMigration {
  /** Number among those of the instance, from 1. */
  readonly number: number;
  readonly instance: string;
  readonly from: string;
  readonly to: string;
  /** Returns the network of a NIC by name. */
  readonly networkOf: (nic: string) => string;
}

/**
 * Traces one migration. The guest's track `migration` gets a span for the whole and one for the move;
 * the tracks of the NICs get a span for each detach and attach, including those that fail.
 */
export class MigrationTrace {
  private readonly nics = new Map<string, OpenSpan>();
  private whole: OpenSpan | null = null;
  private move: OpenSpan | null = null;
  private taken = 0;

  constructor(
    private readonly log: TraceLog,
    private readonly migration: TracedMigration,
  ) {}

  private track(thread: string): Track {
    return { process: `guest ${this.migration.instance}`, thread };
  }

  /** Traces the new events. @param timeline all events so far */
  feed(timeline: readonly MigrationEvent[]): void {
    for (const event of timeline.slice(this.taken)) {
      const atUs = event.atMs * US_PER_MS;
      if (event.nic === null) this.ofInstance(event, atUs);
      else this.ofNic(event.nic, event, atUs);
    }
    this.taken = timeline.length;
  }

  private ofInstance({ step, detail }: MigrationEvent, atUs: number): void {
    const { number, from, to } = this.migration;
    const track = this.track('migration');
    if (step === 'started') this.whole = this.log.begin(track, `migration ${number}: ${from} -> ${to}`, {}, atUs);
    else if (step === 'disconnected') this.move = this.log.begin(track, 'moving', { left: detail }, atUs);
    else this.log.instant(track, step, { detail }, atUs);
    if (step === 'connected' || step === 'ended') {
      this.move?.end({ [step]: detail }, atUs);
      this.move = null;
    }
    if (step === 'ended') this.close({ ended: detail }, atUs);
  }

  private ofNic(nic: string, { step, detail }: MigrationEvent, atUs: number): void {
    const track = this.track(`${this.migration.networkOf(nic)} migration`);
    const begun = BEGINS[step];
    if (begun !== undefined) {
      this.endNic(nic, { result: 'superseded' }, atUs);
      this.nics.set(nic, this.log.begin(track, begun, { nic, event: detail }, atUs));
    } else if (ENDS.has(step)) this.endNic(nic, { result: step, detail }, atUs);
    else this.log.instant(track, step, { detail }, atUs);
  }

  private endNic(nic: string, args: TraceArgs, atUs: number): void {
    this.nics.get(nic)?.end(args, atUs);
    this.nics.delete(nic);
  }

  private close(args: TraceArgs, atUs: number): void {
    for (const nic of [...this.nics.keys()]) this.endNic(nic, { result: 'none', ...args }, atUs);
    this.whole?.end(args, atUs);
  }
}

/** Traces a migration that has ended. */
export function traceMigration(log: TraceLog, migration: TracedMigration, timeline: readonly MigrationEvent[]): void {
  new MigrationTrace(log, migration).feed(timeline);
}
