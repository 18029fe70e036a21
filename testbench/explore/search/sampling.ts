import type { Schedule, Search } from './search';
import type { Scheduler } from './scheduler';
import type { World } from './world';

/** Runs as many schedules as it is asked for, each decided by a scheduler. */
export class Sampling implements Search {
  readonly enumerates = false;
  readonly share = null;
  readonly saved = 0;
  readonly restarts = 0;
  private readonly taken: number[] = [];

  /**
   * @param first number of the first schedule.
   */
  constructor(
    private readonly world: World,
    private readonly scheduler: Scheduler,
    private schedule = 0,
  ) {}

  next(): Schedule {
    const { taken, scheduler } = this;
    taken.length = 0;
    const run = this.world.begin();
    scheduler.begin(this.schedule++);
    for (let choices = run.choices(); choices.length > 0; choices = run.choices()) {
      const index = choices.length === 1 ? 0 : scheduler.choose(run, choices);
      scheduler.taking?.(run, choices, index);
      taken.push(index);
      run.take(index);
    }
    return { run, taken, complete: true };
  }
}
