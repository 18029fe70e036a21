import { visibleLine } from '../shared/visible';
import type { MigrationReport } from '../testbench/api/result';
import { lostText } from './lostText';

const HEADS = ['', 'instance', 'from', 'to', 'outcome', 'downtime', 'lost by cause', 'why'] as const;
const DOWNTIME = HEADS.indexOf('downtime');

function cells(report: MigrationReport, number: number): string[] {
  const { instance, from, to, outcome, downtimeMs, lostByCause, cause } = report;
  const values = [instance, from, to, outcome, `${downtimeMs.toFixed(1)} ms`, lostText(lostByCause), cause ?? ''];
  return [String(number), ...values.map(visibleLine)];
}

/** Makes a table of migrations, one a line, in the order in which they were started. */
export function migrationTable(migrations: readonly MigrationReport[]): string {
  const rows = [[...HEADS], ...migrations.map((report, index) => cells(report, index + 1))];
  const widths = HEADS.map((_head, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === DOWNTIME ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ');
  return rows.map((row) => `  ${line(row)}`.trimEnd()).join('\n');
}
