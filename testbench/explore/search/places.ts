import { UsageError } from '../../../shared/errors';
import { countingRun } from './countingRun';
import { learnShared } from './learning';
import { Pct } from './pct';
import { Sampling } from './sampling';
import { runBy, runTaken } from './replay';
import type { Choice, Run, World } from './world';

/** A named access of a world: who makes it, what it does to which word, and where in the source. */
export interface Place {
  readonly actor: string;
  readonly access: Choice['access'];
  /** Name of the word. */
  readonly name: string;
  /** `folder/file.ts:line`; empty where there is none. */
  readonly where: string;
}

/** Schedules that are run to find places that an uninterrupted run does not come to. */
const SCHEDULES = 64;
const DEPTH = 3;
const SEED = 1;

/** All places that some schedules come to, in the order of actors, then of source positions. */
export function placesOf(world: World): readonly Place[] {
  learnShared(world);
  const found = new Map<string, Place>();
  const sampling = new Sampling(world, new Pct(world.actors.length, DEPTH, countingRun(world), SEED));
  const note = (_run: Run, choice: Choice): void => {
    if (choice.kind !== 'step' || choice.access === 'none') return;
    const place = placeOf(world, choice);
    found.set(JSON.stringify(place), place);
  };
  runBy(world, () => -1, note);
  for (let schedule = 0; schedule < SCHEDULES; schedule++) {
    const { taken } = sampling.next();
    runTaken(world, [...taken], note);
  }
  const order = (one: Place): string =>
    `${String(world.actors.indexOf(one.actor)).padStart(2)} ${one.where} ${one.name}`;
  return [...found.values()].sort((one, other) => (order(one) < order(other) ? -1 : 1));
}

export function placeOf(world: World, { actor, access, address, length, site }: Choice): Place {
  return {
    actor: world.actors[actor] ?? '',
    access,
    name: length === 0 ? access : world.describe(address),
    where: site < 0 ? '' : world.sites[site]!,
  };
}

/**
 * True where a name means this place: a word's name, such as `rx[0].read`, or the end of a source position, such as
 * `gate.ts:14`. Without a number the first queue is meant: `rx.read`.
 */
export function isNamed({ name, where }: Place, wanted: string): boolean {
  const names = [name, name.replace('[0]', '')];
  return (
    names.some((one) => one === wanted || one.startsWith(`${wanted}+`)) || (where !== '' && where.endsWith(wanted))
  );
}

/** An actor that is held by hand, between two of its accesses, until something has happened. */
export interface HoldOrder {
  readonly actor: string;
  /** Access of the actor, or milestone, after which it is held; null for the beginning. */
  readonly after: string | null;
  /** Access of the actor before which it is held; null for its next one. */
  readonly before: string | null;
  /** Milestone or access that ends the hold; null for when nothing else can happen. */
  readonly until: string | null;
}

/** Parses `rx@after:blocked,before:rx.read`. @throws UsageError for any other form. */
export function parseHold(text: string, until: string | undefined): HoldOrder {
  const [, actor, rest] = /^([^@]+)(?:@(.+))?$/.exec(text) ?? [];
  const parts = new Map(
    (rest ?? '')
      .split(',')
      .filter(Boolean)
      .map((part) => [part.split(':')[0]!, part.slice(part.indexOf(':') + 1)]),
  );
  const unknown = [...parts].find(
    ([key, name]) => (key !== 'after' && key !== 'before') || name === '' || name === key,
  );
  if (actor === undefined || unknown !== undefined)
    throw new UsageError(
      `--hold ${text}: expected ACTOR@after:NAME,before:NAME, such as rx@after:blocked,before:rx.read`,
    );
  return { actor, after: parts.get('after') ?? null, before: parts.get('before') ?? null, until: until ?? null };
}

/** Knows whether a milestone has been passed, or an access been made. */
export class HoldEvent {
  private readonly milestone: number;
  happened: boolean;

  constructor(
    private readonly world: World,
    private readonly name: string | null,
    atFirst: boolean,
  ) {
    this.milestone = name === null ? -1 : world.milestones.indexOf(name);
    this.happened = name === null && atFirst;
  }

  look(run: Run): boolean {
    if (this.milestone >= 0 && run.reached(this.milestone)) this.happened = true;
    return this.happened;
  }

  see(choice: Choice): void {
    if (this.name !== null && choice.kind === 'step' && isNamed(placeOf(this.world, choice), this.name))
      this.happened = true;
  }
}
