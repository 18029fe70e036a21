import { type Command, Option } from 'commander';
import type { Clause } from '../../test/conformance/clause';
import { allClauses } from '../../test/conformance/registry';
import { ConsoleReport } from '../../test/conformance/reports/console';
import { clauseJson, resultJson } from '../../test/conformance/reports/json';
import { junitXml } from '../../test/conformance/reports/junit';
import { type ClauseResult, runClauses } from '../../test/conformance/runner';
import { selectClauses, type Shard } from '../../test/conformance/select';
import { DEFAULT_TARGET, TARGET_NAMES, type TargetName, targetVersion } from '../../test/targets/names';
import { makeCommand, STATUS_FINDINGS, STATUS_GOOD } from '../command';
import { type CommonOptions, type Output, requireWritable, writeOutput } from '../output';
import { Progress } from '../progress';
import { countValue, listValue, plainFileValue, shardValue } from '../values';

interface ConformOptions {
  readonly list?: boolean;
  readonly target: TargetName;
  readonly exclude?: readonly string[];
  readonly shard?: Shard;
  readonly strict?: boolean;
  readonly bail?: boolean;
  readonly repeat: number;
  readonly junit?: string;
}

type Options = ConformOptions & CommonOptions;

function list(clauses: readonly Clause[], output: Output): number {
  for (const { id, level, section, title, faults } of clauses)
    output.text(`${id.padEnd(12)} ${level.padEnd(6)} section ${section.padEnd(3)} ${title}${faults.length > 0 ? ` [${faults.join(' ')}]` : ''}`);
  output.json({ clauses: clauses.map(clauseJson) });
  return STATUS_GOOD;
}

/** A clause that counts against the driver: SHOULD clauses fail only where asked to. */
function counts({ clause, verdict }: ClauseResult, strict: boolean): boolean {
  if (verdict === 'fail') return strict || clause.level === 'MUST';
  return verdict === 'blocked' || verdict === 'error';
}

async function runAll(clauses: readonly Clause[], options: Options, output: Output): Promise<ClauseResult[]> {
  const report = new ConsoleReport(output.stream.isTTY);
  const progress = new Progress(options.quiet === true);
  const startedAt = performance.now();
  const results = await runClauses(clauses, {
    ...options,
    bail: options.bail === true,
    print: output.stream,
    onStart: (clause, index) => progress.show(`${index + 1}/${clauses.length} ${clause.id}`),
    onResult: (result) => {
      progress.clear();
      output.text(report.line(result));
    },
  });
  const summary = report.summary(results, performance.now() - startedAt);
  if (results.some((result) => counts(result, true))) output.finding(summary);
  else output.text(summary);
  return results;
}

async function conform(options: Options, output: Output, ids: readonly string[]): Promise<number> {
  const clauses = selectClauses(allClauses, { ids, exclude: options.exclude ?? [], shard: options.shard });
  if (options.list === true) return list(clauses, output);
  requireWritable(options.junit);
  const startedAt = new Date();
  const results = await runAll(clauses, options, output);
  const durationMs = Date.now() - startedAt.getTime();
  const target = { name: options.target, version: targetVersion(options.target) };
  if (options.junit !== undefined) writeOutput(options.junit, junitXml(target.name, results));
  output.json(resultJson(target, { seed: options.seed, startedAt: startedAt.toISOString(), durationMs }, results));
  return results.some((result) => counts(result, options.strict === true)) ? STATUS_FINDINGS : STATUS_GOOD;
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
    .option('--junit <FILE>', 'write the results as JUnit XML', plainFileValue);
}
