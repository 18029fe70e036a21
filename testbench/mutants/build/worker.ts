/** Runs clauses on broken variants, many variants in one thread. */
import { parentPort } from 'node:worker_threads';
import type { ClauseOutcome } from '../../conformance/verdict';
import type { Mutant, MutantApplication } from './mutant';
import { hookLoading, part, useVariant } from './variantLoader';

/** A request of the lab. */
export interface VariantOrder {
  /** Null for the unchanged driver and host. */
  readonly mutant: Mutant | null;
  readonly clause: string;
  readonly seed: number;
  readonly application: MutantApplication;
}

async function carryOut({ clause, seed, application }: VariantOrder): Promise<ClauseOutcome> {
  const { runClause } = part<typeof import('../../conformance/runClause')>('testbench/conformance/runClause');
  const { findClause } = part<typeof import('../../conformance/registry')>('testbench/conformance/registry');
  const { avpTarget } = part<typeof import('../../targets/avp/target')>('testbench/targets/avp/target');
  const { pollingTarget } = part<typeof import('../../targets/avp/polling')>('testbench/targets/avp/polling');
  return runClause(findClause(clause), application === 'polling' ? pollingTarget : avpTarget, seed);
}

async function serve(order: VariantOrder): Promise<ClauseOutcome> {
  const { mutant } = order;
  try {
    useVariant(mutant);
    return await carryOut(order);
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { verdict: 'error', detail, durationMs: 0 };
  }
}

hookLoading();
parentPort?.on(
  'message',
  (order: VariantOrder) => void serve(order).then((outcome) => parentPort?.postMessage(outcome)),
);
// The first load is slow. It does not count towards the time limit of a clause.
part('testbench/conformance/registry');
part('testbench/targets/avp/polling');
parentPort?.postMessage('ready');
