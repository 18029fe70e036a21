import { expect } from 'chai';
import {
  Exploration,
  type ExplorePlan,
  type Found,
  SCHEDULERS,
} from '../../../../../testbench/explore/search/exploration';
import { replayToken } from '../../../../../testbench/explore/search/replay';
import type { World } from '../../../../../testbench/explore/search/world';
import { dekker, lateChange, lostUpdate } from './racyWorlds';

const PLAN: ExplorePlan = { scheduler: 'dfs', preemptions: 2, depth: 3, seed: 1, reduce: true };

interface Explored {
  readonly found: Found | null;
  readonly schedules: number;
  readonly complete: boolean;
}

/** Explores until something fails, the search ends, or a number of schedules is reached. */
function explore(world: World, plan: Partial<ExplorePlan> = {}, limit = 500): Explored {
  const exploration = new Exploration(world, { ...PLAN, ...plan });
  let found: Found | null = null;
  while (found === null && !exploration.state.complete && exploration.state.schedules < limit)
    found = exploration.advance();
  return { found, schedules: exploration.state.schedules, complete: exploration.state.complete };
}

describe('an exploration', () => {
  for (const scheduler of SCHEDULERS) {
    it(`finds a lost update by ${scheduler}, with a token that repeats it`, () => {
      const { found } = explore(lostUpdate(3), { scheduler });
      expect(found?.cause).to.equal('an update is lost');
      const { failure, token } = replayToken(lostUpdate(3), found!.token);
      expect(failure?.cause).to.equal('an update is lost');
      expect(token).to.equal(found!.token);
    });

    it(`finds a missing fence under tso by ${scheduler}, and nothing with the fence`, () => {
      expect(explore(dekker('tso', false), { scheduler }).found?.cause).to.equal('both are in the section');
      expect(explore(dekker('tso', true), { scheduler }).found).to.equal(null);
      expect(explore(dekker('sc', false), { scheduler }).found).to.equal(null);
    });

    it(`makes the same schedules for the same seed by ${scheduler}`, () => {
      const one = explore(lostUpdate(6), { scheduler, seed: 7 });
      expect(explore(lostUpdate(6), { scheduler, seed: 7 })).to.deep.equal(one);
    });
  }

  it('shrinks a failure to the one preemption that it takes', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { found } = explore(lostUpdate(8), { scheduler: 'random', seed });
      expect(found?.preemptions, `seed ${seed}`).to.equal(1);
    }
  });

  it('says that it is complete only once it has seen all schedules', () => {
    const all = explore(dekker('tso', true));
    expect(all).to.include({ complete: true, found: null });
    expect(explore(dekker('tso', true), {}, all.schedules - 1).complete).to.equal(false);
    expect(explore(dekker('tso', true), { scheduler: 'pct' }, 50).complete).to.equal(false);
  });

  it('finds what needs an actor that stays out while time passes only where actors can be held', () => {
    expect(explore(lateChange(false))).to.include({ complete: true, found: null });
    expect(explore(lateChange(true), { preemptions: 0 })).to.include({ complete: true, found: null });
    expect(explore(lateChange(true), { preemptions: 1 }).found?.cause).to.equal('the word has changed');
  });

  it('reports a world that does not repeat its runs', () => {
    const world = lostUpdate(3);
    const begin = world.begin.bind(world);
    let runs = 0;
    world.begin = () => Object.assign(begin(), { hash: () => runs++, judge: () => null });
    const exploration = new Exploration(world, { ...PLAN, scheduler: 'random' });
    expect(() => {
      for (let schedule = 0; schedule < 100; schedule++) exploration.advance();
    }).to.throw(/something depends on more than its choices/);
  });

  it('refuses a token of another world, or one that is damaged', () => {
    const { token } = explore(lostUpdate(3)).found!;
    expect(() => replayToken(lostUpdate(4), token)).to.throw(/another check/);
    for (const text of ['', 'E1', token.slice(2), token.slice(0, -9), `${token}.x.y`])
      expect(() => replayToken(lostUpdate(3), text), text).to.throw(/schedule token/);
  });
});
