import type { Schedule, Search } from './search';
import type { Scheduler } from './scheduler';
import type { Run, World } from './world';

/** Schedules that a scheduler decides, as many as it is asked for. */
export class Sampling implements Search {
  readonly enumerates = false;
  readonly share = null;
  readonly saved = 0;
  readonly restarts = 0;
  private readonly taken: number[] = [];

  /** @param schedule number of the first schedule. */
  constructor(
    private readonly world: World,
    private readonly scheduler: Scheduler,
    private schedule = 0,
  ) {}

  /** Makes a run of the next schedule. Makes it again where more words turned out to be shared, so that it repeats. */
  next(): Schedule {
    for (;;) {
      const { sharedWords } = this.world;
      const run = this.go();
      if (this.world.sharedWords !== sharedWords) continue;
      this.schedule++;
      return { run, taken: this.taken, complete: true, isKnownEnd: false };
    }
  }

  private go(): Run {
    const { taken, scheduler } = this;
    let steps = 0;
    const run = this.world.begin();
    scheduler.begin(this.schedule);
    for (let choices = run.choices(); choices.length > 0; choices = run.choices()) {
      const index = choices.length === 1 ? 0 : scheduler.choose(run, choices);
      scheduler.taking?.(run, choices, index);
      taken[steps++] = index;
      run.take(index);
    }
    // Emptying the list before each run would cost more than a short run.
    if (taken.length !== steps) taken.length = steps;
    return run;
  }
}
