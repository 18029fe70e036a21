import { createColors } from 'picocolors';
import { visible, visibleLine } from '../../../shared/visible';
import { clausesOf, type TargetDifference, differencesOf, endingText, resultOn } from '../targetDifferences';
import { countsAgainst, type Reported, type RunReport, waiversOf } from '../report';
import type { ClauseVerdict } from '../verdict';
import { isWaiverFinding, waiverText } from '../waivers';
import { ConsoleReport, countsText, noteLines, paint, ruleText } from './console';

const ID_WIDTH = 14;
const DIFFERS = '≠';

/** Console report of a run on several targets: the matrix, the differences, and the counts. */
export class ComparisonReport {
  private readonly differences: readonly TargetDifference[];

  constructor(
    private readonly runs: readonly RunReport[],
    private readonly color: boolean,
  ) {
    this.differences = differencesOf(runs);
  }

  /** Prints one line for each clause and one column for each target, and marks the clauses on which targets differ. */
  matrix(): string {
    const names = this.runs.map(({ target }) => visibleLine(target.name));
    const width = Math.max('blocked'.length, ...names.map((name) => name.length)) + 2;
    const differing = new Set(this.differences.map(({ clause }) => clause.id));
    const head = ['clause'.padEnd(ID_WIDTH), ...names.map((name) => name.padEnd(width))].join('').trimEnd();
    const rows = clausesOf(this.runs).map((clause) => {
      const cells = this.runs.map((run) => this.cell(resultOn(run, clause)?.verdict, width));
      return `${visibleLine(clause.id).padEnd(ID_WIDTH)}${cells.join('')}${differing.has(clause.id) ? DIFFERS : ''}`.trimEnd();
    });
    return [head, ...rows].join('\n');
  }

  private cell(verdict: ClauseVerdict | undefined, width: number): string {
    return paint(createColors(this.color), verdict, (verdict ?? 'not run').padEnd(width));
  }

  /** Prints each difference with the result of every target, then all other findings, stale waivers included. */
  findings(): string {
    const differing = this.differences.map(({ clause, endings }) => {
      const { id, title, requirement } = clause;
      const again = endings
        .filter(({ result }) => result.verdict !== 'pass')
        .map(({ result }) => `replay: ${result.replay}`);
      const rule = requirement === undefined ? [] : [`required: ${requirement}`];
      const lines = [...rule, ...endings.map(endingText), ...noteLines(clause), ...again]
        .map(visible)
        .join('\n')
        .replaceAll('\n', '\n    ');
      return `${DIFFERS} ${visibleLine(`${id}: ${title} (${ruleText(clause)})`)}\n    ${lines}`;
    });
    const others = this.otherFindings();
    return [
      ...(differing.length === 0 ? [] : ['', 'Differences:', ...differing]),
      ...(others.length === 0 ? [] : ['', 'Other findings:', ...others]),
    ].join('\n');
  }

  private otherFindings(): string[] {
    const inDifferences = new Set<Reported>(
      this.differences.flatMap(({ endings }) => endings.map(({ result }) => result)),
    );
    const report = new ConsoleReport(this.color);
    const failed = this.runs.flatMap(({ target, results }) =>
      results
        .filter((result) => countsAgainst(result, true) && !inDifferences.has(result))
        .map((result) => `${visibleLine(target.name)} ${report.finding(result)}`),
    );
    return [
      ...failed,
      ...waiversOf(this.runs)
        .filter(isWaiverFinding)
        .map((one) => visibleLine(waiverText(one))),
    ];
  }

  /** Prints the counts of each target, and how many clauses differ. */
  counts(): string {
    const lines = this.runs.map(
      ({ target, results, durationMs }) =>
        `${visibleLine(`${target.name} ${target.version}`)}: ${countsText(results, durationMs)}`,
    );
    return ['', ...lines, `${this.differences.length} differences`].join('\n');
  }
}
