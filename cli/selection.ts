import type { Basis, Clause } from '../testbench/conformance/clause';
import { allClauses } from '../testbench/conformance/registry';
import { selectClauses, type Shard } from '../testbench/conformance/select';
import type { TargetFacts } from '../testbench/targets/load';

/** Options that choose clauses. */
interface SelectionOptions {
  readonly exclude?: readonly string[];
  readonly basis?: readonly Basis[];
  readonly shard?: Shard;
}

/** The clauses of a run. */
interface SelectedClauses {
  readonly clauses: Clause[];
  readonly ofAllShards: number;
  /** Number of clauses that say nothing about a driver, where all targets are one. */
  readonly leftOut: number;
}

/** @throws UsageError as `selectClauses`. */
export function selectForTargets(
  targets: readonly TargetFacts[],
  { exclude = [], basis = [], shard }: SelectionOptions,
  ids: readonly string[],
): SelectedClauses {
  const driverOnly = targets.every(({ capabilities }) => !capabilities.has('guest-in-arena'));
  const ofAllShards = selectClauses(allClauses, { ids, exclude, basis, driverOnly }).length;
  return {
    clauses: selectClauses(allClauses, { ids, exclude, basis, driverOnly, shard }),
    ofAllShards,
    leftOut: selectClauses(allClauses, { ids, exclude, basis }).length - ofAllShards,
  };
}
