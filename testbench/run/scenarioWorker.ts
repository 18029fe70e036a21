import { parentPort, workerData } from 'node:worker_threads';
import { UsageError } from '../../shared/errors';
import { loadScenario } from './findScenario';
import type { ScenarioOrder } from '../common/order';
import type { ScenarioReport } from './launch';
import { runScenario } from './runScenario';

async function carryOut(order: ScenarioOrder): Promise<ScenarioReport> {
  try {
    return await runScenario(loadScenario(order.file), order);
  } catch (error) {
    if (error instanceof UsageError) return { usage: error.message };
    throw error;
  }
}

if (parentPort !== null) {
  const port = parentPort;
  void carryOut(workerData as ScenarioOrder).then((report) => port.postMessage(report));
}
