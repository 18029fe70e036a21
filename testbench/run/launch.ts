import { UsageError } from '../../shared/errors';
import type { ScenarioOrder, ScenarioReport, ScenarioRun } from '../api/order';
import { startWorker } from '../runtime/worker';

/** No scenario of ours takes a minute; this one is stuck. */
const TIME_LIMIT_MS = 600_000;

/**
 * Runs a scenario in a worker thread on the watched memory.
 * @param print where lines go that the script prints by itself.
 * @throws UsageError for what the scenario finds wrong with its settings or files.
 * @throws Error where the thread dies or does not end.
 */
export async function launchScenario(order: ScenarioOrder, print: NodeJS.WritableStream): Promise<ScenarioRun> {
  const worker = startWorker('testbench/run/scenarioWorker', {
    build: 'watched',
    typeScript: /\.c?ts$/.test(order.file),
    data: order,
    print,
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const report = await new Promise<ScenarioReport>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`the scenario did not end in ${TIME_LIMIT_MS / 1000} s`)),
        TIME_LIMIT_MS,
      );
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the scenario's thread ended with status ${code}`)));
    });
    if ('usage' in report) throw new UsageError(report.usage);
    return report;
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
