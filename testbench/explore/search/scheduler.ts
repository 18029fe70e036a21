import type { Choice, Run } from './world';

/** Decides the steps of one run after another. */
export interface Scheduler {
  /** Begins the decisions of a schedule. They depend on the seed and the schedule's number alone. */
  begin(schedule: number): void;
  /** Chooses among at least two choices; a position in them. */
  choose(run: Run, choices: readonly Choice[]): number;
  /** Sees each choice that is taken, also one that was the only one, before the run takes it. */
  taking?(run: Run, choices: readonly Choice[], index: number): void;
}

/** Counts of a run under run-to-block, from which pct and surw begin. */
export interface Counts {
  /** Steps and drains of the run. */
  readonly steps: number;
  /** Accesses of each actor. */
  readonly byActor: readonly number[];
  /** Words that more than one actor accesses, with the accesses of each actor. */
  readonly words: readonly { readonly address: number; readonly byActor: readonly number[] }[];
}

/** Returns the agent of a choice: an actor, or its store buffer. Each has a priority of its own. */
export function agentOf({ kind, actor }: Choice, actors: number): number {
  if (kind === 'time') return 2 * actors;
  return kind === 'drain' ? actors + actor : actor;
}

/** True if two choices touch the same bytes, and one of them writes. */
export function conflict(one: Choice, other: Choice): boolean {
  return touches(one, other) || touches(other, one);
}

function touches(writer: Choice, other: Choice): boolean {
  if (!writer.write || writer.buffered || writer.length === 0) return false;
  const end = writer.address + writer.length;
  if (other.source >= 0 && other.source < end && writer.address < other.source + other.length) return true;
  if (other.buffered && other.write) return false;
  return other.length > 0 && other.address < end && writer.address < other.address + other.length;
}
