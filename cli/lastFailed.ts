import { resolve } from 'node:path';
import { UsageError } from '../shared/errors';
import type { Clause } from '../testbench/conformance/clause';
import { lastFailed, rememberFailed, type Remembered } from '../testbench/conformance/lastFailed';
import { countsAgainst, type RunReport } from '../testbench/conformance/report';
import { isTargetPath, type TargetName } from '../testbench/targets/names';
import type { Output } from './output';

interface LastFailedOptions {
  readonly target: readonly TargetName[];
  readonly testpmd?: string;
  readonly lastFailed?: boolean;
  readonly strict?: boolean;
  readonly shard?: unknown;
}

function driverOf(target: TargetName, { testpmd }: LastFailedOptions): Remembered {
  return {
    target: isTargetPath(target) ? resolve(target) : target,
    ...(target === 'dpdk' && testpmd !== undefined ? { testpmd: resolve(testpmd) } : {}),
  };
}

/**
 * Picks the clauses that failed when they last ran, on any of the targets. All stay where none of them did, because a
 * run of nothing would look like a good one.
 * @throws UsageError for --shard: the machines of a CI system remember nothing of each other.
 */
export function pickLastFailed(clauses: readonly Clause[], options: LastFailedOptions, output: Output): Clause[] {
  if (options.lastFailed !== true) return [...clauses];
  if (options.shard !== undefined) throw new UsageError('--last-failed is for one machine: leave out --shard');
  const failed = new Set(options.target.flatMap((target) => [...lastFailed(driverOf(target, options))]));
  const picked = clauses.filter(({ id }) => failed.has(id));
  if (picked.length > 0) output.text(`${picked.length} of ${clauses.length} clauses failed when they last ran`);
  else output.text('none of these clauses failed when it last ran: all of them run');
  return picked.length > 0 ? picked : [...clauses];
}

/** Remembers the failures of a run for the next --last-failed. */
export function rememberRun(target: TargetName, { results }: RunReport, options: LastFailedOptions): void {
  rememberFailed(
    driverOf(target, options),
    results.map((result) => ({ id: result.clause.id, failed: countsAgainst(result, options.strict === true) })),
  );
}
