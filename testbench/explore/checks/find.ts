import { UsageError } from '../../../shared/errors';
import type { Check } from './check';
import { CHECKS } from './index';

/** @throws UsageError for a name that no check has. */
export function findCheck(name: string): Check {
  const found = CHECKS.find((check) => check.name === name);
  if (found === undefined)
    throw new UsageError(`no check is called '${name}': expected ${CHECKS.map((check) => check.name).join(', ')}`);
  return found;
}
