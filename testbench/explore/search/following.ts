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
  /** Accesses found so far, for each state of the path and each actor. */
  private readonly found: AccessSet[][] = [];
  /** Index of the state from which on nothing has been carried over to the states before. */
  private depth = 0;
  private readonly numbers = new Map<string, number>();
  private readonly kept: Followers[] = [];

  constructor(private readonly actors: number) {}

  /** Comes to a new state of a path. @param timePassed virtual time has passed there by itself. */
  arrive(depth: number, timePassed: boolean): void {
    this.depth = depth;
    this.found[depth] = Array.from({ length: this.actors }, () => (timePassed ? TIME : NO_ACCESS));
  }

  /** Notes the step from a state to the next one. */
  step(depth: number, choice: Choice): void {
    this.steps[depth] = this.stepOf(choice);
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

  /** Adds what a former visit of a state has found to follow it. */
  include(depth: number, number: number): void {
    const found = this.found[depth]!;
    for (let actor = 0; actor < this.actors; actor++)
      found[actor] = this.sets.union(found[actor]!, this.kept[number - 1]?.[actor] ?? ANY_ACCESS);
  }

  /** Adds a step that was left out, to a state that a former visit has covered. */
  includeAfter(depth: number, step: PathStep, number: number): void {
    this.merge(depth, step, this.kept[number - 1] ?? null);
  }

  /** Carries what was found over to the states before, up to this one. */
  foldTo(depth: number): void {
    for (; this.depth > depth; this.depth--) {
      const before = this.depth - 1;
      this.merge(before, this.steps[before]!, this.found[this.depth]!);
    }
  }

  /** True if an interruption before the step from a state can come to an end to which one after it does not. */
  matters(depth: number): boolean {
    const { actor, touches, timed } = this.steps[depth]!;
    const after = this.found[depth + 1]![actor]!;
    return this.sets.conflict(touches, after) || (timed && this.sets.hasTime(after));
  }

  /** Takes interruptions before the step from a state for seen, because those after it are. */
  skip(depth: number): void {
    const { actor } = this.steps[depth]!;
    const found = this.found[depth]!;
    found[actor] = this.sets.union(found[actor]!, this.found[depth + 1]![actor]!);
  }

  /** Number of all that has been found to follow a state. */
  numberOf(depth: number): number {
    const found = this.found[depth]!;
    const text = found.join(' ');
    let number = this.numbers.get(text);
    if (number === undefined) {
      number = this.kept.push([...found]);
      this.numbers.set(text, number);
    }
    return number;
  }

  private merge(depth: number, { actor, reaches }: PathStep, after: Followers | null): void {
    const found = this.found[depth]!;
    for (let one = 0; one < this.actors; one++) {
      if (one === actor) continue;
      found[one] = this.sets.union(this.sets.union(found[one]!, reaches), after?.[one] ?? ANY_ACCESS);
    }
  }
}
