import { Draws } from './draws';
import { agentOf, type Counts, type Scheduler } from './scheduler';
import type { Choice, Run } from './world';

/**
 * PCT (Burckhardt, Kothari, Musuvathi, Nagarakatte 2010). Actors and store buffers have random priorities, and the
 * highest one that can go on does. At `depth - 1` random steps the one that is about to go on gets a priority below all
 * others, or is held. Finds a bug of that depth in n agents and k steps with a probability of at least 1/(n k^(depth-1)).
 * Under pso, where stores to different locations overtake each other, each location has a priority of its own.
 */
export class Pct implements Scheduler {
  private readonly draws = new Draws();
  private readonly priority: number[];
  /** Steps at which a priority changes. */
  private readonly changes: Float64Array;
  /** Number of `changes` that are over. */
  private changed = 0;
  private step = 0;
  private lowest = 0;
  /** Priorities of stores that overtake others of their buffer, by location. */
  private readonly overtaking = new Map<number, number>();

  constructor(
    private readonly actors: number,
    depth: number,
    private readonly counts: Counts,
    private readonly seed: number,
  ) {
    this.priority = Array.from({ length: 2 * actors + 1 }, () => 0);
    this.changes = new Float64Array(depth - 1);
  }

  begin(schedule: number): void {
    const { draws, priority } = this;
    draws.begin(this.seed, schedule);
    for (let agent = 0; agent < priority.length; agent++) priority[agent] = 1 + draws.u32();
    // Time passes before an actor with a lowered priority goes on. So that actor stays out.
    priority[2 * this.actors] = 0.5;
    this.lowest = 0;
    if (this.overtaking.size > 0) this.overtaking.clear();
    this.step = 0;
    const steps = Math.max(1, this.counts.steps);
    for (let change = 0; change < this.changes.length; change++) this.changes[change] = draws.below(steps);
    if (this.changes.length > 1) this.changes.sort();
    this.changed = 0;
  }

  choose(_run: Run, choices: readonly Choice[]): number {
    const index = this.highest(choices);
    if (!this.isDue()) return index;
    const { actor } = choices[index]!;
    this.lower(choices, index);
    const hold = choices.findIndex((one) => one.kind === 'hold' && one.actor === actor);
    return hold >= 0 && this.draws.oneIn(2) ? hold : this.highest(choices);
  }

  taking(): void {
    this.step++;
  }

  /** True at a step where a priority changes, or at the first decision after it. */
  private isDue(): boolean {
    const former = this.changed;
    while (this.changed < this.changes.length && this.changes[this.changed]! <= this.step) this.changed++;
    return this.changed > former;
  }

  /** Location of a store that overtakes an older one of its buffer, which pso allows; -1 for any other choice. */
  private locationOf(choices: readonly Choice[], index: number): number {
    const { kind, actor, address } = choices[index]!;
    const before = choices[index - 1];
    // The stores of a buffer come in a row, the oldest first.
    if (kind !== 'drain' || before === undefined || before.kind !== 'drain' || before.actor !== actor) return -1;
    return address * this.actors + actor;
  }

  private priorityOf(choices: readonly Choice[], index: number): number {
    const location = this.locationOf(choices, index);
    if (location < 0) return this.priority[agentOf(choices[index]!, this.actors)]!;
    const known = this.overtaking.get(location);
    if (known !== undefined) return known;
    const drawn = 1 + this.draws.u32();
    this.overtaking.set(location, drawn);
    return drawn;
  }

  /** Puts who acts by a choice below all others. */
  private lower(choices: readonly Choice[], index: number): void {
    const location = this.locationOf(choices, index);
    this.lowest--;
    if (location < 0) this.priority[agentOf(choices[index]!, this.actors)] = this.lowest;
    else this.overtaking.set(location, this.lowest);
  }

  private highest(choices: readonly Choice[]): number {
    let best = -1;
    let priority = -Infinity;
    for (let index = 0; index < choices.length; index++) {
      const choice = choices[index]!;
      if (choice.kind === 'hold') continue;
      const own = this.priorityOf(choices, index);
      if (own > priority) {
        best = index;
        priority = own;
      }
    }
    return Math.max(0, best);
  }
}
