import type { Random } from '../../shared/random';
import type { Bench } from '../api/bench';
import type { MigrationReport } from '../api/result';
import type { ScenarioContext } from '../common/context';
import type { TrafficOutcome } from '../common/outcome';
import type { RunRecords } from '../common/records';
import type { BenchParts, LocalBench } from '../common/runHere';
import { traceActors, traceReports } from '../evidence/trace/reportTrace';
import { expectAccounts } from '../traffic/totals';
import type { SteppedMigration, SteppedMigrationOptions } from '../explore/avp/steppedMigration';

/** The bench of mode stepped: whole runs, each with nodes of its own, in threads of which only one runs at a time. */
export class SteppedBench implements Pick<Bench, 'seed' | 'random' | 'setting' | 'expect'>, LocalBench {
  private readonly context: ScenarioContext;
  private readonly records: RunRecords;
  private readonly runs: SteppedMigration[] = [];

  constructor({ context, records }: BenchParts) {
    this.context = context;
    this.records = records;
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

  expect(what: string, actual: unknown, ...given: readonly [wanted?: unknown]): void {
    this.context.expect(what, actual, given);
  }

  /**
   * Migrates an instance between two hosts with different memory layouts while one burst is held up.
   * @throws UsageError for a driver or a schedule that does not fit.
   */
  async migration(options: Omit<SteppedMigrationOptions, 'seed'>): Promise<SteppedMigration> {
    // Loaded late, because it brings the watched memory.
    const { steppedMigration } =
      require('../explore/avp/steppedMigration') as typeof import('../explore/avp/steppedMigration');
    const run = await steppedMigration({ ...options, seed: this.seed });
    this.runs.push(run);
    const trace = this.records.evidence?.trace ?? null;
    if (trace !== null) {
      traceActors(trace, run.events);
      traceReports(trace, run.migration === null ? [] : [run.migration]);
    }
    return run;
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
