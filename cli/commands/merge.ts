import type { Command } from 'commander';
import { mergeFiles, type PartFile } from '../../testbench/conformance/merge';
import { lacksShards } from '../../testbench/conformance/report';
import { readResults } from '../../testbench/conformance/result';
import { mergeScores } from '../../testbench/mutants/score/merge';
import { isScoreFile, readScore } from '../../testbench/mutants/score/result';
import { UsageError } from '../../shared/errors';
import { makeCommand, requireSeed, STATUS_FINDINGS } from '../command';
import type { CommonOptions, Output } from '../output';
import { type ReportOptions, writeComparison, writeReports } from '../reports';
import { scoreJson, showScore } from '../scoreReport';
import { plainFileValue } from '../values';

interface PartialOption {
  readonly partial?: boolean;
}

type Options = ReportOptions & PartialOption & CommonOptions;

/** Merges results of `avp mutants`. @throws UsageError for options that are about clauses. */
function mergeMutants(options: Options, output: Output, paths: readonly string[]): number {
  const other = (['strict', 'junit', 'html'] as const).find((name) => options[name] !== undefined);
  if (other !== undefined) throw new UsageError(`--${other} is for results of avp conform: leave it out`);
  const parts = paths.map(readScore);
  for (const { path, report } of parts) requireSeed(path, report.seed, options.seed);
  const report = mergeScores(parts, options);
  output.seed(report.seed);
  const status = showScore(report, output);
  output.json(scoreJson(report));
  return status;
}

function merge(options: Options, output: Output, paths: readonly string[]): number {
  output.announce(options.junit, options.html);
  output.requireKept(...paths);
  if (paths.some(isScoreFile)) return mergeMutants(options, output, paths);
  const files = paths.map((path): PartFile => ({ path, results: readResults(path, options.partial) }));
  for (const { path, results } of files) for (const { seed } of results) requireSeed(path, seed, options.seed);
  const { reports, selection } = mergeFiles(files, options);
  output.seed(...reports.map(({ seed }) => seed));
  const whole = { ...selection, shard: null };
  const status =
    reports.length === 1
      ? writeReports(reports[0]!, whole, options, output)
      : writeComparison(reports, whole, options, output);
  return reports.some(lacksShards) ? STATUS_FINDINGS : status;
}

/** `avp merge`: merges the results of the shards of one run. */
export function mergeCommand(onStatus: (status: number) => void): Command {
  return makeCommand<ReportOptions & PartialOption>(
    {
      name: 'merge',
      seedAbout: 'the seed that the results must have',
      examples: [
        ['avp merge 1.json 2.json 3.json --json all.json', 'after conform --shard 1/3, 2/3 and 3/3'],
        ['avp merge *.json --junit junit.xml --html report.html', 'reports of the whole run'],
        ['avp merge 1.json 2.json --json score.json', 'after mutants --shard 1/2 and 2/2, or with different engines'],
        ['avp merge *.json --partial --html report.html', 'what there is, although a shard has died'],
      ],
    },
    merge,
    onStatus,
  )
    .argument('<FILE...>', 'results that avp conform or avp mutants wrote with --shard I/N --json, all of one run')
    .option('--partial', 'merge what there is, where shards are missing or ended early; the status is 1 then')
    .option('--strict', 'let failed SHOULD clauses count')
    .option('--junit <FILE>', 'write the results as JUnit XML', plainFileValue)
    .option('--html <FILE>', 'write a report for people as one page', plainFileValue);
}
