import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../../../../shared/random';
import { CHECKS } from '../../../../../testbench/explore/checks';
import { WORLDS, worldOf } from '../../../../../testbench/explore/checks/checkOf';
import { CheckWorld } from '../../../../../testbench/explore/machine/checkWorld';
import { Code } from '../../../../../testbench/explore/machine/code';
import { MEMORY_MODELS, type MemoryModel } from '../../../../../testbench/explore/models/model';
import type { World } from '../../../../../testbench/explore/search/world';
import { variantTree } from '../../../../../testbench/explore/transform/treeStore';
import { packageRoot } from '../../../../../testbench/runtime/package';
import { allSchedules, randomRun } from './allSchedules';

/** A world of code in which a passage is replaced. */
function brokenWorld(check: string, memory: MemoryModel, file: string, find: string, replace: string): World {
  const text = readFileSync(join(packageRoot(), file), 'utf8');
  expect(text.split(find), `${find} in ${file}`).to.have.length(2);
  const tree = variantTree([join(packageRoot(), `${WORLDS}.ts`)], { [file]: text.replace(find, replace) });
  const options = { memory, size: {}, seed: 1, codeHash: 1 };
  return new CheckWorld(new Code(tree), { module: WORLDS, name: check }, options);
}

/** Runs random schedules until one fails. Returns what it found. */
function firstFailure(world: World, runs: number): string | null {
  const random = new Random(1);
  for (let i = 0; i < runs; i++) {
    const run = world.begin();
    randomRun(run, (limit) => random.below(limit));
    const failure = run.judge(i % 20 === 0);
    if (failure !== null) return failure.cause;
  }
  return null;
}

describe('worlds of checks', function () {
  this.timeout(300_000);

  for (const memory of MEMORY_MODELS)
    it(`fifo holds in every schedule, under ${memory}`, () => {
      const { runs, failures } = allSchedules(worldOf(WORLDS, 'fifo', { memory, packets: 2 }), 2);
      expect([...failures.keys()]).to.deep.equal([]);
      expect(runs).to.be.greaterThan(20);
    });

  it('fifo finds an index that is published before its slots, under pso alone', () => {
    const broken = (memory: MemoryModel): World =>
      brokenWorld(
        'fifo',
        memory,
        'shared/loops/fifo.ts',
        'storeRelease32(loadFifoEndBase(end) + FIFO_WRITE, index)',
        'store32(loadFifoEndBase(end) + FIFO_WRITE, index)',
      );
    expect([...allSchedules(broken('pso'), 2).failures.keys()]).to.deep.equal([
      'entries came out torn, twice, or out of order',
    ]);
    expect(allSchedules(broken('tso'), 2).failures.size).to.equal(0);
  });

  for (const check of CHECKS)
    it(`${check.name} holds in random schedules, thoroughly judged`, () => {
      const random = new Random(2);
      const world = check.make({ memory: 'tso' });
      for (let i = 0; i < 40; i++) {
        const run = world.begin();
        randomRun(run, (limit) => random.below(limit));
        expect(run.judge(true)).to.equal(null);
      }
    });

  it('rx-burst finds a driver that publishes free before it has read the packet', () => {
    const world = brokenWorld(
      'rxBurst',
      'sc',
      'driver/loops/rx.ts',
      '  receiveAll(port, q, out, entries);\n  fifoPublishRead(rx, entries);\n  fifoPublishWrite(free, entries);\n',
      '  fifoPublishRead(rx, entries);\n  fifoPublishWrite(free, entries);\n  receiveAll(port, q, out, entries);\n',
    );
    expect(firstFailure(world, 2_000)).to.not.equal(null);
  });

  it('begins anew after a run that was given up half-way', () => {
    const world = worldOf(WORLDS, 'attach', { memory: 'sc' });
    const random = new Random(4);
    const next = (limit: number): number => random.below(limit);
    for (let i = 0; i < 100; i++) randomRun(world.begin(), next);
    for (let i = 0; i < 60; i++) {
      const run = world.begin();
      const taken = randomRun(run, next);
      const hash = run.hash();
      const half = world.begin();
      for (let steps = random.below(200); steps > 0 && half.choices().length > 0; steps--)
        half.take(random.below(half.choices().length));
      const again = world.begin();
      for (const index of taken) again.take(index);
      expect(again.hash()).to.equal(hash);
    }
  });

  it('repeats a schedule exactly, whatever ran in between', () => {
    const world = worldOf(WORLDS, 'detach', { memory: 'tso' });
    const random = new Random(3);
    const next = (limit: number): number => random.below(limit);
    // The first runs find out which words are shared.
    for (let i = 0; i < 300; i++) randomRun(world.begin(), next);
    for (let i = 0; i < 20; i++) {
      const run = world.begin();
      const taken = randomRun(run, next);
      const hash = run.hash();
      run.judge(true);
      randomRun(world.begin(), next);
      const again = world.begin();
      for (const index of taken) again.take(index);
      expect(again.choices()).to.have.length(0);
      expect(again.hash()).to.equal(hash);
    }
  });
});
