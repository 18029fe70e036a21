import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { UsageError } from '../../shared/errors';
import type { ScenarioOrder } from '../common/order';
import { limitsOf } from '../common/supervise';
import { loadScenario } from './findScenario';
import type { ScenarioReport, ScenarioStart } from './launch';
import { modeOf, runScenario } from './runScenario';
import { strayErrors } from './strayErrors';

async function carryOut(order: ScenarioOrder, port: MessagePort): Promise<ScenarioReport> {
  const interruption = strayErrors();
  try {
    const scenario = loadScenario(order.file);
    const start: ScenarioStart = {
      scenario: scenario.name,
      mode: modeOf(scenario, order),
      realMs: limitsOf(scenario, order).realMs,
    };
    port.postMessage(start);
    return await runScenario(scenario, { ...order, interruption });
  } catch (error) {
    if (error instanceof UsageError) return { usage: error.message };
    throw error;
  }
}

/** Returns once the parent has got all that was printed before. */
async function flush(stream: NodeJS.WritableStream): Promise<void> {
  await new Promise<void>((resolve) => stream.write('', () => resolve()));
}

if (parentPort !== null) {
  const port = parentPort;
  void carryOut(workerData as ScenarioOrder, port)
    .catch((error: unknown): ScenarioReport => ({
      broken: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }))
    .then(async (report) => {
      await flush(process.stdout);
      await flush(process.stderr);
      port.postMessage(report);
    });
}
