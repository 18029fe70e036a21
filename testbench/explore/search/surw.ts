import { Draws } from './draws';
import type { Counts, Scheduler } from './scheduler';
import type { Choice, Run } from './world';

const HOLD_ONE_IN = 32;

/**
 * SURW, selectively uniform random walk (Zhao, Wolff, Mathur, Roychoudhury 2025). For each schedule one shared word is
 * drawn. An actor is meant to access it next, drawn by how many such accesses each actor still has in a counting run;
 * the others wait before theirs. So each order of the accesses to that word is about equally likely.
 */
export class Surw implements Scheduler {
  private readonly draws = new Draws();
  private readonly left: number[];
  private address = -1;
  private meant = -1;

  constructor(
    private readonly counts: Counts,
    private readonly seed: number,
  ) {
    this.left = counts.byActor.map(() => 0);
  }

  begin(schedule: number): void {
    const { draws, counts, left } = this;
    draws.begin(this.seed, schedule);
    const word = counts.words.length === 0 ? null : counts.words[draws.below(counts.words.length)]!;
    this.address = word?.address ?? -1;
    for (let actor = 0; actor < left.length; actor++) left[actor] = (word?.byActor ?? counts.byActor)[actor]!;
    this.meant = this.draw();
  }

  choose(_run: Run, choices: readonly Choice[]): number {
    const free = this.positions(choices, (choice) => !this.isInteresting(choice) || choice.actor === this.meant);
    if (free.length > 0) return this.pick(choices, free);
    // The actor that is meant is not among those that can go on, so another one is.
    const index = this.draws.below(choices.length);
    this.meant = choices[index]!.actor;
    return index;
  }

  taking(_run: Run, choices: readonly Choice[], index: number): void {
    const choice = choices[index]!;
    if (!this.isInteresting(choice)) return;
    this.left[choice.actor] = Math.max(0, this.left[choice.actor]! - 1);
    this.meant = this.draw();
  }

  private positions(choices: readonly Choice[], fits: (choice: Choice) => boolean): number[] {
    const found: number[] = [];
    for (let index = 0; index < choices.length; index++) if (fits(choices[index]!)) found.push(index);
    return found;
  }

  private pick(choices: readonly Choice[], among: readonly number[]): number {
    for (;;) {
      const index = among[this.draws.below(among.length)]!;
      if (choices[index]!.kind !== 'hold' || among.length === 1 || this.draws.oneIn(HOLD_ONE_IN)) return index;
    }
  }

  private isInteresting({ kind, address, length, buffered, write, source }: Choice): boolean {
    if (kind !== 'step' && kind !== 'drain') return false;
    if (this.address < 0) return length > 0;
    const covers = (from: number): boolean => this.address >= (from & ~3) && this.address < from + length;
    return (length > 0 && !(buffered && write) && covers(address)) || (source >= 0 && covers(source));
  }

  /** Draws an actor by how many accesses it still has; any where none has. */
  private draw(): number {
    const sum = this.left.reduce((all, one) => all + one, 0);
    if (sum === 0) return this.draws.below(this.left.length);
    let at = this.draws.below(sum);
    for (let actor = 0; actor < this.left.length; actor++) {
      at -= this.left[actor]!;
      if (at < 0) return actor;
    }
    return 0;
  }
}
