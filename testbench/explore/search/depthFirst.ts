import { History, type Key } from './history';
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

/** A choice that may be tried where a run had several ways to go on. */
interface Option {
  readonly index: number;
  /** State that the option leads to, as far as it is known beforehand. */
  readonly key: Key | null;
  /** The current actor after it. */
  readonly current: number;
  readonly left: number;
}

/** A state of the present run where something else can still be tried. */
interface Node {
  readonly depth: number;
  /** Options that are still to be tried, the next one last. */
  readonly options: Option[];
  /** How many runs lie between the first one and the run that came here first. */
  readonly level: number;
}

/** Options that the runs of one level have found, and how many of them have been dealt with. */
interface Level {
  total: number;
  done: number;
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
  private readonly nodes: Node[] = [];
  private readonly levels: Level[] = [];
  private readonly history: History;
  private readonly drains: UsefulDrains;
  private readonly visited = new Visited();
  private readonly key: Key = { low: 0, high: 0 };
  private readonly reduce: boolean;
  private sharedWords = -1;
  /** An actor could be held somewhere. */
  private holds = false;
  /** Time could pass somewhere although an actor could go on. */
  private lapses = false;
  private mustRestart = false;
  private over = false;

  constructor(
    private readonly world: World,
    private readonly options: DepthFirstOptions,
  ) {
    this.reduce = options.reduce !== false;
    this.history = new History(world.actors.length);
    this.drains = new UsefulDrains(world.actors.length, this.history);
  }

  /** Number of states from which the search has gone on. */
  get states(): number {
    return this.visited.size;
  }

  get share(): number {
    if (this.over) return 1;
    let share = 0;
    let weight = 1;
    for (const { total, done } of this.levels) {
      share += (weight * Math.max(0, done - 1)) / Math.max(1, total);
      weight /= Math.max(1, total);
    }
    return share;
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
    this.taken.length = this.nodes.length = this.levels.length = 0;
    this.visited.clear();
  }

  /** Goes back to the last state with an option that is worth a run, and takes it. False where there is none. */
  private turnBack(): boolean {
    for (let node = this.nodes.at(-1); node !== undefined; node = this.nodes.at(-1)) {
      for (let option = node.options.pop(); option !== undefined; option = node.options.pop()) {
        this.levels.length = node.level + 1;
        this.levels[node.level]!.done++;
        if (option.key !== null && this.isCovered(option.key, option.current, option.left)) {
          this.saved++;
          continue;
        }
        this.taken.length = node.depth;
        this.taken.push(option.index);
        return true;
      }
      this.nodes.pop();
    }
    return false;
  }

  /** Repeats the decisions up to the one that has changed, then goes on as long as there is something new. */
  private go(): Schedule {
    const { taken, history } = this;
    const run = this.world.begin();
    history.begin();
    let left = this.options.preemptions;
    for (const index of taken) left -= this.take(run, run.choices(), index);
    const level = this.nodes.length === 0 ? 0 : this.nodes.at(-1)!.level + 1;
    for (let choices = run.choices(); choices.length > 0; choices = run.choices()) {
      const index = this.decide(run, choices, left, level);
      if (index < 0) return { run, taken, complete: false };
      taken.push(index);
      left -= this.take(run, choices, index);
    }
    return { run, taken, complete: true };
  }

  private take(run: Run, choices: readonly Choice[], index: number): number {
    const choice = choices[index]!;
    const cost = costOf(run, choice);
    if (this.reduce) this.history.take(choice);
    run.take(index);
    if (this.reduce) this.history.taken(run);
    return cost;
  }

  /** Chooses how to go on from a new state, and notes what else there is; -1 where nothing new can follow. */
  private decide(run: Run, choices: readonly Choice[], left: number, level: number): number {
    if (choices.length === 1) return costOf(run, choices[0]!) <= left ? 0 : -1;
    let found = this.reduce ? this.drains.select(run, choices, left) : affordable(run, choices, left);
    if (this.reduce && found.length > 1) found = this.newAmong(run, choices, found, left);
    const first = runToBlock(run, choices, found);
    if (found.length > 1) this.note(run, choices, found, first, left, level);
    return first;
  }

  /** Returns the choices after which something new can follow, and marks what follows this state as seen. */
  private newAmong(run: Run, choices: readonly Choice[], found: number[], left: number): number[] {
    const { key, visited } = this;
    this.learnKinds(choices);
    this.history.keyInto(key);
    const covered = visited.covers(key, run.current, left);
    visited.add(key, run.current, run.canGoOn, left);
    if (covered === 'nothing') return found;
    this.saved++;
    return this.isAll(covered, left) ? [] : found.filter((index) => choices[index]!.kind !== 'step');
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

  private isCovered(key: Key, current: number, left: number): boolean {
    return this.isAll(this.visited.covers(key, current, left), left);
  }

  private note(
    run: Run,
    choices: readonly Choice[],
    found: readonly number[],
    first: number,
    left: number,
    level: number,
  ): void {
    const options: Option[] = [];
    for (const index of found) {
      if (index === first) continue;
      const choice = choices[index]!;
      const current = choice.kind === 'step' ? choice.actor : run.current;
      options.push({ index, key: this.keyAfter(choice), current, left: left - costOf(run, choice) });
    }
    // The cheapest last, because it is tried first: what it sees covers more.
    options.sort((one, other) => one.left - other.left);
    this.levels[level] ??= { total: 0, done: 0 };
    this.levels[level].total += options.length;
    this.nodes.push({ depth: this.taken.length, options, level });
  }

  private keyAfter(choice: Choice): Key | null {
    // How much time passes is not known beforehand.
    if (!this.reduce || choice.kind === 'time') return null;
    const key = { low: 0, high: 0 };
    this.history.keyAfterInto(choice, key);
    return key;
  }
}
