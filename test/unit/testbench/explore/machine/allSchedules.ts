import type { Failure, Run, World } from '../../../../../testbench/explore/search/world';

/** Result of a plain search. */
export interface Seen {
  readonly runs: number;
  readonly failures: ReadonlyMap<string, Failure>;
}

/** Counts preemptions: a step of another actor while the current one could go on. */
function costOf(run: Run, index: number): number {
  const choice = run.choices()[index]!;
  return choice.kind === 'step' && run.canGoOn && choice.actor !== run.current ? 1 : 0;
}

/** Runs every schedule with at most `preemptions` to its end. Begins again when a word turns out shared. */
export function allSchedules(world: World, preemptions: number): Seen {
  const failures = new Map<string, Failure>();
  let stack: { readonly options: readonly number[]; at: number }[] = [];
  for (let runs = 1, shared = world.sharedWords; ; runs++) {
    const run = world.begin();
    let left = preemptions;
    for (let depth = 0; run.choices().length > 0; depth++) {
      const options = [...run.choices().keys()].filter((index) => costOf(run, index) <= left);
      if (depth === stack.length) stack.push({ options, at: 0 });
      const { options: known, at } = stack[depth]!;
      left -= costOf(run, known[at]!);
      run.take(known[at]!);
    }
    const failure = run.judge(true);
    if (failure !== null) failures.set(failure.cause, failure);
    if (world.sharedWords !== shared) {
      shared = world.sharedWords;
      stack = [];
      continue;
    }
    while (stack.length > 0 && stack.at(-1)!.at + 1 === stack.at(-1)!.options.length) stack.pop();
    if (stack.length === 0) return { runs, failures };
    stack.at(-1)!.at++;
  }
}

/** Takes the choices that a generator of numbers selects. Returns what it took, for a repetition. */
export function randomRun(run: Run, next: (limit: number) => number): number[] {
  const taken: number[] = [];
  for (let choices = run.choices(); choices.length > 0; choices = run.choices()) {
    taken.push(choices.length === 1 ? 0 : next(choices.length));
    run.take(taken.at(-1)!);
  }
  return taken;
}
