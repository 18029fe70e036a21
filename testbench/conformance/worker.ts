import { parentPort } from 'node:worker_threads';
import { flushPrinted } from '../runtime/flush';
import { openTarget } from '../targets/open';
import type { ClauseOrder } from './clauseOrder';
import { findClause } from './registry';
import { runClause } from './runClause';

parentPort?.on('message', (order: ClauseOrder) => {
  void runClause(findClause(order.id), openTarget(order.target, order.peer, order.job), order.seed, order.wire).then(
    async (outcome) => {
      await flushPrinted();
      parentPort?.postMessage(outcome);
    },
  );
});
parentPort?.postMessage('ready');
