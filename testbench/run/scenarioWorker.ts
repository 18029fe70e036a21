import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { UsageError } from '../../shared/errors';
import type { ScenarioOrder } from '../common/order';
import { limitsOf } from '../common/supervise';
import { flushPrinted } from '../runtime/flush';
import { importScenario } from './findScenario';
import type { ScenarioReport, ScenarioStart } from './launch';
import { engineIn } from './modes';
import { modeOf, requireRunnable, runScenario } from './runScenario';
import { strayErrors } from './strayErrors';

async function carryOut(order: ScenarioOrder, port: MessagePort): Promise<ScenarioReport> {
  const interruption = strayErrors();
  try {
    const scenario = await importScenario(order.file);
    requireRunnable(scenario, order);
    const mode = modeOf(scenario, order);
    const start: ScenarioStart = {
      scenario: scenario.name,
      mode,
      engine: engineIn(mode, order),
      realMs: limitsOf(scenario, order).realMs,
    };
    port.postMessage(start);
    return await runScenario(scenario, { ...order, interruption });
  } catch (error) {
    if (error instanceof UsageError) return { usage: error.message };
    throw error;
  }
}

if (parentPort !== null) {
  const port = parentPort;
  void carryOut(workerData as ScenarioOrder, port)
    .catch((error: unknown): ScenarioReport => ({
      broken: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }))
    .then(async (report) => {
      await flushPrinted();
      port.postMessage(report);
    });
}
