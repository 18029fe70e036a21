import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { UsageError } from '../../shared/errors';
import { didYouMean } from '../../shared/nearest';
import { type Side, SIDE_TEXTS, SIDES } from '../../testbench/hostile/cases/hostileCase';
import { PROMISES } from '../../testbench/hostile/finding';
import { attackInWorkers } from '../../testbench/hostile/jobs/jobs';
import type { HostileFinding } from '../../testbench/hostile/run';
import { makeCommand, STATUS_FINDINGS, STATUS_GOOD } from '../command';
import type { CommonOptions, Output } from '../output';
import { Progress } from '../progress';
import { Interruption } from '../signals';
import { countValue, jobsValue, operationValue } from '../values';

interface HostileCommandOptions {
  readonly list?: boolean;
  readonly cases: number;
  readonly first: number;
  readonly most: number;
  readonly jobs?: number;
}

type Options = HostileCommandOptions & CommonOptions;

interface SideResult {
  readonly side: Side;
  readonly cases: number;
  readonly durationMs: number;
  readonly findings: readonly HostileFinding[];
}

function sideNamed(name: string): Side {
  const side = SIDES.find((one) => one === name);
  if (side === undefined)
    throw new UsageError(`'${name}' is no side: ${didYouMean(name, SIDES, `expected ${SIDES.join(', ')}`)}`);
  return side;
}

function list(output: Output): number {
  for (const side of SIDES) output.text(`${side.padEnd(9)} ${SIDE_TEXTS[side]}`);
  output.text('');
  for (const [name, about] of Object.entries(PROMISES)) output.text(`${name.padEnd(13)} ${about}`);
  output.json({ sides: SIDE_TEXTS, promises: PROMISES });
  return STATUS_GOOD;
}

async function attack(side: Side, options: Options, stop: AbortSignal): Promise<SideResult> {
  const { seed, cases, first, most, jobs = availableParallelism(), quiet = false } = options;
  const progress = new Progress(quiet);
  const from = performance.now();
  const onProgress = (done: number): void => progress.showStage(side, { done, all: cases, failed: 0 });
  const result = await attackInWorkers({ side, seed, first, cases, most, jobs, stop, onProgress });
  progress.clear();
  return { side, ...result, durationMs: Math.round(performance.now() - from) };
}

function show({ side, cases, durationMs, findings }: SideResult, output: Output): void {
  const rate = Math.round((cases * 1_000) / Math.max(1, durationMs));
  const outcome = findings.length === 0 ? 'every promise is kept' : `${findings.length} broken promises`;
  output.text(`${side}: ${cases} cases in ${(durationMs / 1_000).toFixed(1)} s (${rate}/s): ${outcome}`);
  for (const { promise, message, replay } of findings) output.finding(`\n${side}: ${promise}: ${message}\n${replay}`);
}

async function run(options: Options, output: Output, args: readonly string[]): Promise<number> {
  if (options.list === true) return list(output);
  const sides = args.length === 0 ? SIDES : args.map(sideNamed);
  output.begin();
  const interruption = new Interruption();
  interruption.watch();
  const results: SideResult[] = [];
  try {
    for (const side of sides) {
      if (interruption.by !== null) break;
      results.push(await attack(side, options, interruption.stop));
      show(results.at(-1)!, output);
    }
  } finally {
    interruption.unwatch();
  }
  output.json({ seed: options.seed, first: options.first, interrupted: interruption.by !== null, sides: results });
  return results.every(({ findings }) => findings.length === 0) ? STATUS_GOOD : STATUS_FINDINGS;
}

/** `avp hostile`: attacks driver and host. */
export function hostileCommand(onStatus: (status: number) => void): Command {
  return makeCommand<HostileCommandOptions>(
    {
      name: 'hostile',
      examples: [
        ['avp hostile', 'every side, 10000 cases each'],
        ['avp hostile receive --cases 1000000 --seed 7', 'a long run of one side'],
        ['avp hostile receive --seed 7 --first 1234 --cases 1', 'one case again'],
        ['avp hostile --list', 'the sides, and what they promise'],
      ],
    },
    run,
    onStatus,
  )
    .argument('[SIDE...]', `sides to attack: ${SIDES.join(', ')}; default: all`)
    .option('--list', 'list the sides and their promises')
    .option('--cases <N>', 'cases of each side', countValue, 10_000)
    .option('--first <N>', 'number of the first case', operationValue, 0)
    .option('--most <N>', 'end a side after this many findings', countValue, 1)
    .option('--jobs <N>', 'worker threads; default: one for each CPU', jobsValue);
}
