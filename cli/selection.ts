import type { Basis, Clause } from '../testbench/conformance/clause';
import { allClauses } from '../testbench/conformance/registry';
import { selectClauses, type Shard } from '../testbench/conformance/select';
import type { TargetName } from '../testbench/targets/names';
import { openTarget } from '../testbench/targets/open';

/** Options that choose clauses. */
interface SelectionOptions {
  readonly target: readonly TargetName[];
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
  { target, exclude = [], basis = [], shard }: SelectionOptions,
  ids: readonly string[],
): SelectedClauses {
  const driverOnly = target.every((name) => !openTarget(name).capabilities.has('guest-in-arena'));
  const ofAllShards = selectClauses(allClauses, { ids, exclude, basis, driverOnly }).length;
  return {
    clauses: selectClauses(allClauses, { ids, exclude, basis, driverOnly, shard }),
    ofAllShards,
    leftOut: selectClauses(allClauses, { ids, exclude, basis }).length - ofAllShards,
  };
}
