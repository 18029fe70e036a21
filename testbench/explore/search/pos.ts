import { Draws } from './draws';
import { conflict, type Scheduler } from './scheduler';
import type { Choice, Run } from './world';

/** A held actor stays out for long, so a hold has a lower priority than most steps. */
const HOLD_FACTOR = 0.25;

/**
 * POS, partial order sampling (Yuan, Yang, Gu 2018). Each access that comes next has a random priority, and the highest
 * one happens. It then draws anew, and so do the accesses that it conflicts with. Orders of accesses that conflict are
 * so drawn far more evenly than by a random walk.
 */
export class Pos implements Scheduler {
  private readonly draws = new Draws();
  /** Priority of the next choice of each agent; for a drain, of each address too. */
  private readonly priority = new Map<number, number>();

  constructor(
    private readonly actors: number,
    private readonly seed: number,
  ) {}

  begin(schedule: number): void {
    this.draws.begin(this.seed, schedule);
    this.priority.clear();
  }

  choose(_run: Run, choices: readonly Choice[]): number {
    let best = 0;
    let highest = -1;
    for (let index = 0; index < choices.length; index++) {
      const own = this.priorityOf(choices[index]!);
      if (own > highest) {
        best = index;
        highest = own;
      }
    }
    return best;
  }

  taking(_run: Run, choices: readonly Choice[], index: number): void {
    const taken = choices[index]!;
    for (const other of choices)
      if (other === taken || conflict(taken, other)) this.priority.delete(this.nameOf(other));
  }

  private priorityOf(choice: Choice): number {
    const name = this.nameOf(choice);
    let own = this.priority.get(name);
    if (own === undefined) {
      own = this.draws.u32() * (choice.kind === 'hold' ? HOLD_FACTOR : 1);
      this.priority.set(name, own);
    }
    return own;
  }

  private nameOf({ kind, actor, address }: Choice): number {
    const { actors } = this;
    if (kind === 'drain') return (address + 1) * 4 * (actors + 1) + actor;
    const group = kind === 'step' ? 1 : kind === 'hold' ? 2 : 3;
    return group * (actors + 1) + actor;
  }
}
