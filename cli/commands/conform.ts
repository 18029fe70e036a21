import { type Command, Option } from 'commander';
import { Bundle } from '../../test/bench/bundle/bundle';
import { bundleClauses } from '../../test/conformance/bundle';
import type { Clause } from '../../test/conformance/clause';
import { allClauses } from '../../test/conformance/registry';
import { ConsoleReport } from '../../test/conformance/reports/console';
import { clauseJson } from '../../test/conformance/reports/json';
import { type ClauseResult, runClauses } from '../../test/conformance/runner';
import { selectClauses, type Shard } from '../../test/conformance/select';
import { dayOf, readWaivers, WaiverBook } from '../../test/conformance/waivers';
import { DEFAULT_TARGET, TARGET_NAMES, type TargetName, targetVersion } from '../../test/targets/names';
import { REPORT_LIMITS } from '../../test/targets/wireLog';
import { toolVersion } from '../../test/bench/package';
import { makeCommand, STATUS_GOOD } from '../command';
import type { CommonOptions, Output } from '../output';
import { Progress } from '../progress';
import { requireReportFiles, writeReports } from '../reports';
import { countValue, listValue, plainFileValue, shardValue } from '../values';

interface ConformOptions {
  readonly list?: boolean;
  readonly target: TargetName;
  readonly exclude?: readonly string[];
  readonly shard?: Shard;
  readonly strict?: boolean;
  readonly bail?: boolean;
  readonly repeat: number;
  readonly waivers?: string;
  readonly junit?: string;
  readonly html?: string;
  readonly bundle?: string;
}

type Options = ConformOptions & CommonOptions;

function list(clauses: readonly Clause[], output: Output): number {
  for (const { id, level, section, title, faults } of clauses)
    output.text(`${id.padEnd(12)} ${level.padEnd(6)} section ${section.padEnd(3)} ${title}${faults.length > 0 ? ` [${faults.join(' ')}]` : ''}`);
  output.json({ clauses: clauses.map(clauseJson) });
  return STATUS_GOOD;
}

async function runAll(clauses: readonly Clause[], options: Options, output: Output, book: WaiverBook): Promise<ClauseResult[]> {
  const progress = new Progress(options.quiet === true);
  const report = new ConsoleReport(output.color);
  const results = await runClauses(clauses, {
    ...options,
    bail: options.bail === true,
    print: output.stream,
    wire: options.html === undefined ? null : REPORT_LIMITS,
    judge: (result) => book.judge(result),
    onStart: (clause, index) => progress.show(`${index + 1}/${clauses.length} ${clause.id}`),
    onResult: (result) => {
      progress.clear();
      output.text(report.line(result));
    },
  });
  if (results.length < clauses.length)
    output.text(`\nstopped by --bail: ${clauses.length - results.length} of ${clauses.length} clauses have not run`);
  return results;
}

function openWaivers({ waivers, target }: Options): { readonly book: WaiverBook; readonly given: boolean } {
  const given = waivers !== undefined;
  const book = new WaiverBook(given ? readWaivers(waivers) : [], {
    target,
    knownTargets: TARGET_NAMES,
    knownIds: new Set(allClauses.map(({ id }) => id)),
    today: dayOf(new Date()),
  });
  return { book, given };
}

async function conform(options: Options, output: Output, ids: readonly string[]): Promise<number> {
  const { exclude = [], repeat, shard, target, seed } = options;
  const clauses = selectClauses(allClauses, { ids, exclude, shard });
  if (options.list === true) return list(clauses, output);
  const { book, given } = openWaivers(options);
  requireReportFiles(options);
  const bundle = options.bundle === undefined ? null : new Bundle(options.bundle);
  const startedAt = new Date();
  const results = await runAll(clauses, options, output, book);
  const run = {
    target: { name: target, version: targetVersion(target) },
    toolVersion: toolVersion(),
    seed,
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    results,
    waivers: given ? book.report() : null,
  };
  if (bundle !== null) await bundleClauses(bundle, run, results, { target, print: output.stream });
  const ofAllShards = selectClauses(allClauses, { ids, exclude }).length;
  const selection = { ids: [...ids], exclude: [...exclude], repeat, clauses: ofAllShards, shard: shard ?? null };
  return writeReports(run, selection, options, output);
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
        ['avp conform --json result.json --junit junit.xml', 'results for programs and for CI'],
        ['avp conform --html report.html', 'a page with every clause, its packets and events'],
        ['avp conform --waivers waivers.json', 'failures that are known count as passes until a day'],
        ['avp conform --shard 2/3', 'the second of three parts'],
        ['avp conform rx --repeat 50', 'with 50 seeds one after another'],
      ],
    },
    conform,
    onStatus,
  )
    .argument('[ID...]', "clauses such as 'rx/3', or chapters such as 'rx'; all where none is given")
    .option('--list', 'list the clauses instead of running them')
    .addOption(new Option('--target <NAME>', 'driver under test').choices(TARGET_NAMES).default(DEFAULT_TARGET))
    .option('--exclude <ID>', 'leave out a clause or chapter; may be repeated', listValue)
    .option('--shard <I/N>', 'run every N-th clause, beginning with the I-th', shardValue)
    .option('--strict', 'let failed SHOULD clauses count')
    .option('--bail', 'stop after the first finding')
    .option('--repeat <N>', 'run each clause with N seeds, one after another', countValue, 1)
    .option('--waivers <FILE>', 'failures that are known: a JSON list of {id, target, reason, expires}', plainFileValue)
    .option('--junit <FILE>', 'write the results as JUnit XML', plainFileValue)
    .option('--html <FILE>', 'write a report for people as one page, with packets and events', plainFileValue)
    .option('--bundle <DIR>', 'make a folder with a folder for each failure: packets, timeline, a test that repeats it', plainFileValue);
}
