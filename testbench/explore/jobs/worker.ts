import { parentPort, workerData } from 'node:worker_threads';
import { UsageError } from '../../../shared/errors';
import { findCheck } from '../checks/find';
import { Exploration } from '../search/exploration';
import { learnShared } from '../search/learning';
import type { World } from '../search/world';
import type { JobData, Order, Ready, Refusal, Report } from './orders';

const REPORT_EVERY_MS = 200;

const { check, options, plan } = workerData as JobData;
const port = parentPort!;

function report(message: Report): void {
  port.postMessage(message);
}

/** Runs the schedules of an order until one fails. */
function carryOut(world: World, { first, count, limitMs }: Order): void {
  const exploration = new Exploration(world, plan, first);
  const from = performance.now();
  let reportAt = from + REPORT_EVERY_MS;
  for (let now = from; exploration.state.schedules < count && now - from < limitMs; now = performance.now()) {
    const found = exploration.advance();
    const { state } = exploration;
    if (found !== null || state.complete) return report({ state, found, done: true });
    if (now >= reportAt) {
      report({ state, found: null, done: false });
      reportAt = now + REPORT_EVERY_MS;
    }
  }
  report({ state: exploration.state, found: null, done: true });
}

/** Reports an error instead of throwing it, so that a wrong option is not taken for a fault of the program. */
function reporting(work: () => void): void {
  try {
    work();
  } catch (error) {
    const usage = error instanceof UsageError;
    const text = error instanceof Error ? (usage ? error.message : error.stack!) : String(error);
    port.postMessage({ error: text, usage } satisfies Refusal);
  }
}

reporting(() => {
  const world = findCheck(check).make(options);
  learnShared(world);
  port.on('message', (order: Order) => reporting(() => carryOut(world, order)));
  port.postMessage({ ready: true } satisfies Ready);
});
