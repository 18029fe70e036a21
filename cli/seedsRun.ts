import { availableParallelism } from 'node:os';
import { Writable } from 'node:stream';
import { UsageError } from '../shared/errors';
import { visibleLine } from '../shared/visible';
import type { ScenarioOrder } from '../testbench/common/order';
import { launchScenario } from '../testbench/run/launch';
import { type FailedSeed, runSeeds, type SeedRange, type SeedsReport } from '../testbench/run/seeds';
import { STATUS_FINDINGS, STATUS_GOOD } from './command';
import type { Output } from './output';
import { Progress } from './progress';
import { Interruption } from './signals';

/** Limit on jobs by default. Each reserves gigabytes of address space. */
const MAX_DEFAULT_JOBS = 8;

/** Options of `avp run` that a run of many seeds uses or refuses. */
export interface SeedsFlags {
  readonly jobs?: number;
  readonly mode?: string;
  readonly pcap?: string;
  readonly trace?: string;
  readonly html?: string;
  readonly dump?: string;
  readonly bundle?: string;
  readonly operation?: number;
  readonly atMost?: number;
  readonly everyFault?: string;
  readonly quiet?: boolean;
}

/** @throws UsageError for options that belong to a single run, or to another kind of run. */
export function requireSeedsFit(flags: SeedsFlags): void {
  for (const name of ['pcap', 'trace', 'html', 'dump', 'bundle'] as const)
    if (flags[name] !== undefined) throw new UsageError(`--${name} is for one run: leave it out with --seeds`);
  for (const [option, value] of Object.entries({
    '--every-fault': flags.everyFault,
    '--operation': flags.operation,
    '--at-most': flags.atMost,
  }))
    if (value !== undefined) throw new UsageError(`${option} and --seeds: give one of them`);
}

/** Runs of mode threads would slow each other down, and their time is the real one. */
function defaultJobs({ mode }: SeedsFlags): number {
  return mode === 'threads' ? 1 : Math.min(availableParallelism(), MAX_DEFAULT_JOBS);
}

function failureLine({ seed, verdict, what, atMs }: FailedSeed, width: number): string {
  const at = atMs === null ? '' : ` at ${atMs.toFixed(1)} ms`;
  return `  ✘ seed ${String(seed).padEnd(width)}  ${verdict}${at}: ${visibleLine(what)}`;
}

function print(report: SeedsReport, replayOf: (seed: number) => string, output: Output): void {
  const { scenario, mode, engine, seeds, ran, failures, shortest } = report;
  const width = String(seeds.to).length;
  for (const failure of failures) output.finding(failureLine(failure, width));
  if (shortest !== null) output.finding(`    shortest replay: ${replayOf(shortest.seed)}`);
  const all = seeds.to - seeds.from + 1;
  const verdict = failures.length === 0 ? 'pass' : `${failures.length} of ${ran} seeds failed`;
  const cut = ran === all ? '' : `, ${all - ran} have not run`;
  const summary = `${scenario}: ${verdict}${cut} (seeds ${seeds.from}..${seeds.to}, mode ${mode}, engine ${engine})`;
  if (failures.length === 0) output.text(summary);
  else output.finding(summary);
}

/**
 * Carries out `avp run SCENARIO --seeds`.
 * @param replayOf builds the command that repeats the run with one seed.
 * @returns the exit status.
 */
export async function runManySeeds(
  order: ScenarioOrder,
  seeds: SeedRange,
  replayOf: (seed: number) => string,
  flags: SeedsFlags,
  output: Output,
): Promise<number> {
  const progress = new Progress(flags.quiet === true);
  const interruption = new Interruption();
  let failed = 0;
  const onRun = (seed: number, passed: boolean, done: number, all: number): void => {
    if (!passed) failed++;
    progress.showStage(`seed ${seed}`, { done, all, failed });
  };
  const onStart = (): void => {
    interruption.watch();
    output.begin();
  };
  let started = false;
  const launch = (one: ScenarioOrder): ReturnType<typeof launchScenario> => {
    const begin = started ? {} : { onStart };
    started = true;
    // The failures would be lost in the output of all the scripts.
    return launchScenario(one, silent(), { ...begin, stop: interruption.stop });
  };
  try {
    const { stop } = interruption;
    const jobs = flags.jobs ?? defaultJobs(flags);
    const report = await runSeeds(order, launch, { seeds, jobs, stop, onRun }).finally(() => progress.clear());
    const { by } = interruption;
    print(report, replayOf, output);
    const failures = report.failures.map((one) => ({ ...one, replay: replayOf(one.seed) }));
    const shortest = failures.find(({ seed }) => seed === report.shortest?.seed) ?? null;
    const ending = by === null ? { complete: true } : { complete: false, endedBy: by };
    output.json({ ...report, failures, shortest, ...ending });
    return failures.length === 0 ? STATUS_GOOD : STATUS_FINDINGS;
  } finally {
    interruption.unwatch();
  }
}

function silent(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
