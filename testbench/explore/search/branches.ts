import type { PathStep } from './following';
import type { Key } from './key';
import type { Visit } from './visited';

/** A choice that may be tried where a run had several ways to go on. */
export interface Option {
  readonly index: number;
  /** State that the option leads to, as far as it is known beforehand. */
  readonly key: Key | null;
  /** Way in which a run comes to the state. */
  readonly visit: Visit;
  readonly step: PathStep | null;
  /** True if the option interrupts the current actor. */
  readonly interrupts: boolean;
}

/** A state that is entered among those that have been seen. */
export interface Entered {
  readonly key: Key;
  readonly visit: Visit;
  readonly canGoOn: boolean;
}

/** A state of the present run where something else can still be tried. */
export interface Branch {
  readonly depth: number;
  /** Options that are still to be tried, the next one last. */
  options: Option[];
  /** Number of runs between the first one and the run that came here first. */
  readonly level: number;
  /** Null for a search without reduction. */
  readonly entered: Entered | null;
  /** True while the first option, the next step of the current actor, has not been explored to its end. */
  goesOn: boolean;
}

/** The states of the present run where something else can still be tried, and an estimate of how much that is. */
export class Branches {
  private readonly list: Branch[] = [];
  /** For each level, the number of options that its runs have found, and the number of those that are done. */
  private readonly levels: { total: number; done: number }[] = [];

  get last(): Branch | undefined {
    return this.list.at(-1);
  }

  /** Level of a state that the present run comes to first. */
  get nextLevel(): number {
    return this.list.length === 0 ? 0 : this.list.at(-1)!.level + 1;
  }

  /** Share of the whole that is done, from 0 to 1. */
  get share(): number {
    let share = 0;
    let weight = 1;
    for (const { total, done } of this.levels) {
      share += (weight * Math.max(0, done - 1)) / Math.max(1, total);
      weight /= Math.max(1, total);
    }
    return share;
  }

  clear(): void {
    this.list.length = this.levels.length = 0;
  }

  add(branch: Branch): void {
    this.levels[branch.level] ??= { total: 0, done: 0 };
    this.levels[branch.level]!.total += branch.options.length;
    this.list.push(branch);
  }

  leave(): void {
    this.list.pop();
  }

  /** Takes the next option of a branch. */
  take(branch: Branch): Option | undefined {
    const option = branch.options.pop();
    if (option !== undefined) this.count(branch, 1);
    return option;
  }

  /** Leaves out all options of a branch that interrupt an actor. Returns how many. */
  dropInterruptions(branch: Branch): number {
    const kept = branch.options.filter(({ interrupts }) => !interrupts);
    const dropped = branch.options.length - kept.length;
    branch.options = kept;
    if (dropped > 0) this.count(branch, dropped);
    return dropped;
  }

  private count({ level }: Branch, options: number): void {
    this.levels.length = level + 1;
    this.levels[level]!.done += options;
  }
}
