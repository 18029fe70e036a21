import { BenchError } from '../../../shared/errors';
import { type ControlBlock, CURRENT, DECISIONS, HASH, STEPS } from './controlBlock';
import type { Plan } from './plan';
import type { Abort, ActorReport, Outcome, SteppedRun } from './report';
import { type Deviation, readToken, writeToken } from './token';

const NS_PER_MS = 1_000_000;

/** End of a run, as the worker pool sees it. */
export interface Ending {
  /** Reports by actor; null for an actor that gave none. */
  readonly reports: readonly (ActorReport | null)[];
  /** Why the run was given up, null where it ended by itself. */
  readonly stuck: string | null;
}

/** A stepped run that ended badly. The message has the actor's stack and the schedule. */
export class SteppedError extends BenchError {
  constructor(
    readonly outcome: Exclude<Outcome, 'done'>,
    /** The actor at fault, null where the error is about all of them. */
    readonly actor: string | null,
    /** The run up to its end; its token repeats it. */
    readonly run: SteppedRun,
    what: string,
  ) {
    super(`STEPPED_${outcome.toUpperCase() as Uppercase<typeof outcome>}`, what);
  }
}

function inOrder(a: Deviation, b: Deviation): number {
  // Within one decision the hold comes first, then the choice of another actor.
  return a.decision - b.decision || (a.hold === null ? 1 : 0) - (b.hold === null ? 1 : 0);
}

function runOf(plan: Plan, control: ControlBlock, { reports }: Ending, fingerprint: number): SteppedRun {
  const there = reports.filter((report) => report !== null);
  const deviations = there.flatMap((report) => report.deviations).sort(inOrder);
  const decisions = control.words[DECISIONS]!;
  const hash = control.words[HASH]! >>> 0;
  return {
    token: writeToken({ fingerprint, deviations, decisions, hash }),
    results: Object.fromEntries(plan.actors.map(({ name }, actor) => [name, reports[actor]?.result])),
    timeline: there.flatMap((report) => report.timeline).sort((a, b) => a.order - b.order),
    violations: there.flatMap((report) => report.violations).sort((a, b) => a.order - b.order),
    violationCount: there.reduce((sum, report) => sum + report.violationCount, 0),
    kept: Object.assign({}, ...there.map((report) => report.kept)) as SteppedRun['kept'],
    deviations,
    handovers: there.flatMap((report) => report.handovers).sort((a, b) => a.decision - b.decision),
    decisions,
    steps: control.words[STEPS]!,
    timeMs: control.timeNs / NS_PER_MS,
  };
}

function failure(run: SteppedRun, actor: string | null, { kind, what, stack }: Abort): SteppedError {
  const who = actor === null || kind === 'deadlock' ? '' : `actor '${actor}' `;
  const head = `stepped run: ${who}${kind === 'failed' ? 'failed' : `ended it (${kind})`} at ${run.timeMs} ms: ${what}`;
  const lines = [head, `schedule: ${run.token}`, ...(stack === undefined ? [] : [stack])];
  return new SteppedError(kind, actor, run, lines.join('\n'));
}

/** A replay that ended without following its schedule; null for any other run. */
function strayed(plan: Plan, run: SteppedRun): Abort | null {
  if (plan.strategy?.kind !== 'replay' || run.token === plan.strategy.token) return null;
  const { decisions } = readToken(plan.strategy.token);
  return {
    kind: 'mismatch',
    what: `the run does not go the way that the token describes (${run.decisions} decisions, expected ${decisions}): the code is another one than then`,
  };
}

function waits({ actors }: Plan, { reports }: Ending): string[] {
  return actors.flatMap(({ name }, actor) => {
    const waiting = reports[actor]?.waitingFor ?? null;
    return waiting === null ? [] : [`${name} waits for ${waiting}`];
  });
}

/** Makes the result of a run out of its reports; a `SteppedError` where it ended badly. */
export function resultOf(
  plan: Plan,
  control: ControlBlock,
  ending: Ending,
  fingerprint: number,
): SteppedRun | SteppedError {
  const run = runOf(plan, control, ending, fingerprint);
  if (ending.stuck !== null) {
    const who = plan.actors[control.words[CURRENT]!]?.name ?? null;
    return new SteppedError(
      'stuck',
      who,
      run,
      `stepped run: actor '${who}' is stuck at ${run.timeMs} ms: ${ending.stuck}`,
    );
  }
  const abortOf = (report: ActorReport | null): Abort | null => report?.abort ?? null;
  const actor = ending.reports.findIndex((report) => abortOf(report) !== null);
  const abort = abortOf(ending.reports[actor] ?? null);
  const astray = abort?.kind === 'mismatch' ? null : strayed(plan, run);
  if (astray !== null) return failure(run, null, astray);
  if (abort === null) return run;
  const what = abort.kind === 'deadlock' ? [abort.what, ...waits(plan, ending)].join('\n  ') : abort.what;
  return failure(run, plan.actors[actor]!.name, { ...abort, what });
}
