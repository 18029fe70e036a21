import type { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Engine } from '../../../shared/engine';
import { nextMessage } from '../../../testbench/runtime/nextMessage';
import { startWorker } from '../../../testbench/runtime/worker';
import { runs } from '../joint/runs';
import { type TrafficCase, trafficCase, type TrafficOutcome } from './traffic';
import type { TrafficAnswer } from './trafficWorker';

/** A case takes milliseconds: a thread that does not answer by then hangs. */
const ANSWER_LIMIT_MS = 30_000;

/** A thread on plain memory that runs cases on one engine. */
class TrafficThread {
  private readonly worker: Worker;

  constructor(private readonly engine: Engine) {
    const settings = { build: 'plain' as const, engine, print: process.stdout };
    this.worker = startWorker('test/property/wasm/trafficWorker', settings);
  }

  async run(one: TrafficCase): Promise<TrafficOutcome> {
    const answer = nextMessage<TrafficAnswer>(this.worker, ANSWER_LIMIT_MS);
    this.worker.postMessage(one);
    const found = await answer;
    if (found instanceof Error) throw found;
    expect(found.engine).to.equal(this.engine);
    if (typeof found.outcome === 'string') throw new Error(`engine ${this.engine}: ${found.outcome}`);
    return found.outcome;
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}

describe('driver and device on both engines', () => {
  let threads: readonly TrafficThread[];

  before(() => {
    threads = [new TrafficThread('ts'), new TrafficThread('wasm')];
  });

  after(() => Promise.all(threads.map((thread) => thread.end())));

  async function sameOnBoth(one: TrafficCase): Promise<TrafficOutcome> {
    const [byTypeScript, byWebAssembly] = await Promise.all(threads.map((thread) => thread.run(one)));
    const { memory, ...rest } = byTypeScript!;
    const { memory: compiledMemory, ...compiledRest } = byWebAssembly!;
    expect(compiledRest).to.deep.equal(rest);
    expect(compiledMemory).to.deep.equal(memory);
    return byTypeScript!;
  }

  for (const hostile of [false, true])
    it(`leave the same bytes in all memory after each turn, ${hostile ? 'whatever either overwrites' : 'with sound rings'}`, async () => {
      let received = 0;
      let sent = 0;
      let dropped = 0;
      await fc.assert(
        fc.asyncProperty(trafficCase(hostile), async (one) => {
          const outcome = await sameOnBoth(one);
          received += outcome.received.length;
          sent += outcome.sent.length;
          for (const [name, count] of Object.entries(outcome.driver)) if (name.includes('dropped_')) dropped += count;
        }),
        { numRuns: runs(100) },
      );
      expect(received).to.be.above(300);
      expect(sent).to.be.above(100);
      expect(dropped).to.be.above(20);
    }).timeout(240_000);
});
