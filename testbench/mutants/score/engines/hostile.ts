/** The engine `hostile`: neighbours that write anything at any access, as `avp hostile` has them. */
import { SIDES, type Side } from '../../../hostile/cases/hostileCase';
import { part } from '../../build/variantLoader';
import { type AnyVariant, isHostile } from '../../build/mutant';
import type { Sample, ScoreEngine, TryOrder } from '../engine';
import { knownTries } from '../known';

const LIMIT_MS = 240_000;
/** Cases of each side. Most mistakes show in the first hundreds; a case of control operations takes ten times as long. */
const CASES: Readonly<Record<Side, number>> = { receive: 10_000, transmit: 10_000, host: 10_000, control: 2_000 };

/** Sides that are known to find a variant. */
function namedIn(variant: AnyVariant): readonly string[] {
  return [...(isHostile(variant) ? [variant.attacks] : []), ...knownTries(variant.id, 'hostile')];
}

function run({ how, seed }: TryOrder): Promise<Sample[]> {
  const { runHostile } = part<typeof import('../../../hostile/run')>('testbench/hostile/run');
  const from = performance.now();
  const { cases, findings } = runHostile({ side: how as Side, seed, cases: CASES[how as Side] });
  const durationMs = performance.now() - from;
  const detail = findings.map(({ promise, message }) => `${promise}: ${message}`).join('; ');
  return Promise.resolve([{ caught: findings.length > 0, cases, durationMs, detail }]);
}

export const hostileEngine: ScoreEngine = {
  name: 'hostile',
  about: 'a neighbour that writes anything at any access',
  unit: 'cases',
  thread: 'watched',
  limitMs: LIMIT_MS,
  catchesHangs: true,
  oneIsEnough: true,
  lacking: () => null,
  triesOf: (variant, { all }) => [...new Set([...namedIn(variant), ...(all ? SIDES : [])])],
  run,
  command: ({ how, seed, variant }) =>
    variant === null ? `npx avp hostile ${how} --seed ${seed} --cases ${CASES[how as Side]}` : null,
};
