import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Engine } from '../../shared/engine';
import { Bundle } from '../../testbench/evidence/bundle/bundle';
import { BASES, type Clause } from '../../testbench/conformance/clause';
import { clauseJson } from '../../testbench/conformance/reports/json';
import { removePeerFolders } from '../../testbench/peers/dpdk/peerFolders';
import { loopsFor } from '../../testbench/runtime/engine';
import type { TargetFacts } from '../../testbench/targets/load';
import { DEFAULT_TARGET, isTargetPath, releaseOf, TARGET_NAMES } from '../../testbench/targets/names';
import { makeCommand, STATUS_GOOD } from '../command';
import { ConformRun, type ConformOptions, engineOf } from '../conformRun';
import { engineOption } from '../engineOption';
import { pickLastFailed, rememberRun } from '../lastFailed';
import type { CommonOptions, Output } from '../output';
import { writeComparison, writeReports } from '../reports';
import { selectForTargets } from '../selection';
import { beforeSignal, Interruption } from '../signals';
import { describeTargets, openRuns, type TargetRun } from '../targetRuns';
import { basesValue, countValue, jobsValue, listValue, plainFileValue, shardValue, targetsValue } from '../values';

/** Names of the targets that name a release, for the help text. */
const RELEASED = TARGET_NAMES.filter((name) => releaseOf(name) !== undefined)
  .map((name) => `'${name}'`)
  .join(', ');

type Options = ConformOptions & CommonOptions;

/** First line of a run. */
const ENGINE_TEXTS: Readonly<Record<Engine, string>> = {
  ts: 'engine ts: every access to memory is checked',
  wasm: 'engine wasm: compiled loops on plain memory, where no access is checked',
};

const BASIS_WIDTH = Math.max(...BASES.map(({ length }) => length));

function list(clauses: readonly Clause[], output: Output): number {
  for (const { id, level, basis, section, title, faults } of clauses)
    output.text(
      `${id.padEnd(12)} ${level.padEnd(6)} ${basis.padEnd(BASIS_WIDTH)} section ${section.padEnd(3)} ${title}${faults.length > 0 ? ` [${faults.join(' ')}]` : ''}`,
    );
  output.json({ clauses: clauses.map(clauseJson) });
  return STATUS_GOOD;
}

/** Prepares the targets. A signal ends that at once, and nothing has been written by then. */
async function prepare(options: Options, facts: readonly TargetFacts[]): Promise<TargetRun[]> {
  // A signal ends the process without running `finally` blocks.
  const prepared = beforeSignal(removePeerFolders);
  return openRuns(options, facts).finally(prepared);
}

async function conform(options: Options, output: Output, ids: readonly string[]): Promise<number> {
  const { exclude = [], basis = [], repeat, shard } = options;
  const facts = await describeTargets(options.target, output);
  const selected = selectForTargets(facts, options, ids);
  const { leftOut } = selected;
  const clauses = pickLastFailed(selected.clauses, options, output);
  if (options.list === true) return list(clauses, output);
  output.announce(options.junit, options.html);
  output.requireKept(options.waivers);
  output.requireApart(options.bundle);
  const bundle = options.bundle === undefined ? null : new Bundle(options.bundle);
  loopsFor(engineOf(options));
  const targets = await prepare(options, facts);
  const interruption = new Interruption();
  const run = new ConformRun(clauses, options, output, interruption);
  interruption.watch();
  try {
    output.begin();
    bundle?.begin();
    output.text(ENGINE_TEXTS[engineOf(options)]);
    if (leftOut > 0)
      output.text(`${leftOut} clauses are about a guest of the bench, not about a driver, and are left out`);
    await run.onAll(targets, bundle);
    run.reports.forEach((report, index) => rememberRun(targets[index]!.target, report, options));
    const selection = {
      ids: options.lastFailed === true ? clauses.map(({ id }) => id) : [...ids],
      exclude: [...exclude],
      basis: [...basis],
      repeat,
      clauses: options.lastFailed === true ? clauses.length : selected.ofAllShards,
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
      inputs: ({ target, waivers }) =>
        [...target.filter(isTargetPath), ...(waivers === undefined ? [] : [waivers])].map((path) => resolve(path)),
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
        ['avp conform --engine wasm', 'the compiled loops, as avp guest and avp serve run them'],
        ['avp conform --target ./mine.ts pci info', 'two chapters on a driver of your own'],
        ['avp conform --target ./mine.ts rx --watch', 'again after each edit of the driver'],
        ['avp conform --target ./mine.ts --last-failed', 'only what failed the last time'],
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
      `driver under test: 'avp', our own; 'dpdk', DPDK's of the newest release that runs here; ${RELEASED}; the path of a script that exports a target; or several`,
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
    .addOption(
      engineOption(
        "how driver and host run: 'ts', on memory that checks every access, by default; 'wasm', compiled, on plain memory, which skips the clauses that are about accesses",
      ),
    )
    .option('--exclude <ID>', 'leave out a clause or chapter; may be repeated', listValue)
    .option('--basis <BASIS,...>', `only clauses that rest on ${BASES.join(', ')}, or several of these`, basesValue)
    .option('--last-failed', 'only clauses that failed when they last ran on the target; all where none did')
    .option('--shard <I/N>', "run every N-th clause, beginning with the I-th; 'auto' takes both from CI", shardValue)
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
