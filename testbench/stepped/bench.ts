import type { VirtualClock } from '../../shared/clock';
import type { Random } from '../../shared/random';
import type { Bench } from '../api/bench';
import type { Expect } from '../api/expect';
import type { MigrationReport } from '../api/result';
import type { ScenarioContext } from '../common/context';
import { expecting } from '../common/expecting';
import type { MemoryMoment, TrafficOutcome } from '../common/outcome';
import type { RunRecords } from '../common/records';
import type { BenchParts, LocalBench } from '../common/runHere';
import { traceActors, traceReports } from '../evidence/trace/reportTrace';
import { expectAccounts } from '../traffic/totals';
import type { SteppedMigration, SteppedMigrationOptions } from '../explore/avp/steppedMigration';
import type { SteppedEvidence } from '../explore/avp/types';

/** The bench of mode stepped: whole runs, each with nodes of its own, in threads of which only one runs at a time. */
export class SteppedBench implements Pick<Bench, 'seed' | 'random' | 'setting' | 'expect'>, LocalBench {
  readonly expect: Expect;
  private readonly context: ScenarioContext;
  private readonly records: RunRecords;
  private readonly clock: VirtualClock;
  private readonly runs: SteppedMigration[] = [];
  /** Memory of the run in which the scenario failed; of the last one before that. */
  private kept: MemoryMoment | null = null;

  constructor({ context, records, clock }: BenchParts) {
    this.context = context;
    this.expect = expecting(context);
    this.records = records;
    this.clock = clock;
  }

  get seed(): number {
    return this.context.seed;
  }

  get random(): Random {
    return this.context.random;
  }

  setting(key: string): string {
    return this.context.setting(key);
  }

  /**
   * Migrates an instance between two hosts with different memory layouts while one burst is held up.
   * @throws UsageError for a driver or a schedule that does not fit.
   */
  async migration(options: Omit<SteppedMigrationOptions, 'seed'>): Promise<SteppedMigration> {
    // Loaded late, because it brings the watched memory.
    const { steppedMigration } =
      require('../explore/avp/steppedMigration') as typeof import('../explore/avp/steppedMigration');
    let evidence: SteppedEvidence | null = null;
    const run = await steppedMigration({ ...options, seed: this.seed }, null, (kept) => (evidence = kept));
    this.runs.push(run);
    this.keep(run, evidence!);
    return run;
  }

  /** Adds a run to the records. The bench's time goes on by that of the run, so that one run follows the other. */
  private keep({ events, migration }: SteppedMigration, { pcap, memory }: SteppedEvidence): void {
    const startMs = this.clock.nowMs();
    const { evidence } = this.records;
    if (evidence?.trace) {
      traceActors(evidence.trace, events);
      traceReports(evidence.trace, migration === null ? [] : [migration]);
    }
    for (const { timeMs, actor, what } of events)
      evidence?.log.event(
        actor === 'host' ? 'host' : 'guest',
        null,
        `${actor} ${what}`,
        null,
        (startMs + timeMs) * 1e6,
      );
    this.clock.sleepMs(memory.atMs);
    // Later runs do not explain the failure.
    if (this.context.failed) return;
    this.records.replacePackets(pcap);
    this.kept = { image: memory.image, atMs: this.clock.nowMs() };
  }

  memory(): MemoryMoment | null {
    return this.kept;
  }

  /** Migrations of the runs that came to their end. */
  get migrations(): MigrationReport[] {
    return this.runs.flatMap(({ migration }) => migration ?? []);
  }

  outcome(): TrafficOutcome {
    return { ports: this.runs.flatMap(({ ports }) => ports) };
  }

  async conclude(): Promise<void> {
    expectAccounts(this, this.outcome().ports);
  }

  close(): void {
    this.records.stop();
  }
}
