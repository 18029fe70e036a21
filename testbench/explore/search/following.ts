import { type AccessSet, AccessSets, ANY_ACCESS, NO_ACCESS, TIME } from './accessSets';
import type { Choice, Run } from './world';

/** For each actor, the accesses of the others from a state on until the actor makes its next step. */
export type Followers = readonly AccessSet[];

/** A step from one state of a path to the next. */
export interface PathStep {
  /** The actor whose step it is; -1 for a drain, a hold, or time. */
  readonly actor: number;
  /** Accesses that take effect with the step. */
  readonly touches: AccessSet;
  /** Accesses that may reach others before the actor's next step: a store may drain at any time. */
  readonly reaches: AccessSet;
  /** True if the step's effect depends on whether time passes before it or after it. */
  timed: boolean;
}

/**
 * Collects, for the states of a search's present path, the accesses of other actors before an actor goes on. An
 * interruption of an actor matters only where this conflicts with the access that the actor was about to make: if it
 * does not, the actor may as well make the access first and be interrupted then. That costs no more, and comes to the
 * same end.
 */
export class Following {
  private readonly sets = new AccessSets();
  private readonly steps: PathStep[] = [];
  /** Steps in which time has passed although someone could go on. */
  private readonly keptOut: boolean[] = [];
  /** Accesses found so far, for each state of the path and each actor. */
  private readonly found: AccessSet[][] = [];
  /**
   * For each state of the path and each actor, the first state of the path that is not done yet and whose accesses
   * belong to these too, because a step has led back to it. Infinity for none.
   */
  private readonly open: number[][] = [];
  /** Index of the state from which on nothing has been carried over to the states before. */
  private depth = 0;
  private readonly numbers = new Map<string, number>();
  private readonly kept: Followers[] = [];

  constructor(private readonly actors: number) {}

  /** Comes to a new state of a path. @param timePassed virtual time has passed there by itself. */
  arrive(depth: number, timePassed: boolean): void {
    this.depth = depth;
    this.found[depth] = Array.from({ length: this.actors }, () => (timePassed ? TIME : NO_ACCESS));
    this.open[depth] = Array.from({ length: this.actors }, () => Infinity);
  }

  /** Notes the step from a state to the next one. */
  step(depth: number, choices: readonly Choice[], index: number): void {
    this.steps[depth] = this.stepOf(choices[index]!);
    this.keptOut[depth] = choices[index]!.kind === 'time' && choices.length > 1;
  }

  /**
   * To be called after the run has taken a step. Where its actor has looked at the clock, the time matters. Where it
   * cannot go on afterwards nobody can interrupt it there, and how often time may pass depends on that.
   */
  taken(depth: number, { lookedAtClock, canGoOn }: Run): void {
    const step = this.steps[depth]!;
    if (lookedAtClock || (step.actor >= 0 && !canGoOn)) step.timed = true;
  }

  stepOf(choice: Choice): PathStep {
    const { kind, actor, write, buffered } = choice;
    // Time does not pass before a buffered store has drained.
    const timed = write && buffered;
    return {
      actor: kind === 'step' ? actor : -1,
      touches: this.sets.of(choice, false),
      reaches: this.sets.of(choice, true),
      timed,
    };
  }

  /** Says that anything may follow the last state of the path, for an actor that makes no step any more. */
  end(): void {
    this.found[this.depth]!.fill(ANY_ACCESS);
  }

  /** Adds what a former visit of a state has found to follow it: its number, or that of a state that is not done. */
  include(depth: number, number: number): void {
    for (let actor = 0; actor < this.actors; actor++) this.add(depth, actor, this.setOf(number, actor), openOf(number));
  }

  /** Adds a step that was left out, to a state that a former visit has covered. */
  includeAfter(depth: number, step: PathStep, number: number): void {
    this.merge(
      depth,
      step,
      (actor) => this.setOf(number, actor),
      () => openOf(number),
    );
  }

  /** Carries what was found over to the states before, up to this one. */
  foldTo(depth: number): void {
    for (; this.depth > depth; this.depth--) {
      const after = this.depth;
      const [found, open] = [this.found[after]!, this.open[after]!];
      this.merge(
        after - 1,
        this.steps[after - 1]!,
        (actor) => found[actor]!,
        (actor) => (open[actor]! < after ? open[actor]! : Infinity),
      );
    }
  }

  /** True if an interruption before the step from a state can come to an end to which one after it does not. */
  matters(depth: number): boolean {
    const { actor, touches, timed } = this.steps[depth]!;
    const after = this.doneAt(depth + 1, actor);
    return this.sets.conflict(touches, after) || (timed && this.sets.hasTime(after));
  }

  /** Takes interruptions before the step from a state for seen, because those after it are. */
  skip(depth: number): void {
    const { actor } = this.steps[depth]!;
    this.add(depth, actor, this.doneAt(depth + 1, actor), Infinity);
  }

  /** Number of all that has been found to follow a state. */
  numberOf(depth: number): number {
    const found = this.found[depth]!.map((_set, actor) => this.doneAt(depth, actor));
    const text = found.join(' ');
    let number = this.numbers.get(text);
    if (number === undefined) {
      number = this.kept.push(found);
      this.numbers.set(text, number);
    }
    return number;
  }

  /** Number for a state of the path that is not done yet, until `numberOf` gives it one. */
  numberOfOpen(depth: number): number {
    return -1 - depth;
  }

  /**
   * Number of steps in which a run has come from a state of its path to the same state again, if time has passed only
   * where nobody could go on: it can do so for ever, and keeps nobody out. 0 for any other state.
   */
  loopSteps(number: number, depth: number): number {
    if (number >= 0) return 0;
    for (let at = openOf(number); at < depth; at++) if (this.keptOut[at]) return 0;
    return depth - openOf(number);
  }

  /** Accesses that follow a state of the path. Anything may follow as long as a state before it has to be done for that. */
  private doneAt(depth: number, actor: number): AccessSet {
    return this.open[depth]![actor]! < depth ? ANY_ACCESS : this.found[depth]![actor]!;
  }

  private setOf(number: number, actor: number): AccessSet {
    return number < 0 ? NO_ACCESS : (this.kept[number - 1]?.[actor] ?? ANY_ACCESS);
  }

  private add(depth: number, actor: number, set: AccessSet, open: number): void {
    const found = this.found[depth]!;
    found[actor] = this.sets.union(found[actor]!, set);
    this.open[depth]![actor] = Math.min(this.open[depth]![actor]!, open);
  }

  private merge(
    depth: number,
    { actor, reaches }: PathStep,
    setAfter: (actor: number) => AccessSet,
    openAfter: (actor: number) => number,
  ): void {
    for (let one = 0; one < this.actors; one++)
      if (one !== actor) this.add(depth, one, this.sets.union(reaches, setAfter(one)), openAfter(one));
  }
}

/** The state of the path that a number of `numberOfOpen` stands for; Infinity for any other number. */
function openOf(number: number): number {
  return number < 0 ? -1 - number : Infinity;
}
