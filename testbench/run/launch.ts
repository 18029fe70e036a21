import { UsageError } from '../../shared/errors';
import type { ScenarioOrder, ScenarioRun } from '../common/order';
import { nextMessage } from '../runtime/nextMessage';
import { startWorker } from '../runtime/worker';

/** Far more than a scenario needs: one that takes longer is stuck. */
const TIME_LIMIT_MS = 600_000;

/** The worker's message: a run, or what was wrong with the order. */
export type ScenarioReport = ScenarioRun | { readonly usage: string };

/**
 * Runs a scenario in a worker thread on the watched memory.
 * @param print takes the lines that the script prints.
 * @throws UsageError for settings, files or a mode that the scenario refuses.
 * @throws Error where the thread dies or does not end in ten minutes.
 */
export async function launchScenario(order: ScenarioOrder, print: NodeJS.WritableStream): Promise<ScenarioRun> {
  const worker = startWorker('testbench/run/scenarioWorker', {
    build: 'watched',
    typeScript: /\.c?ts$/.test(order.file),
    data: order,
    print,
  });
  try {
    const report = await nextMessage<ScenarioReport>(worker, TIME_LIMIT_MS);
    if (report instanceof Error) throw report;
    if ('usage' in report) throw new UsageError(report.usage);
    return report;
  } finally {
    await worker.terminate();
  }
}
