import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { UsageError } from '../../shared/errors';
import { type AnyVariant, isRace } from '../../testbench/mutants/build/mutant';
import { ENGINES } from '../../testbench/mutants/score/engines';
import { measureScore, variantsNamed } from '../../testbench/mutants/score/measure';
import { scoreChart } from '../../testbench/mutants/score/chart';
import { scorePage } from '../../testbench/mutants/score/page';
import type { SeedRange } from '../../testbench/run/seeds';
import { rowOf, type ScoreReport, type Shard } from '../../testbench/mutants/score/report';
import { readScore } from '../../testbench/mutants/score/result';
import { makeCommand, STATUS_GOOD } from '../command';
import { schedulesValue } from '../exploreOptions';
import type { CommonOptions, Output } from '../output';
import { Progress } from '../progress';
import { scoreJson, showScore } from '../scoreReport';
import { Interruption } from '../signals';
import { jobsValue, listValue, plainFileValue, seedsValue, shardValue } from '../values';

/** Seeds of an exploration: enough for a median. */
const SEEDS = 20;
/** Schedules after which an exploration has found nothing. */
const SCHEDULES = 300;

interface MutantsOptions {
  readonly list?: boolean;
  readonly engine?: readonly string[];
  readonly seeds?: SeedRange;
  readonly schedules: number;
  readonly all?: boolean;
  readonly jobs?: number;
  readonly shard?: Shard;
  readonly page?: string;
  readonly from?: string;
}

type Options = MutantsOptions & CommonOptions;

function list(variants: readonly AnyVariant[], output: Output): number {
  const width = Math.max(...variants.map(({ id }) => id.length));
  for (const variant of variants)
    output.text(`${variant.id.padEnd(width)} ${(rowOf(variant) ?? '').padEnd(4)} ${variant.what}`);
  output.text('');
  for (const { name, about } of ENGINES) output.text(`${name.padEnd(9)} ${about}`);
  output.json({
    mutants: variants.map((variant) => ({
      id: variant.id,
      what: variant.what,
      row: rowOf(variant),
      race: isRace(variant),
      equivalent: isRace(variant) ? (variant.equivalent ?? null) : null,
    })),
    engines: ENGINES.map((engine) => ({ name: engine.name, about: engine.about, lacking: engine.lacking() })),
  });
  return STATUS_GOOD;
}

/** The file of the chart beside a page. */
function chartOf(page: string): string {
  if (!page.endsWith('.md')) throw new UsageError(`--page ${page}: expected the name of a .md file`);
  return page.replace(/\.md$/, '.svg');
}

function writePage(report: ScoreReport, path: string | undefined, output: Output): void {
  if (path === undefined) return;
  const chart = chartOf(path);
  output.write(path, scorePage(report, chart));
  output.write(chart, scoreChart(report));
}

async function measure(options: Options, output: Output, ids: readonly string[]): Promise<ScoreReport> {
  const { engine = [], schedules, all = false, shard = null } = options;
  const { from: seed, to } = options.seeds ?? { from: options.seed, to: options.seed + SEEDS - 1 };
  const progress = new Progress(options.quiet === true);
  const interruption = new Interruption();
  output.begin();
  interruption.watch();
  try {
    return await measureScore({
      ids,
      engines: engine,
      seeds: to - seed + 1,
      schedules,
      all,
      seed,
      shard,
      jobs: options.jobs ?? availableParallelism(),
      stop: interruption.stop,
      onProgress: (tried, stage) => progress.showStage(tried, stage),
    });
  } finally {
    progress.clear();
    interruption.unwatch();
  }
}

/** A report that an earlier run wrote. */
function reportIn(path: string, output: Output, ids: readonly string[]): ScoreReport {
  if (ids.length > 0) throw new UsageError('--from shows a result as it is: leave the ids out');
  output.requireKept(path);
  return readScore(path).report;
}

async function run(options: Options, output: Output, ids: readonly string[]): Promise<number> {
  const variants = variantsNamed(ids);
  if (options.list === true) return list(variants, output);
  const { page, from } = options;
  if (page !== undefined) output.announce(page, chartOf(page));
  const report = from === undefined ? await measure(options, output, ids) : reportIn(from, output, ids);
  const status = showScore(report, output);
  writePage(report, page, output);
  output.json(scoreJson(report));
  return status;
}

/** `avp mutants`: measures which engines catch which broken variants. */
export function mutantsCommand(onStatus: (status: number) => void): Command {
  return makeCommand<MutantsOptions>(
    {
      name: 'mutants',
      examples: [
        ['avp mutants', 'each variant, with what is known to catch it'],
        ['avp mutants rx-no-mbuf-limit --all', 'one variant, with everything that there is'],
        ['avp mutants --engine explore --seeds 1..20', 'schedulers and memory models side by side'],
        ['avp mutants --shard 2/3 --json 2.json', 'a part; avp merge joins them'],
        ['avp mutants --from score.json --page docs/score.md', 'the page of an earlier run'],
        ['avp mutants --list', 'variants and engines'],
      ],
    },
    run,
    onStatus,
  )
    .argument('[ID...]', 'broken variants; all where none is given')
    .option('--list', 'list variants and engines instead of measuring')
    .option(
      '--engine <NAME>',
      `only this engine: ${ENGINES.map(({ name }) => name).join(', ')}; may be repeated`,
      listValue,
    )
    .option('--all', 'try everything on each variant, not only what is known to catch it; takes hours')
    .option(
      '--seeds <A..B>',
      `seeds of each exploration that samples, ${SEEDS} where it is left out; its figures are their medians`,
      seedsValue,
    )
    .option('--schedules <N>', 'schedules after which an exploration has found nothing', schedulesValue, SCHEDULES)
    .option('--jobs <N>', 'worker threads; one for each CPU where it is left out', jobsValue)
    .option('--shard <I/N>', "measure every N-th part, beginning with the I-th; 'auto' takes both from CI", shardValue)
    .option('--from <FILE>', 'measure nothing, and show a result that --json or avp merge wrote', plainFileValue)
    .option('--page <FILE.md>', 'write the score as a page, with its chart as .svg beside it', plainFileValue);
}
