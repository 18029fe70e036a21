import { FAULT_ROWS, type KnownFault } from './knownFaults';
import type { ResultClause, ResultFile } from '../result';

/**
 * Lists the clauses that ended without a verdict on the driver. The page must not be written from a run that
 * has any.
 */
export function unusable({ clauses }: ResultFile): string[] {
  return clauses
    .filter(({ verdict }) => verdict === 'error' || verdict === 'blocked')
    .map(({ id, verdict, detail }) => `${id} ended with ${verdict}: ${detail.split('\n', 1)[0]}`);
}

function verdictOf(clauses: readonly ResultClause[], id: string): string {
  return clauses.find((clause) => clause.id === id)?.verdict ?? 'no run';
}

/**
 * Lists known faults whose clauses did not fail in this run, and faults for which the list names neither a
 * clause nor a reason.
 */
export function unshownFaults({ clauses }: ResultFile, faults: readonly KnownFault[]): string[] {
  const unshown = faults.flatMap(({ row, evidence }) =>
    'reason' in evidence
      ? []
      : evidence.clauses
          .map((id) => ({ id, verdict: verdictOf(clauses, id) }))
          .filter(({ verdict }) => verdict !== 'fail')
          .map(({ id, verdict }) => `known fault ${row}: clause ${id} is to show it and ended with ${verdict}`),
  );
  const missing = FAULT_ROWS.filter((row) => !faults.some((fault) => fault.row === row));
  return [
    ...unshown,
    ...missing.map((row) => `known fault ${row}: no clause is named that shows it, and no reason why none can`),
  ];
}

/** Lists the clauses that have a section on a page. */
function idsOnPage(page: string): string[] {
  return [...page.matchAll(/^### ([a-z]+\/\d+): /gm)].map(([, id]) => id!);
}

/** Compares the failures of a run with those on the page of an earlier run. */
export function changesSince(page: string, { clauses }: ResultFile): string[] {
  const before = idsOnPage(page);
  const failed = clauses.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id);
  return [
    ...failed.filter((id) => !before.includes(id)).map((id) => `${id} failed, which the page did not have`),
    ...before
      .filter((id) => !failed.includes(id))
      .map((id) => `${id} was on the page, and ended with ${verdictOf(clauses, id)}`),
  ];
}
