import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { Bundle } from '../../testbench/evidence/bundle/bundle';
import { bundleClauses } from '../../testbench/conformance/bundle';
import { BASES, type Basis, type Clause } from '../../testbench/conformance/clause';
import { ConsoleReport } from '../../testbench/conformance/reports/console';
import { clauseJson } from '../../testbench/conformance/reports/json';
import { BAIL, countsAgainst, type RunReport, type Unfinished } from '../../testbench/conformance/report';
import { type ClauseResult, runClauses } from '../../testbench/conformance/runner';
import type { Shard } from '../../testbench/conformance/select';
import { removePeerFolders } from '../../testbench/peers/dpdk/peerFolders';
import { DEFAULT_TARGET, releaseOf, TARGET_NAMES } from '../../testbench/targets/names';
import { REPORT_LIMITS } from '../../testbench/evidence/wireLog';
import { toolVersion } from '../../testbench/runtime/package';
import { makeCommand, STATUS_GOOD } from '../command';
import type { CommonOptions, Output } from '../output';
import { Progress } from '../progress';
import { writeComparison, writeReports } from '../reports';
import { selectForTargets } from '../selection';
import { beforeSignal, Interruption } from '../signals';
import { openRuns, type TargetOptions, type TargetRun } from '../targetRuns';
import { basesValue, countValue, jobsValue, listValue, plainFileValue, shardValue, targetsValue } from '../values';

interface ConformOptions extends TargetOptions {
  readonly list?: boolean;
  readonly exclude?: readonly string[];
  readonly basis?: readonly Basis[];
  readonly shard?: Shard;
  readonly strict?: boolean;
  readonly bail?: boolean;
  readonly jobs?: number;
  readonly repeat: number;
  readonly junit?: string;
  readonly html?: string;
  readonly bundle?: string;
}

/** Names of the targets that name a release, for the help text. */
const RELEASED = TARGET_NAMES.filter((name) => releaseOf(name) !== undefined)
  .map((name) => `'${name}'`)
  .join(', ');

type Options = ConformOptions & CommonOptions;

const BASIS_WIDTH = Math.max(...BASES.map(({ length }) => length));

function list(clauses: readonly Clause[], output: Output): number {
  for (const { id, level, basis, section, title, faults } of clauses)
    output.text(
      `${id.padEnd(12)} ${level.padEnd(6)} ${basis.padEnd(BASIS_WIDTH)} section ${section.padEnd(3)} ${title}${faults.length > 0 ? ` [${faults.join(' ')}]` : ''}`,
    );
  output.json({ clauses: clauses.map(clauseJson) });
  return STATUS_GOOD;
}

/** Limit on jobs by default. Each takes a few hundred megabytes, testpmd included. */
const MAX_DEFAULT_JOBS = 8;

/** Returns one job for every two CPUs: the C driver polls on one, and its host runs on the other. */
function defaultJobs(): number {
  return Math.min(Math.max(1, Math.floor(availableParallelism() / 2)), MAX_DEFAULT_JOBS);
}

/** The run of all targets: what ends it early, and what it has produced so far. */
class Run {
  readonly reports: RunReport[] = [];
  /** The first error of the bench itself; null for none. */
  failure: { readonly error: unknown } | null = null;

  constructor(
    private readonly clauses: readonly Clause[],
    private readonly options: Options,
    private readonly output: Output,
    private readonly interruption: Interruption,
  ) {}

  /** Runs the clauses on all targets, one after another. Under `--bail`, stops after the first target with findings. */
  async onAll(targets: readonly TargetRun[], bundle: Bundle | null): Promise<void> {
    const { options, output } = this;
    for (const one of targets) {
      if (options.target.length > 1) output.text(`\ntarget ${one.target}, ${one.version}`);
      const results = await this.onTarget(one, bundle);
      if (options.bail === true && results.some((result) => countsAgainst(result, options.strict === true))) break;
    }
    for (const { target } of targets.slice(this.reports.length))
      output.text(`\nstopped by --bail: target ${target} has not run`);
  }

  /** Runs the clauses on one target and adds its report. */
  private async onTarget(one: TargetRun, bundle: Bundle | null): Promise<readonly ClauseResult[]> {
    const { target, version, peer, book } = one;
    const startedAt = new Date();
    const results: ClauseResult[] = [];
    // After an interruption nothing more runs, and the report says so.
    if (!this.hasEnded) await this.keepFailure(() => this.runClauses(one, results));
    const report: RunReport = {
      target: { name: target, version },
      toolVersion: toolVersion(),
      seed: this.options.seed,
      startedAt: startedAt.toISOString(),
      durationMs: Date.now() - startedAt.getTime(),
      results,
      waivers: this.options.waivers === undefined ? null : book.report(),
    };
    if (bundle !== null && !this.hasEnded) {
      const settings = { target, peer, print: this.output.stream, stop: this.interruption.stop };
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

  private async runClauses({ target, peer, book }: TargetRun, results: ClauseResult[]): Promise<void> {
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
      onStart: (clause, index) => progress.show(`${target} ${index + 1}/${clauses.length} ${clause.id}`),
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

/** Prepares the targets. A signal ends that at once, and nothing has been written by then. */
async function prepare(options: Options): Promise<TargetRun[]> {
  // A signal ends the process without running `finally` blocks.
  const prepared = beforeSignal(removePeerFolders);
  return openRuns(options).finally(prepared);
}

async function conform(options: Options, output: Output, ids: readonly string[]): Promise<number> {
  const { exclude = [], basis = [], repeat, shard } = options;
  const { clauses, ofAllShards, leftOut } = selectForTargets(options, ids);
  if (options.list === true) return list(clauses, output);
  output.announce(options.junit, options.html);
  const bundle = options.bundle === undefined ? null : new Bundle(options.bundle);
  const targets = await prepare(options);
  const interruption = new Interruption();
  const run = new Run(clauses, options, output, interruption);
  interruption.watch();
  try {
    output.begin();
    bundle?.begin();
    if (leftOut > 0)
      output.text(`${leftOut} clauses are about a guest of the bench, not about a driver, and are left out`);
    await run.onAll(targets, bundle);
    const selection = {
      ids: [...ids],
      exclude: [...exclude],
      basis: [...basis],
      repeat,
      clauses: ofAllShards,
      shard: shard ?? null,
    };
    const status =
      targets.length > 1
        ? writeComparison(run.reports, selection, options, output)
        : writeReports(run.reports[0]!, selection, options, output);
    if (run.failure !== null) throw run.failure.error;
    return status;
  } finally {
    interruption.unwatch();
  }
}

/** `avp conform`: runs the conformance clauses against a driver. */
export function conformCommand(onStatus: (status: number) => void): Command {
  return makeCommand<ConformOptions>(
    {
      name: 'conform',
      about: 'Runs the conformance clauses against a driver',
      examples: [
        ['avp conform', 'all clauses'],
        ['avp conform rx/3 fifo --exclude fifo/2', 'one clause and a chapter without one of its clauses'],
        ['avp conform --list', 'what there is'],
        ['avp conform --basis protocol,ethdev', 'only rules that a source outside of this project states'],
        ['avp conform --json result.json --junit junit.xml', 'results for programs and for CI'],
        ['avp conform --html report.html', 'a page with every clause, its packets and events'],
        ['avp conform --waivers waivers.json', 'known failures are waived until a day'],
        ['avp conform --shard 2/3', 'the second of three parts'],
        ['avp conform --target dpdk rx', "a chapter on DPDK's own driver, in dpdk-testpmd"],
        ['avp conform --target avp,dpdk --html matrix.html', 'both side by side, and where they differ'],
        ['avp conform --target dpdk@22.11,dpdk@25.11', 'two releases of DPDK side by side'],
        ['avp conform rx --repeat 50', 'with 50 seeds one after another'],
      ],
    },
    conform,
    onStatus,
  )
    .argument('[ID...]', "clauses such as 'rx/3', or chapters such as 'rx'; all where none is given")
    .option('--list', 'list the clauses instead of running them')
    .option(
      '--target <NAME,...>',
      `driver under test: 'avp', our own; 'dpdk', DPDK's of the newest release that runs here; ${RELEASED}; or several`,
      targetsValue,
      targetsValue(DEFAULT_TARGET),
    )
    .option(
      '--testpmd <PATH>',
      "for dpdk: a dpdk-testpmd of your own; Debian's is fetched where it is left out",
      plainFileValue,
    )
    .option('--lib-path <DIR>', 'for dpdk: folders of its shared libraries, with colons between', plainFileValue)
    .option('--wrap <CMD>', "for dpdk: a command that runs it, such as 'gdb -batch -ex run -ex bt --args'")
    .option('--exclude <ID>', 'leave out a clause or chapter; may be repeated', listValue)
    .option('--basis <BASIS,...>', `only clauses that rest on ${BASES.join(', ')}, or several of these`, basesValue)
    .option('--shard <I/N>', 'run every N-th clause, beginning with the I-th', shardValue)
    .option('--jobs <N>', 'how many clauses run at once; one for every two CPUs where it is left out', jobsValue)
    .option('--strict', 'let failed SHOULD clauses count')
    .option('--bail', 'stop after the first finding')
    .option('--repeat <N>', 'run each clause with N seeds, one after another', countValue, 1)
    .option('--waivers <FILE>', 'failures that are known: a JSON list of {id, target, reason, expires}', plainFileValue)
    .option('--junit <FILE>', 'write the results as JUnit XML', plainFileValue)
    .option('--html <FILE>', 'write a report for people as one page, with packets and events', plainFileValue)
    .option(
      '--bundle <DIR>',
      'make a folder with a folder for each failure: packets, timeline, a test that repeats it',
      plainFileValue,
    );
}
