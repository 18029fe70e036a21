import type { RunReport } from './report';
import type { Verdict } from './verdict';

/** A clause that did not end in the same way on all targets. */
export interface Difference {
  readonly id: string;
  /** By the target's name. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
  /** What each said that has anything to say. */
  readonly detail: string;
}

/** Clauses on which targets differ, where each could be tried. */
export function differencesOf(runs: readonly RunReport[]): Difference[] {
  const ids = [...new Set(runs.flatMap(({ results }) => results.map(({ clause }) => clause.id)))];
  return ids.flatMap((id) => {
    const endings = runs.flatMap(({ target, results }) => {
      const found = results.find(({ clause }) => clause.id === id);
      return found === undefined || found.verdict === 'skip' ? [] : [{ name: target.name, ...found }];
    });
    if (new Set(endings.map(({ verdict }) => verdict)).size < 2) return [];
    const verdicts = Object.fromEntries(endings.map(({ name, verdict }) => [name, verdict]));
    const said = endings.filter(({ detail }) => detail !== '').map(({ name, detail }) => `${name}: ${detail}`);
    return [{ id, verdicts, detail: said.join('\n') }];
  });
}

/** The matrix as text: a line for each clause, a column for each target. */
export function matrixText(runs: readonly RunReport[]): string {
  const names = runs.map(({ target }) => target.name);
  const width = Math.max(8, ...names.map((name) => name.length + 1));
  const row = (id: string, cells: readonly string[]): string => `${id.padEnd(14)}${cells.map((cell) => cell.padEnd(width)).join('')}`.trimEnd();
  const ids = [...new Set(runs.flatMap(({ results }) => results.map(({ clause }) => clause.id)))];
  const cell = ({ results }: RunReport, id: string): string => results.find(({ clause }) => clause.id === id)?.verdict ?? '';
  return [row('clause', names), ...ids.map((id) => row(id, runs.map((run) => cell(run, id))))].join('\n');
}
