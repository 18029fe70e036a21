import type { ExploreState, Found } from '../testbench/explore/search/exploration';
import { lanesHtml } from '../testbench/explore/show/html';
import { lanesText } from '../testbench/explore/show/lanes';
import { recordToken, type Recording } from '../testbench/explore/show/recording';
import { lanesTrace } from '../testbench/explore/show/trace';
import type { World } from '../testbench/explore/search/world';
import { type ExploreOptions, replayCommand } from './exploreOptions';
import type { Output } from './output';

const NARROW_COLUMNS = 120;

/** Result of an exploration, and how long it took. */
export interface Explored {
  readonly state: ExploreState;
  readonly failures: readonly Found[];
  readonly durationMs: number;
}

const MS_PER_SECOND = 1_000;

function perSecond({ state, durationMs }: Explored): number {
  return Math.round((state.schedules * MS_PER_SECOND) / Math.max(1, durationMs));
}

/** Prints a recorded run: what failed, the command that repeats it, and the actors side by side. */
export function showRecording(recording: Recording, command: string, options: ExploreOptions, output: Output): void {
  const { failure } = recording;
  const lines =
    failure === null ? ['all oracles hold'] : [failure.cause, ...failure.details.map((line) => `  ${line}`)];
  const columns = output.stream.isTTY ? output.stream.columns : NARROW_COLUMNS;
  const text = [...lines, '', lanesText(recording, columns), '', `repeat it: ${command}`].join('\n');
  if (failure === null) output.text(text);
  else output.finding(text);
  if (options.trace !== undefined) output.write(options.trace, lanesTrace(recording));
  if (options.html !== undefined) output.write(options.html, lanesHtml(recording, command));
}

/** Says in one sentence how much was explored. */
export function summary(explored: Explored, options: ExploreOptions): string {
  const { schedules, complete, saved, restarts } = explored.state;
  const rate = `${schedules} schedules in ${(explored.durationMs / MS_PER_SECOND).toFixed(1)} s (${perSecond(explored)}/s)`;
  if (options.scheduler !== 'dfs') return `${rate}, sampled by ${options.scheduler}: ${outcome(explored)}`;
  const bound = Number.isFinite(options.preemptions) ? `at most ${options.preemptions} preemptions` : 'no bound';
  const reduction = options.reduction ? `; reduction left out ${saved} alternatives with all that follows` : '';
  const again = restarts === 0 ? '' : `; began again ${restarts} times, as more words turned out to be shared`;
  const all = complete
    ? `every schedule with ${bound}, actors held while virtual time passes included`
    : `not all schedules with ${bound}`;
  return `${rate}: ${all}${reduction}${again}: ${outcome(explored)}`;
}

function outcome({ failures }: Explored): string {
  return failures.length === 0
    ? 'found nothing'
    : `found ${failures.length === 1 ? 'a failure' : `${failures.length} failures`}`;
}

/** Prints each failure and writes the files that options name. */
export function showFailures(
  world: World,
  check: string,
  explored: Explored,
  options: ExploreOptions,
  output: Output,
): void {
  for (const { token, schedule, preemptions } of explored.failures) {
    output.finding(`\nschedule ${schedule} fails, shrunk to ${preemptions} preemptions and holds:`);
    showRecording(recordToken(world, token), replayCommand(check, options, token), options, output);
  }
}

/** The result for programs. */
export function exploreJson(
  check: string,
  explored: Explored,
  options: ExploreOptions,
  seed: number,
): Record<string, unknown> {
  const { state, failures, durationMs } = explored;
  const { scheduler, memory, depth, preemptions, packets, queues, shape, mutant, reduction } = options;
  return {
    check,
    scheduler,
    memory,
    seed,
    options: { packets, queues, shape, mutant, ...(scheduler === 'pct' ? { depth } : {}) },
    schedules: { possible: state.complete && !reduction ? state.schedules : null, run: state.schedules },
    complete: state.complete,
    bound:
      scheduler === 'dfs'
        ? { preemptions: Number.isFinite(preemptions) ? preemptions : null, holds: 'bounded by progress' }
        : null,
    savedByReduction: state.saved,
    restarts: state.restarts,
    schedulesPerSecond: perSecond(explored),
    durationMs: Math.round(durationMs),
    failures: failures.map(({ cause, details, ...rest }) => ({
      ...rest,
      what: cause,
      details,
      replay: replayCommand(check, options, rest.token),
    })),
  };
}
