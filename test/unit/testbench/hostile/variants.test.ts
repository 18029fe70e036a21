import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { hostileMutants } from '../../../../testbench/mutants/catalog/hostile';
import type { HostileMutant } from '../../../../testbench/mutants/build/mutant';
import { nextMessage } from '../../../../testbench/runtime/nextMessage';
import { sourceArguments } from '../../../../testbench/runtime/package';

const CASES = 10_000;
const LIMIT_MS = 300_000;
/** Promise that a variant breaks, by the end of its id; any promise for the others. */
const TWICE = /fetched-twice$/;

async function findingsOf(mutant: HostileMutant): Promise<string[]> {
  const worker = new Worker(join(__dirname, 'variantWorker.ts'), {
    execArgv: ['--conditions=watched', ...sourceArguments()],
    workerData: { mutant, cases: CASES },
  });
  const answer = await nextMessage<string[]>(worker, LIMIT_MS);
  await worker.terminate();
  if (answer instanceof Error) throw answer;
  return answer;
}

describe('broken variants under attack', function () {
  this.timeout(2 * LIMIT_MS);

  for (const mutant of hostileMutants)
    it(`${mutant.id} is found`, async () => {
      const findings = await findingsOf(mutant);
      expect(findings, mutant.what).to.have.length(1);
      if (TWICE.test(mutant.id)) expect(findings[0]).to.match(/^single-fetch: /);
    });
});
