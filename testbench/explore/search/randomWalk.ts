import { Draws } from './draws';
import type { Scheduler } from './scheduler';
import type { Choice, Run } from './world';

/** A hold is chosen this much more seldom than a step, because one keeps its actor out for long. */
const HOLD_ONE_IN = 32;

/** At each step, any of those that can go on. */
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
