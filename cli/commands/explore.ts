import type { Command } from 'commander';
import { UsageError } from '../../shared/errors';
import { didYouMean } from '../../shared/nearest';
import { findCheck } from '../../testbench/explore/checks/find';
import { CHECKS } from '../../testbench/explore/checks';
import { litmusHolds, litmusTable, litmusText } from '../../testbench/explore/litmus/litmus';
import { requireHold, runHeld } from '../../testbench/explore/search/holdByHand';
import { parseHold, placesOf } from '../../testbench/explore/search/places';
import { SCHEDULERS } from '../../testbench/explore/search/exploration';
import type { World } from '../../testbench/explore/search/world';
import { recordToken } from '../../testbench/explore/show/recording';
import { allVariants } from '../../testbench/mutants/catalog';
import { makeCommand, STATUS_FINDINGS, STATUS_GOOD } from '../command';
import {
  boundValue,
  checkOptions,
  type ExploreOptions,
  memoryValue,
  replayCommand,
  schedulerValue,
  schedulesValue,
  shapeValue,
  smallValue,
} from '../exploreOptions';
import { exploreJson, showFailures, showRecording, summary } from '../exploreReport';
import { explore } from '../exploreRun';
import type { CommonOptions, Output } from '../output';
import { Interruption } from '../signals';
import { countValue, jobsValue, plainFileValue } from '../values';

type Options = ExploreOptions & CommonOptions;

function listChecks(output: Output): number {
  for (const { name, description } of CHECKS) output.text(`${name.padEnd(24)} ${description}`);
  output.json({ checks: CHECKS.map(({ name, description }) => ({ name, description })) });
  return STATUS_GOOD;
}

function runLitmusTests(output: Output): number {
  const rows = litmusTable();
  const holds = litmusHolds(rows);
  if (holds) output.text(litmusText(rows));
  else output.finding(litmusText(rows));
  output.json({ holds, tests: rows });
  return holds ? STATUS_GOOD : STATUS_FINDINGS;
}

function listPoints(world: World, output: Output): number {
  const places = placesOf(world);
  for (const { actor, access, name, where } of places)
    output.text(`${actor.padEnd(12)} ${access.padEnd(13)} ${name.padEnd(32)} ${where}`);
  if (world.milestones.length > 0) output.text(`milestones: ${world.milestones.join(', ')}`);
  output.json({ points: places, milestones: world.milestones });
  return STATUS_GOOD;
}

function replay(world: World, check: string, token: string, options: Options, output: Output): number {
  const recording = recordToken(world, token);
  output.begin();
  showRecording(recording, replayCommand(check, options, token), options, output);
  output.json({ check, token, failure: recording.failure, steps: recording.steps });
  return recording.failure === null ? STATUS_GOOD : STATUS_FINDINGS;
}

function holdByHand(world: World, check: string, hold: string, options: Options, output: Output): number {
  const order = parseHold(hold, options.until);
  requireHold(world, order);
  const { run, from, to, gaveUp } = runHeld(world, order);
  if (from < 0)
    throw new UsageError(`--hold ${hold}: ${order.actor} never came to that place: --list-points prints all`);
  output.begin();
  const end = to < 0 ? 'to the end' : `until step ${to}`;
  output.text(`${order.actor} was held before step ${from}, ${end}${gaveUp ? ', when nothing else could happen' : ''}`);
  showRecording(recordToken(world, run.token), replayCommand(check, options, run.token), options, output);
  output.json({ check, hold: { ...order, from, to, gaveUp }, token: run.token, failure: run.failure });
  return run.failure === null ? STATUS_GOOD : STATUS_FINDINGS;
}

async function search(check: string, options: Options, output: Output): Promise<number> {
  const found = findCheck(check);
  output.begin();
  if (options.scheduler === 'dfs' && (options.jobs ?? 1) > 1)
    output.text(`--jobs ${options.jobs}: a depth-first search has one worker; schedulers that sample have more`);
  const interruption = new Interruption();
  interruption.watch();
  try {
    const explored = await explore(check, options, options.seed, interruption.stop);
    const text = `${check}, ${options.memory}: ${summary(explored, options)}`;
    if (explored.failures.length > 0) showFailures(found.make(checkOptions(options)), check, explored, options, output);
    if (explored.failures.length > 0) output.finding(text);
    else output.text(text);
    output.json(exploreJson(check, explored, options, options.seed));
    return explored.failures.length > 0 ? STATUS_FINDINGS : STATUS_GOOD;
  } finally {
    interruption.unwatch();
  }
}

async function run(options: Options, output: Output, [check]: readonly string[]): Promise<number> {
  if (options.list === true) return listChecks(output);
  if (options.litmus === true) return runLitmusTests(output);
  if (check === undefined) throw new UsageError('which check? avp explore --list shows all');
  if (options.until !== undefined && options.hold === undefined)
    throw new UsageError('--until says when --hold ends: give both');
  const { mutant } = options;
  const variants = allVariants.map(({ id }) => id);
  if (mutant !== undefined && !variants.includes(mutant))
    throw new UsageError(
      `--mutant ${mutant}: there is no such broken variant: ${didYouMean(mutant, variants, 'testbench/mutants/catalog has all')}`,
    );
  output.announce(options.trace, options.html);
  const { listPoints: points = false } = options;
  if (!points && options.replay === undefined && options.hold === undefined) return search(check, options, output);
  const world = findCheck(check).make(checkOptions(options));
  if (points) return listPoints(world, output);
  if (options.replay !== undefined) return replay(world, check, options.replay, options, output);
  return holdByHand(world, check, options.hold!, options, output);
}

/** `avp explore`: runs a check in many interleavings. */
export function exploreCommand(onStatus: (status: number) => void): Command {
  return makeCommand<ExploreOptions>(
    {
      name: 'explore',
      examples: [
        ['avp explore --list', 'what there is'],
        ['avp explore rx-burst --memory tso', 'every schedule with at most 2 preemptions'],
        ['avp explore detach --scheduler pct --depth 4 --schedules 100000', 'a sample, which finds deep bugs'],
        ['avp explore detach --list-points', 'names of accesses, with file and line'],
        ['avp explore detach --hold rx@before:rx.read --until detached', 'one suspicion, by hand'],
        ['avp explore detach --replay TOKEN --html lanes.html', 'a schedule that failed, side by side'],
        ['avp explore --litmus', 'what each memory model allows'],
      ],
    },
    run,
    onStatus,
  )
    .argument('[CHECK]', 'name of a check, or the path of a .ts file that exports one')
    .option('--list', 'list the checks')
    .option('--litmus', 'run litmus tests, and print what each memory model allows')
    .option('--scheduler <NAME>', SCHEDULERS.join(', '), schedulerValue, 'dfs')
    .option('--preemptions <N>', "for dfs: bound on preemptions and holds of a schedule, or 'none'", boundValue, 2)
    .option('--depth <D>', 'for pct: depth of the bugs that it looks for', smallValue, 3)
    .option('--memory <MODEL>', 'memory model: sc, tso or pso', memoryValue, 'sc')
    .option('--packets <N>', 'packets that cross the rings', smallValue)
    .option('--queues <N>', 'queue pairs', smallValue)
    .option('--shape <SHAPE>', 'burst routines of the driver: simple or scattered', shapeValue)
    .option('--mutant <ID>', 'a broken variant instead of the product')
    .option('--schedules <N>', 'end after N schedules; 10000 for a scheduler that samples', schedulesValue)
    .option('--seconds <N>', 'end after N seconds', countValue)
    .option(
      '--jobs <N>',
      'workers of a scheduler that samples, one for each CPU where it is left out; dfs has one worker',
      jobsValue,
    )
    .option('--no-reduction', 'for dfs: run every schedule')
    .option('--list-points', 'list the accesses and milestones of a check by name')
    .option('--hold <WHERE>', 'run once, and hold ACTOR@after:NAME,before:NAME')
    .option('--until <NAME>', 'a milestone or access that ends --hold')
    .option('--replay <TOKEN>', 'repeat a schedule and show it')
    .option('--trace <FILE>', 'write the schedule that failed or was repeated for Perfetto', plainFileValue)
    .option('--html <FILE>', 'write it as a page with a lane for each actor', plainFileValue);
}
