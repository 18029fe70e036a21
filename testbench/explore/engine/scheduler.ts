import { BenchError } from '../../../shared/errors';
import type { AccessKind } from '../../../shared/mem/watched';
import { mixed } from './controlBlock';
import type { Hold, StallRule, Strategy } from './plan';
import { type Deviation, readToken } from './token';

/** An access at which a scheduler is asked. */
export interface Point {
  kind: AccessKind;
  address: number;
  bytes: number;
}

/** Input of a scheduler. One object, filled in anew for each decision. */
export interface Turn {
  /** Number of this decision, from 0. */
  decision: number;
  /** The actor that has the turn. */
  current: number;
  /** True where the current actor can go on. */
  canGoOn: boolean;
  /** A bit for each actor that can run. */
  runnable: number;
  /** Choice of run-to-block: the current actor, or the next in order that can run. */
  fallback: number;
  /** The access that was just made; null where an actor has waited or ended. */
  point: Point | null;
}

/**
 * Decides which actor runs. Each actor's thread has a scheduler of its own. What changes in the course
 * of a run is therefore kept in `words`, which all threads share: a decision depends on these, the
 * plan and the turn alone.
 */
export interface Scheduler {
  /** Asked first, where the current actor could go on: whether it is held up, null where it is not. */
  hold(turn: Turn): Hold | null;
  /** Returns one of the actors that can run. */
  choose(turn: Turn): number;
}

/** Tools that a scheduler is given besides its strategy. */
export interface SchedulerTools {
  /** Words that all threads share; zero at the start of a run. */
  readonly words: Int32Array;
  /** Number of the actor of a name. */
  actor(name: string): number;
  /** True where an access fits a rule. */
  fits(rule: StallRule['at'], point: Point): boolean;
  /** True where the message of a name is on the board. */
  posted(name: string): boolean;
  /** Hash of the run so far. */
  hash(): number;
}

/** A schedule does not fit the run. */
export class ScheduleMismatch extends BenchError {
  constructor(message: string) {
    super('SCHEDULE_MISMATCH', message);
  }
}

const runToBlock: Scheduler = { hold: () => null, choose: (turn) => turn.fallback };

/** Position of the n-th set bit of a word, n from 0. */
function nthBit(word: number, n: number): number {
  let rest = word;
  for (let skipped = 0; skipped < n; skipped++) rest &= rest - 1;
  return 31 - Math.clz32(rest & -rest);
}

function bitsIn(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** A number below `limit` that depends on seed, decision and salt alone. */
function draw(seed: number, decision: number, salt: number, limit: number): number {
  return (mixed(mixed(mixed(0x51ed_270b, seed), decision), salt) >>> 0) % limit;
}

const DEFAULT_ONE_IN = 8;

function randomly(strategy: Extract<Strategy, { kind: 'random' }>, words: Int32Array): Scheduler {
  const { seed, preemptions, oneIn = DEFAULT_ONE_IN } = strategy;
  const USED = 0;
  return {
    hold: () => null,
    choose({ decision, canGoOn, current, runnable, fallback }) {
      const others = canGoOn ? runnable & ~(1 << current) : runnable;
      if (canGoOn) {
        if (others === 0 || words[USED]! >= preemptions || draw(seed, decision, 1, oneIn) !== 0) return fallback;
        words[USED] = words[USED]! + 1;
      }
      return nthBit(others, draw(seed, decision, 2, bitsIn(others)));
    },
  };
}

function stalling({ actor, at, occurrence, after, until }: StallRule, tools: SchedulerTools): Scheduler {
  const stalled = tools.actor(actor);
  const [SEEN, ARMED] = [0, 1];
  const { words } = tools;
  return {
    hold({ current, point }) {
      if (point === null || current !== stalled || words[SEEN]! >= occurrence || !tools.fits(at, point)) return null;
      if (after !== undefined && words[ARMED] === 0) {
        if (!tools.posted(after)) return null;
        words[ARMED] = 1;
      }
      words[SEEN] = words[SEEN]! + 1;
      return words[SEEN] === occurrence ? until : null;
    },
    choose: (turn) => turn.fallback,
  };
}

function replaying(token: string, tools: SchedulerTools): Scheduler {
  const { deviations } = readToken(token);
  const { words } = tools;
  const NEXT = 0;
  const due = (decision: number): Deviation | undefined => {
    const next = deviations[words[NEXT]!];
    if (next === undefined || next.decision > decision) return undefined;
    if (next.check !== (tools.hash() & 63))
      throw new ScheduleMismatch(
        `up to decision ${decision} the run went otherwise than the one that the token describes`,
      );
    words[NEXT] = words[NEXT]! + 1;
    return next;
  };
  const isNext = (decision: number, isHold: boolean): boolean => {
    const next = deviations[words[NEXT]!];
    return next?.decision === decision && (next.hold !== null) === isHold;
  };
  return {
    hold: ({ decision }) => (isNext(decision, true) ? due(decision)!.hold : null),
    choose({ decision, runnable, fallback }) {
      const deviation = due(decision);
      if (deviation === undefined) return fallback;
      if (deviation.hold !== null || deviation.decision !== decision || (runnable & (1 << deviation.actor)) === 0)
        throw new ScheduleMismatch(`at decision ${decision} the token asks for what is not possible here`);
      return deviation.actor;
    },
  };
}

/** Makes the scheduler of a strategy; it decides alike in every thread. */
export function makeScheduler(strategy: Strategy, tools: SchedulerTools): Scheduler {
  switch (strategy.kind) {
    case 'run-to-block':
      return runToBlock;
    case 'random':
      return randomly(strategy, tools.words);
    case 'stall':
      return stalling(strategy.stall, tools);
    case 'replay':
      return replaying(strategy.token, tools);
  }
}
