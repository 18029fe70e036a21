/** A worker that hangs on `x/1`, dies on `x/2`, throws on `x/3`, fails `x/4` with seed 12, and passes all other clauses. */
import { parentPort } from 'node:worker_threads';
import type { ClauseOrder } from '../../../../testbench/conformance/clauseOrder';

parentPort?.on('message', ({ id, seed }: ClauseOrder) => {
  if (id === 'x/1') for (;;);
  if (id === 'x/2') process.exit(7);
  if (id === 'x/3') throw new Error('thrown by x/3');
  const verdict = id === 'x/4' && seed === 12 ? 'fail' : 'pass';
  parentPort?.postMessage({ verdict, detail: verdict === 'fail' ? 'requirement: r' : '', durationMs: 1 });
});
parentPort?.postMessage('ready');
