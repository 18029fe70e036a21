import { Following } from './following';
import { type Branch, Branches, type Entered, type Option } from './branches';
import { History } from './history';
import { type Key, numberOf } from './key';
import { affordable, costOf, runToBlock } from './policy';
import type { Schedule, Search } from './search';
import { UsefulDrains } from './usefulDrains';
import { type Covered, Visited } from './visited';
import type { Choice, Run, World } from './world';

export interface DepthFirstOptions {
  /** Bound on preemptions and holds of one run. */
  readonly preemptions: number;
  /** False for the plain search, which runs every schedule. Default true. */
  readonly reduce?: boolean;
}

/**
 * Depth first, with a bound on preemptions. Begins with the schedule that has none, and changes the last decision that
 * can be changed.
 *
 * The reduction leaves out what leads to a state that has been seen with as much of the bound left (`Visited`), and
 * drains that change nothing (`UsefulDrains`). Both keep every state that the plain search comes to, so they are
 * sound under the bound, which sleep sets alone are not (Coons, Musuvathi, McKinley 2013).
 */
export class DepthFirst implements Search {
  readonly enumerates = true;
  saved = 0;
  restarts = 0;
  private readonly taken: number[] = [];
  private readonly branches = new Branches();
  private readonly history: History;
  private readonly drains: UsefulDrains;
  private readonly following: Following;
  private readonly visited = new Visited();
  /** Ends that runs have come to. */
  private readonly ends = new Set<number>();
  private endCount = 0;
  private readonly reduce: boolean;
  private sharedWords = -1;
  /** An actor could be held somewhere. */
  private holds = false;
  /** Time could pass somewhere although an actor could go on. */
  private lapses = false;
  private mustRestart = false;
  /** Steps that the present run repeats; 0 for none. */
  private loopSteps = 0;
  private over = false;

  constructor(
    private readonly world: World,
    private readonly options: DepthFirstOptions,
  ) {
    this.reduce = options.reduce !== false;
    this.history = new History(world.actors.length);
    this.following = new Following(world.actors.length);
    this.drains = new UsefulDrains(world.actors.length, this.history);
  }

  /** Number of states from which the search has gone on. */
  get states(): number {
    return this.visited.size;
  }

  get share(): number {
    return this.over ? 1 : this.branches.share;
  }

  next(): Schedule | null {
    for (;;) {
      if (!this.goToNext()) return null;
      const schedule = this.go();
      // If this run has shown more words to be shared, it would take another course now.
      if (this.sharedWords === this.world.sharedWords) return schedule;
    }
  }

  /** Turns to the next schedule; false where there is none. */
  private goToNext(): boolean {
    if (this.over) return false;
    if (this.sharedWords < 0) this.sharedWords = this.world.sharedWords;
    else if (this.mustRestart || this.sharedWords !== this.world.sharedWords) this.restart();
    else if (!this.turnBack()) {
      this.over = true;
      return false;
    }
    return true;
  }

  private restart(): void {
    this.restarts++;
    this.mustRestart = false;
    this.sharedWords = this.world.sharedWords;
    this.saved = 0;
    this.taken.length = 0;
    this.branches.clear();
    this.visited.clear();
    this.ends.clear();
    this.endCount = 0;
  }

  /** Goes back to the last state with an option that is worth a run, and takes it. False where there is none. */
  private turnBack(): boolean {
    const { branches } = this;
    for (let branch = branches.last; branch !== undefined; branch = branches.last) {
      if (this.reduce) this.following.foldTo(branch.depth);
      this.dropInterruptions(branch);
      for (let option = branches.take(branch); option !== undefined; option = branches.take(branch))
        if (!this.isCovered(branch, option)) {
          this.taken.length = branch.depth;
          this.taken.push(option.index);
          return true;
        }
      this.leave(branch);
    }
    return false;
  }

  /** Once all that follows the next step of the current actor has been seen, leaves out interruptions before it. */
  private dropInterruptions(branch: Branch): void {
    if (!branch.goesOn) return;
    branch.goesOn = false;
    // Only an actor that has just made a step can be held, so the step matters to a hold.
    if (this.holds || this.following.matters(branch.depth)) return;
    const dropped = this.branches.dropInterruptions(branch);
    this.saved += dropped;
    if (dropped > 0) this.following.skip(branch.depth);
  }

  private isCovered({ depth }: Branch, { key, visit, step }: Option): boolean {
    if (key === null || !this.isAll(this.visited.covers(key, visit), visit.left)) return false;
    // A run has to show that it comes to no end.
    if (this.following.loopSteps(this.visited.followers, depth) > 0) return false;
    this.saved++;
    this.following.includeAfter(depth, step!, this.visited.followers);
    return true;
  }

  private leave({ depth, entered }: Branch): void {
    this.branches.leave();
    if (entered === null) return;
    this.visited.add(entered.key, entered.visit, entered.canGoOn, this.following.numberOf(depth));
  }

  /** Repeats the decisions up to the one that has changed, then goes on as long as there is something new. */
  private go(): Schedule {
    const { taken, history, following } = this;
    const run = this.world.begin();
    history.begin(run);
    if (history.remembersMore && this.visited.size > 0) this.mustRestart = true;
    history.remembersMore = false;
    let left = this.options.preemptions;
    const prefix = taken.length;
    this.loopSteps = 0;
    for (let depth = 0; depth < prefix; depth++)
      left -= this.take(run, run.choices(), taken[depth]!, depth, depth === prefix - 1);
    const level = this.branches.nextLevel;
    for (;;) {
      const { timeNs } = run;
      const choices = run.choices();
      following.arrive(taken.length, run.timeNs !== timeNs);
      if (choices.length === 0) break;
      const index = this.loopSteps > 0 ? taken.at(-this.loopSteps)! : this.decide(run, choices, left, level);
      if (index < 0) return { run, taken, complete: false, isKnownEnd: false };
      taken.push(index);
      left -= this.take(run, choices, index, taken.length - 1, true);
    }
    following.end();
    return { run, taken, complete: true, isKnownEnd: this.reduce && this.hasEndedSo() };
  }

  /** True if a run has come to the present state as its end before. */
  private hasEndedSo(): boolean {
    const key: Key = { low: 0, high: 0 };
    this.history.keyInto(key);
    const { size } = this.ends.add(numberOf(key));
    const isKnown = size === this.endCount;
    this.endCount = size;
    return isKnown;
  }

  /** @param isNew false for a step that former runs have made. */
  private take(run: Run, choices: readonly Choice[], index: number, depth: number, isNew: boolean): number {
    const cost = costOf(run, choices[index]!);
    if (!this.reduce) {
      run.take(index);
      return cost;
    }
    if (isNew) this.following.step(depth, choices, index);
    this.history.take(run, choices, index);
    if (isNew) this.following.taken(depth, run);
    return cost;
  }

  /** Chooses how to go on from a new state, and notes what else there is; -1 where nothing new can follow. */
  private decide(run: Run, choices: readonly Choice[], left: number, level: number): number {
    if (choices.length === 1) {
      if (costOf(run, choices[0]!) <= left) return 0;
      this.following.end();
      return -1;
    }
    const found = this.reduce ? this.drains.select(run, choices, left) : affordable(run, choices, left);
    if (!this.reduce || found.length === 1) {
      const first = runToBlock(run, choices, found);
      if (found.length > 1) this.note(run, choices, found, first, left, level, null);
      return first;
    }
    if (found.length === 0) this.following.end();
    return found.length === 0 ? -1 : this.decideAnew(run, choices, found, left, level);
  }

  /** Decides among choices after which something new can follow, and marks what follows this state as seen. */
  private decideAnew(run: Run, choices: readonly Choice[], found: number[], left: number, level: number): number {
    const { visited } = this;
    const { current, canGoOn } = run;
    const key: Key = { low: 0, high: 0 };
    this.learnKinds(choices);
    this.history.keyInto(key);
    const visit = { current, left, idlePasses: this.history.idlePasses };
    const covered = visited.covers(key, visit);
    let some = found;
    if (covered !== 'nothing') {
      this.saved++;
      this.following.include(this.taken.length, visited.followers);
      const steps = this.following.loopSteps(visited.followers, this.taken.length);
      if (steps > 0) return this.loop(steps);
      some = this.isAll(covered, left) ? [] : found.filter((index) => choices[index]!.kind !== 'step');
      if (some.length === 0) return -1;
    }
    visited.add(key, visit, canGoOn, this.following.numberOfOpen(this.taken.length));
    const first = runToBlock(run, choices, some);
    this.note(run, choices, some, first, left, level, { key, visit, canGoOn });
    return first;
  }

  /** Lets a run that comes to one of its states again make its last steps again and again, until its world ends it. */
  private loop(steps: number): number {
    this.loopSteps = steps;
    return this.taken.at(-steps)!;
  }

  /** Notes what kinds of choices the world has. What was left out before may have been too much. */
  private learnKinds(choices: readonly Choice[]): void {
    if (this.holds && this.lapses) return;
    const holds = this.holds || choices.some(({ kind }) => kind === 'hold');
    const lapses = this.lapses || choices.some(({ kind }) => kind === 'time');
    if ((holds !== this.holds || lapses !== this.lapses) && this.saved > 0) this.mustRestart = true;
    this.holds = holds;
    this.lapses = lapses;
  }

  /** True if what has been seen is all that can follow in this world. */
  private isAll(covered: Covered, left: number): boolean {
    if (covered === 'all' || covered === 'nothing') return covered === 'all';
    const mayHold = this.holds && left > 0;
    return !mayHold && (covered === 'all but holds' || !this.lapses);
  }

  private note(
    run: Run,
    choices: readonly Choice[],
    found: readonly number[],
    first: number,
    left: number,
    level: number,
    entered: Entered | null,
  ): void {
    const options = found
      .filter((index) => index !== first)
      .map((index) => this.optionOf(run, choices, index, left))
      // The cheapest last, because it is tried first: what it sees covers more.
      .sort((one, other) => one.visit.left - other.visit.left);
    const { kind, actor } = choices[first]!;
    const isOwn = kind === 'step' && actor === run.current;
    const goesOn = entered !== null && isOwn && !this.drains.mayReach(choices[first]!);
    this.branches.add({ depth: this.taken.length, options, level, entered, goesOn });
  }

  private optionOf(run: Run, choices: readonly Choice[], index: number, left: number): Option {
    const choice = choices[index]!;
    const isStep = choice.kind === 'step';
    const cost = costOf(run, choice);
    return {
      index,
      key: this.keyAfter(run, choices, index),
      visit: {
        current: isStep ? choice.actor : run.current,
        left: left - cost,
        idlePasses: this.reduce && choice.kind !== 'time' && run.foresee(index).changes ? 0 : run.idlePasses,
      },
      step: this.reduce ? this.following.stepOf(choice) : null,
      interrupts: isStep && cost > 0,
    };
  }

  private keyAfter(run: Run, choices: readonly Choice[], index: number): Key | null {
    // The amount of time that passes is not known beforehand.
    if (!this.reduce || choices[index]!.kind === 'time') return null;
    const key = { low: 0, high: 0 };
    return this.history.keyAfterInto(run, choices, index, key) ? key : null;
  }
}
