import { UsageError } from '../../../shared/errors';
import { didYouMean } from '../../../shared/nearest';
import { learnShared } from './learning';
import { HoldEvent, type HoldOrder, isNamed, placeOf, placesOf } from './places';
import { runToBlock } from './policy';
import { type Replayed, runBy } from './replay';
import type { Choice, Run, World } from './world';

/** Outcome of a hold by hand. */
export interface HeldRun {
  readonly run: Replayed;
  /** Step before which the actor was held; -1 where it never came to the place. */
  readonly from: number;
  /** Step at which it went on; -1 where it was never held, or to the end. */
  readonly to: number;
  /** The hold ended because nothing else could happen. */
  readonly gaveUp: boolean;
}

/** @throws UsageError for an actor or a place that the world does not have. */
export function requireHold(world: World, { actor, after, before, until }: HoldOrder): void {
  if (!world.actors.includes(actor))
    throw new UsageError(
      `--hold: ${world.name} has no actor '${actor}': ${didYouMean(actor, world.actors, `expected one of ${world.actors.join(', ')}`)}`,
    );
  const unknown = (name: string | null): boolean =>
    name !== null && !world.milestones.includes(name) && !placesOf(world).some((place) => isNamed(place, name));
  const missing = [after, before, until].find(unknown);
  if (missing === undefined || missing === null) return;
  const names = [...world.milestones, ...placesOf(world).map(({ name }) => name)];
  throw new UsageError(
    `'${missing}' is no milestone and no access of ${world.name}: ${didYouMean(missing, names, '--list-points prints them all')}`,
  );
}

/**
 * Runs a world once, with one actor first, until it is between two places. There it is held, and the others run, each
 * until it waits.
 */
export function runHeld(world: World, order: HoldOrder): HeldRun {
  learnShared(world);
  const held = world.actors.indexOf(order.actor);
  const begins = new HoldEvent(world, order.after, true);
  const ends = new HoldEvent(world, order.until, false);
  let from = -1;
  let to = -1;
  let gaveUp = false;

  const isAtPlace = (run: Run, choices: readonly Choice[]): boolean => {
    if (from >= 0 || !begins.look(run)) return false;
    const next = choices.find(({ kind, actor }) => kind === 'step' && actor === held);
    return next !== undefined && (order.before === null || isNamed(placeOf(world, next), order.before));
  };
  const others = (run: Run, choices: readonly Choice[]): number => {
    const hold = choices.findIndex(({ kind, actor }) => kind === 'hold' && actor === held);
    if (hold >= 0) return hold;
    const among = [...choices.keys()].filter(
      (index) => choices[index]!.kind !== 'step' || choices[index]!.actor !== held,
    );
    return runToBlock(run, choices, among);
  };

  const run = runBy(
    world,
    (step, now, choices) => {
      if (isAtPlace(now, choices)) from = step;
      if (to >= 0) return -1;
      // The actor goes first until it is there: the others might be through before.
      if (from < 0) return choices.findIndex(({ kind, actor }) => kind === 'step' && actor === held);
      if (!ends.look(now)) {
        const index = others(now, choices);
        if (index >= 0) return index;
        gaveUp = order.until !== null;
      }
      to = step;
      return -1;
    },
    (_run, choice) => {
      if (choice.actor === held) begins.see(choice);
      if (from >= 0) ends.see(choice);
    },
  );
  return { run, from, to, gaveUp };
}
