import { parentPort, workerData } from 'node:worker_threads';
import { UsageError } from '../../../shared/errors';
import { findCheck } from '../checks/find';
import { Exploration } from '../search/exploration';
import type { World } from '../search/world';
import type { JobData, Order, Refusal, Report } from './orders';

const REPORT_EVERY_MS = 200;

const { check, options, plan } = workerData as JobData;
const port = parentPort!;
let world: World | null = null;

function report(message: Report): void {
  port.postMessage(message);
}

/** Runs the schedules of an order until one fails. */
function carryOut({ first, count, limitMs }: Order): void {
  world ??= findCheck(check).make(options);
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

port.on('message', (order: Order) => {
  try {
    carryOut(order);
  } catch (error) {
    const usage = error instanceof UsageError;
    const text = error instanceof Error ? (usage ? error.message : error.stack!) : String(error);
    port.postMessage({ error: text, usage } satisfies Refusal);
  }
});
