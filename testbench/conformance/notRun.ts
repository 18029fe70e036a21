import { UsageError } from '../../shared/errors';
import { toolVersion } from '../runtime/package';
import type { Clause } from './clause';
import { allClauses } from './registry';
import type { Reported } from './report';
import type { ResultFile } from './result';
import { selectClauses } from './select';

/**
 * Lists the clauses that a run had selected and that have no result, in the order of the run.
 * @param path file of one part of the run, for messages.
 * @throws UsageError if another version of the tool made the results: only that one knows what it had selected.
 */
export function notRunOf(
  path: string,
  { selection, versions }: Pick<ResultFile, 'selection' | 'versions'>,
  results: readonly Reported[],
): readonly Clause[] {
  const { ids, exclude, basis, clauses } = selection;
  // A run on drivers of other processes alone leaves out clauses that say nothing about them.
  const selected = [false, true]
    .map((driverOnly) => selectClauses(allClauses, { ids, exclude, basis, driverOnly }))
    .find(({ length }) => length === clauses);
  if (versions.tool !== toolVersion() || selected === undefined)
    throw new UsageError(
      `${path} is of version ${versions.tool} with ${clauses} clauses: merge parts of a run with the version that made them, this is ${toolVersion()}`,
    );
  const have = new Set(results.map(({ clause }) => clause.id));
  return selected.filter(({ id }) => !have.has(id));
}
