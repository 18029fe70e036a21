import { Draws } from './draws';
import type { Scheduler } from './scheduler';
import type { Choice, Run } from './world';

/** A hold is this many times less likely than a step, because it keeps its actor out for long. */
const HOLD_ONE_IN = 32;

/** Chooses at each step any of the actors that can go on. */
export class RandomWalk implements Scheduler {
  private readonly draws = new Draws();

  constructor(private readonly seed: number) {}

  begin(schedule: number): void {
    this.draws.begin(this.seed, schedule);
  }

  choose(_run: Run, choices: readonly Choice[]): number {
    for (;;) {
      const index = this.draws.below(choices.length);
      if (choices[index]!.kind !== 'hold' || this.draws.oneIn(HOLD_ONE_IN)) return index;
    }
  }
}
