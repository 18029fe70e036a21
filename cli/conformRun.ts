import { availableParallelism } from 'node:os';
import type { Engine } from '../shared/engine';
import type { Bundle } from '../testbench/evidence/bundle/bundle';
import { bundleClauses } from '../testbench/conformance/bundle';
import type { Basis, Clause } from '../testbench/conformance/clause';
import { ConsoleReport } from '../testbench/conformance/reports/console';
import { BAIL, countsAgainst, type RunReport, type Unfinished } from '../testbench/conformance/report';
import { type ClauseResult, runClauses } from '../testbench/conformance/runner';
import type { Shard } from '../testbench/conformance/select';
import { REPORT_LIMITS } from '../testbench/evidence/wireLog';
import { toolVersion } from '../testbench/runtime/package';
import type { CommonOptions, Output } from './output';
import { Progress, type Stage } from './progress';
import type { Interruption } from './signals';
import type { TargetOptions, TargetRun } from './targetRuns';

/** Options of `avp conform`. */
export interface ConformOptions extends TargetOptions {
  readonly list?: boolean;
  readonly engine?: Engine;
  readonly exclude?: readonly string[];
  readonly basis?: readonly Basis[];
  readonly lastFailed?: boolean;
  readonly shard?: Shard;
  readonly strict?: boolean;
  readonly bail?: boolean;
  readonly jobs?: number;
  readonly repeat: number;
  readonly junit?: string;
  readonly html?: string;
  readonly bundle?: string;
}

/** Returns how driver and host run. Clauses watch memory unless they are told not to. */
export function engineOf({ engine = 'ts' }: ConformOptions): Engine {
  return engine;
}

/** Limit on jobs by default. Each takes a few hundred megabytes, testpmd included. */
const MAX_DEFAULT_JOBS = 8;

/** Returns one job for every two CPUs: the C driver polls on one, and its host runs on the other. */
function defaultJobs(): number {
  return Math.min(Math.max(1, Math.floor(availableParallelism() / 2)), MAX_DEFAULT_JOBS);
}

/** A run on all targets. Keeps its reports, and the reason for an early end. */
export class ConformRun {
  readonly reports: RunReport[] = [];
  /** The first error of the bench itself; null for none. */
  failure: { readonly error: unknown } | null = null;

  constructor(
    private readonly clauses: readonly Clause[],
    private readonly options: ConformOptions & CommonOptions,
    private readonly output: Output,
    private readonly interruption: Interruption,
  ) {}

  /** Runs the clauses on all targets, one after another. Under `--bail`, stops after the first target with findings. */
  async onAll(targets: readonly TargetRun[], bundle: Bundle | null): Promise<void> {
    const { options, output } = this;
    for (const one of targets) {
      if (options.target.length > 1) output.text(`\ntarget ${one.name}, ${one.version}`);
      const results = await this.onTarget(one, bundle);
      if (options.bail === true && results.some((result) => countsAgainst(result, options.strict === true))) break;
    }
    for (const { name } of targets.slice(this.reports.length))
      output.text(`\nstopped by --bail: target ${name} has not run`);
  }

  /** Runs the clauses on one target and adds its report. */
  private async onTarget(one: TargetRun, bundle: Bundle | null): Promise<readonly ClauseResult[]> {
    const { target, name, version, peer, book } = one;
    const startedAt = new Date();
    const results: ClauseResult[] = [];
    // After an interruption nothing more runs, and the report says so.
    if (!this.hasEnded) await this.keepFailure(() => this.runClauses(one, results));
    const report: RunReport = {
      target: { name, version },
      toolVersion: toolVersion(),
      seed: this.options.seed,
      engine: engineOf(this.options),
      startedAt: startedAt.toISOString(),
      durationMs: Date.now() - startedAt.getTime(),
      results,
      waivers: this.options.waivers === undefined ? null : book.report(),
    };
    if (bundle !== null && !this.hasEnded) {
      const settings = {
        target,
        peer,
        engine: engineOf(this.options),
        print: this.output.stream,
        stop: this.interruption.stop,
      };
      await this.keepFailure(() => this.bundle(bundle, report, results, settings));
    }
    this.reports.push({ ...report, unfinished: this.unfinished(results) });
    return results;
  }

  private async bundle(...[bundle, ...rest]: Parameters<typeof bundleClauses>): Promise<void> {
    try {
      for (const folder of await bundleClauses(bundle, ...rest)) this.output.text(`bundle: ${folder}`);
    } catch (error) {
      this.output.postpone(error);
    }
  }

  private get hasEnded(): boolean {
    return this.interruption.by !== null || this.failure !== null;
  }

  /** Carries on with the reports if the bench fails. `failure` is thrown once they are written. */
  private async keepFailure(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.failure = { error };
    }
  }

  private unfinished(results: readonly ClauseResult[]): Unfinished | undefined {
    const notRun = this.clauses.filter((clause) => !results.some((result) => result.clause === clause));
    if (this.interruption.by !== null) return { endedBy: this.interruption.by, notRun };
    if (this.failure !== null) return { endedBy: 'an internal error', notRun };
    return notRun.length > 0 ? { endedBy: BAIL, notRun } : undefined;
  }

  private stageOf(results: readonly ClauseResult[]): Stage {
    const failed = results.filter((result) => countsAgainst(result, this.options.strict === true)).length;
    return { done: results.length, all: this.clauses.length, failed };
  }

  private async runClauses({ target, name, peer, book }: TargetRun, results: ClauseResult[]): Promise<void> {
    const { clauses, options, output } = this;
    const progress = new Progress(options.quiet === true);
    const report = new ConsoleReport(output.color);
    await runClauses(clauses, {
      ...options,
      target,
      peer,
      jobs: options.jobs ?? defaultJobs(),
      bail: options.bail === true,
      print: output.stream,
      wire: options.html === undefined ? null : REPORT_LIMITS,
      stop: this.interruption.stop,
      judge: (result) => book.judge(result),
      onStart: (clause) => progress.showStage(`${name} ${clause.id}`, this.stageOf(results)),
      onResult: (result) => {
        results.push(result);
        progress.clear();
        output.text(report.line(result));
      },
    }).finally(() => progress.clear());
    if (results.length < clauses.length && this.interruption.by === null)
      output.text(`\nstopped by --bail: ${clauses.length - results.length} of ${clauses.length} clauses have not run`);
  }
}
