/** The engine `conform`: the clauses of `avp conform`, on our own driver and host. */
import type { Sample, ScoreEngine, TryOrder } from '../engine';
import { knownTries } from '../known';
import { part } from '../../build/variantLoader';
import { type AnyVariant, isForClauses, type MutantApplication } from '../../build/mutant';

const LIMIT_MS = 60_000;

/** A clause, and the word `polling` where the application polls by itself. */
function howOf(clause: string, application: MutantApplication): string {
  return application === 'polling' ? `${clause} ${application}` : clause;
}

/** The clause of a try. */
export function clauseOf(how: string): string {
  return how.split(' ')[0]!;
}

function allIds(): string[] {
  const { allClauses } = require('../../../conformance/registry') as typeof import('../../../conformance/registry');
  return allClauses.map(({ id }) => id);
}

function triesOf(variant: AnyVariant, all: boolean): string[] {
  const { fails: named = [], application = 'on-request' } = isForClauses(variant) ? variant : {};
  return [...named, ...(all ? allIds() : [])].map((clause) => howOf(clause, application));
}

async function run({ how, seed }: TryOrder): Promise<Sample[]> {
  const { runClause } = part<typeof import('../../../conformance/runClause')>('testbench/conformance/runClause');
  const { findClause } = part<typeof import('../../../conformance/registry')>('testbench/conformance/registry');
  const { avpTarget } = part<typeof import('../../../targets/avp/target')>('testbench/targets/avp/target');
  const { pollingTarget } = part<typeof import('../../../targets/avp/polling')>('testbench/targets/avp/polling');
  const target = how.endsWith(' polling') ? pollingTarget : avpTarget;
  const { verdict, detail, durationMs } = await runClause(findClause(clauseOf(how)), target, seed);
  // A clause that could not be set up says nothing about the variant.
  const said = verdict === 'pass' || verdict === 'skip' ? '' : detail;
  return [{ caught: verdict === 'fail', cases: 1, durationMs, detail: said }];
}

export const conformEngine: ScoreEngine = {
  name: 'conform',
  about: 'the clauses of avp conform',
  unit: 'clauses',
  thread: 'watched',
  limitMs: LIMIT_MS,
  catchesHangs: false,
  oneIsEnough: false,
  lacking: () => null,
  triesOf: (variant, { all }) => [...new Set([...knownTries(variant.id, 'conform'), ...triesOf(variant, all)])],
  run,
  command: ({ how, variant, seed }) =>
    variant === null
      ? `npx avp conform ${clauseOf(how)} --seed ${seed}`
      : `npx ts-node testbench/mutants/build/run.ts ${variant} ${clauseOf(how)}`,
};
