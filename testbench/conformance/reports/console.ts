import { createColors } from 'picocolors';
import { visible, visibleLine } from '../../../shared/visible';
import { chapters } from '../chapters';
import { chapterOf } from '../clause';
import { countsAgainst, type Reported, type ReportedClause } from '../report';
import { countVerdicts, type ClauseVerdict } from '../verdict';
import { isWaiverFinding, type JudgedWaiver, waiverNote, waiverText } from '../waivers';

const MARKS: Readonly<Record<ClauseVerdict, string>> = {
  pass: '✔',
  fail: '✘',
  waived: '~',
  skip: '-',
  blocked: '!',
  error: '!',
};

type Colors = ReturnType<typeof createColors>;

/** Colours text by verdict, and makes it visible. A clause that did not run has no verdict and is dim. */
export function paint(colors: Colors, verdict: ClauseVerdict | undefined, shown: string): string {
  const text = visible(shown);
  if (verdict === 'pass') return colors.green(text);
  if (verdict === 'waived') return colors.yellow(text);
  return verdict === 'skip' || verdict === undefined ? colors.dim(text) : colors.red(text);
}

/** Formats the number of clauses, those of each verdict, and the time that they took. */
export function countsText(results: readonly Reported[], durationMs: number): string {
  const { pass, fail, waived, skip, blocked, error } = countVerdicts(results);
  return `${results.length} clauses: ${pass} passed, ${fail} failed, ${waived} waived, ${skip} skipped, ${blocked} blocked, ${error} errors (${(durationMs / 1000).toFixed(1)} s)`;
}

function indent(text: string, by: string): string {
  return text
    .split('\n')
    .map((line) => by + line)
    .join('\n');
}

/** Describes what kind of rule a clause is: level, basis, section, and the known faults that it detects. */
export function ruleText({ level, basis, section, faults }: ReportedClause): string {
  return [level, ...(basis === undefined ? [] : [basis]), `section ${section}`, faults.join(' ')]
    .filter((part) => part !== '')
    .join(', ');
}

/** Returns the note of a clause as a line, if it has one. */
export function noteLines({ note }: ReportedClause): string[] {
  return note === undefined || note === null ? [] : [`note: ${note}`];
}

/** Console report of a run on one target: one line for each clause under its chapter, the findings, and the counts. */
export class ConsoleReport {
  private readonly colors: Colors;
  private chapter = '';

  constructor(color: boolean) {
    this.colors = createColors(color);
  }

  /** Formats the line of one clause. Puts the chapter's heading before it if the clause starts a new chapter. */
  line(result: Reported): string {
    const { clause, verdict } = result;
    const name = chapterOf(clause.id);
    const chapter = chapters.find((one) => one.name === name);
    const head =
      name === this.chapter ? '' : `\n${this.colors.bold(visibleLine(`${name}: ${chapter?.title ?? ''}`))}\n`;
    this.chapter = name;
    const note = verdict === 'pass' ? '' : ` (${verdict})`;
    const more = verdict === 'skip' ? result.detail : waiverNote(result);
    return `${head}  ${paint(this.colors, verdict, MARKS[verdict])} ${visibleLine(`${clause.id}: ${clause.title}`)}${note}${
      more === null ? '' : `\n      ${visible(more)}`
    }`;
  }

  /** Formats one finding: requirement, expected value, actual value, note on the rule, and the replay command. */
  finding(result: Reported): string {
    const { clause, verdict, detail, replay } = result;
    const title = visibleLine(`${MARKS[verdict]} ${clause.id}: ${clause.title} (${verdict}; ${ruleText(clause)})`);
    const lines = [detail, ...noteLines(clause), `replay: ${replay}`].map((text) => indent(visible(text), '    '));
    return [paint(this.colors, verdict, title), ...lines].join('\n');
  }

  /** Formats all findings, stale waivers included, and the counts. */
  summary(results: readonly Reported[], durationMs: number, waivers: readonly JudgedWaiver[] = []): string {
    const failed = results.filter((result) => countsAgainst(result, true));
    const stale = waivers
      .filter(isWaiverFinding)
      .map((waiver) => this.colors.red(visibleLine(`${MARKS.fail} ${waiverText(waiver)}`)));
    const findings = [...failed.map((one) => this.finding(one)), ...stale];
    const color = findings.length === 0 ? this.colors.green : this.colors.red;
    const list = findings.length === 0 ? [] : ['\nFindings:', ...findings];
    return [...list, '', color(countsText(results, durationMs))].join('\n');
  }
}
