import { expect } from 'chai';
import { CHECKS } from '../../../../testbench/explore/checks';
import type { CheckOptions } from '../../../../testbench/explore/checks/check';
import { Exploration, type Found } from '../../../../testbench/explore/search/exploration';
import { recordToken } from '../../../../testbench/explore/show/recording';
import type { World } from '../../../../testbench/explore/search/world';
import type { Hunt, Race } from '../../../../testbench/mutants/build/mutant';
import { allRaces } from '../../../../testbench/mutants/catalog/races';

/** Depths of the bugs that PCT looks for, one after the other. */
const DEPTHS = [4, 3];
const MOST_SCHEDULES = 10_000;
/** Schedules in which nothing may be found. */
const QUIET_SCHEDULES = 300;
/** Checks in which a variant must behave as the product does. Both have every step of a burst in them. */
const QUIET_CHECKS = ['rx-burst', 'detach'];

function worldOf(hunt: Hunt, mutant?: string): World {
  const { check, ...size } = hunt;
  const options: CheckOptions = mutant === undefined ? size : { ...size, mutant };
  return CHECKS.find(({ name }) => name === check)!.make(options);
}

/** Explores a world until something is found; null if nothing is. */
function search(world: World, depth: number, schedules: number): Found | null {
  const plan = { scheduler: 'pct', depth, preemptions: 2, seed: 1, reduce: true } as const;
  const exploration = new Exploration(world, plan);
  for (let i = 0; i < schedules; i++) {
    const found = exploration.advance();
    if (found !== null) return found;
  }
  return null;
}

const hunted = allRaces.flatMap(({ id, hunt, missed }) => (hunt === undefined ? [] : [{ id, hunt, missed }]));

function isEquivalent(race: Race): race is Race & { readonly equivalent: string } {
  return race.equivalent !== undefined;
}

/** Names of the checks in which races are hunted. */
export const huntingChecks: readonly string[] = [...new Set(hunted.map(({ hunt }) => hunt.check))];

/** Tests that PCT finds each race of these checks, that its token repeats it, and that the product has none. */
export function findRacesOf(checks: readonly string[]): void {
  for (const check of checks) describe(`of the check ${check}`, () => findRacesOfOne(check));
}

function findRacesOfOne(check: string): void {
  for (const { id, hunt, missed } of hunted.filter((race) => race.hunt.check === check))
    it(`PCT finds ${id} under ${hunt.memory}`, function () {
      if (missed !== undefined) {
        process.stdout.write(`  ${id} is not hunted: ${missed}\n`);
        this.skip();
      }
      const world = worldOf(hunt, id);
      const found = DEPTHS.reduce<Found | null>(
        (before, depth) => before ?? search(world, depth, MOST_SCHEDULES),
        null,
      );
      const command = `avp explore ${check} --mutant ${id} --memory ${hunt.memory} --scheduler pct --depth ${DEPTHS[0]}`;
      expect(found, `not found: ${command}`).to.not.equal(null);
      expect(recordToken(world, found!.token).failure?.cause, found!.token).to.equal(found!.cause);
    });

  const sizes = new Map(
    hunted.filter(({ hunt }) => hunt.check === check).map(({ hunt }) => [JSON.stringify(hunt), hunt]),
  );
  for (const [text, hunt] of sizes)
    it(`nothing is found in the product with ${text}`, () => {
      expect(search(worldOf(hunt), DEPTHS[0]!, QUIET_SCHEDULES)).to.equal(null);
    });
}

/** Tests that nothing is found in variants which nothing tells from the product. */
export function findNothingInEquivalents(): void {
  for (const { id, equivalent } of allRaces.filter(isEquivalent))
    it(`${id}: ${equivalent}`, () => {
      for (const check of QUIET_CHECKS)
        expect(search(worldOf({ check, memory: 'pso' }, id), DEPTHS[0]!, QUIET_SCHEDULES), check).to.equal(null);
    });
}
