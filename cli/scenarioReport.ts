import { visible, visibleLine } from '../shared/visible';
import type { FaultReport } from '../testbench/api/faults';
import { droppedIn, type PortAccount, type ScenarioResult } from '../testbench/api/result';
import { measuredText } from '../testbench/common/expecting';
import { migrationTable } from './migrationTable';
import type { Output } from './output';

function accountLine(account: PortAccount): string {
  const causes = Object.entries(account.dropped).map(([cause, count]) => `${cause} ${count}`);
  const dropped = causes.length === 0 ? '' : `, dropped ${droppedIn(account)} (${causes.join(', ')})`;
  return `  ${account.name}: offered ${account.offered}, delivered ${account.delivered}${dropped}`;
}

function faultLine({ name, seen, fired, lost }: FaultReport): string {
  const frames = lost === 0 ? '' : `, ${lost} frames lost`;
  return `  fault ${name}: struck ${fired} of ${seen} operations${frames}`;
}

/**
 * Prints what became of a run: expectations, faults, accounts, migrations, failures and the verdict.
 * @param again the command that repeats the run.
 */
export function printScenario(result: ScenarioResult, details: readonly string[], again: string, output: Output): void {
  const good = result.verdict === 'pass';
  for (const { what, ok, measured } of result.expectations) {
    const line = visibleLine(measured === undefined ? what : `${what}: ${measuredText(measured)}`);
    if (ok) output.text(`  ✔ ${line}`);
    else output.finding(`  ✘ ${line}`);
  }
  for (const one of result.faults ?? []) output.text(faultLine(one));
  for (const account of result.ports) output.text(visibleLine(accountLine(account)));
  if (result.migrations.length > 0) output.text(migrationTable(result.migrations));
  for (const detail of details) output.finding(`    ${visible(detail).replaceAll('\n', '\n    ')}`);
  if (!good) output.finding(`    replay: ${again}`);
  const summary = `${result.scenario}: ${result.verdict} (mode ${result.mode}, engine ${result.engine})`;
  if (good) output.text(summary);
  else output.finding(summary);
}
