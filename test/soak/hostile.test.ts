import { availableParallelism } from 'node:os';
import { expect } from 'chai';
import type { Side } from '../../testbench/hostile';
import { attackInWorkers } from '../../testbench/hostile/jobs/jobs';

/** Seeds of the long runs. Cases in which they found a fault are examples in the tests of its repair. */
const RUNS: readonly (readonly [side: Side, seed: number, cases: number])[] = [
  ['receive', 20_261_130, 1_000_000],
  ['transmit', 20_261_130, 1_000_000],
  ['host', 20_261_130, 500_000],
  ['control', 20_261_130, 20_000],
];
const LIMIT_MS = 4 * 3_600_000;

describe('neighbours that write anything at any access', function () {
  this.timeout(LIMIT_MS);

  for (const [side, seed, cases] of RUNS)
    it(`${side}: every promise is kept in ${cases} cases`, async () => {
      const jobs = availableParallelism();
      const stop = new AbortController().signal;
      const run = await attackInWorkers({ side, seed, first: 0, cases, most: 5, jobs, stop, onProgress: () => {} });
      expect(run.findings.map(({ promise, message, replay }) => `${promise}: ${message} (${replay})`)).to.deep.equal(
        [],
      );
      expect(run.cases).to.equal(cases);
    });
});
