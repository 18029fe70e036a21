import { watchedMemory } from '../../shared/mem/build';
import { memory } from '../../shared/mem/memory';
import type { WorkerSettings } from '../../testbench/runtime/worker';
import { testEngine } from '../runner/engine';

const WHY = '(needs watched memory: not with ENGINE=wasm)';

function skipped(this: Mocha.Context): void {
  this.skip();
}

/** Declares a test that needs watched memory, which alone shows rights and single accesses. */
export function itWatched(title: string, test: Mocha.Func): Mocha.Test {
  return watchedMemory === null ? it(`${title} ${WHY}`, skipped) : it(title, test);
}

/** Declares a suite of such tests. */
export function describeWatched(title: string, suite: (this: Mocha.Suite) => void): void {
  describe(watchedMemory === null ? `${title} ${WHY}` : title, function () {
    if (watchedMemory === null) before(skipped);
    suite.call(this);
  });
}

/** Settings of a worker that shares this thread's memory, in the same build and on the same engine. */
export function sharingMemory(data: object = {}): Pick<WorkerSettings, 'build' | 'engine' | 'data'> {
  return {
    build: watchedMemory === null ? 'plain' : 'watched',
    engine: testEngine,
    data: { ...data, avpArena: { memory, shadow: watchedMemory?.shadow ?? null } },
  };
}
