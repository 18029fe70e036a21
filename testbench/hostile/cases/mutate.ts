import type { Random } from '../../../shared/random';
import { drawChange, drawStep, drawWrite, type HostileCase } from './hostileCase';

const MOST_WRITES = 24;
const MOST_STEPS = 16;

function replaced<T>(items: readonly T[], at: number, item: T): T[] {
  return items.map((one, i) => (i === at ? item : one));
}

function inserted<T>(items: readonly T[], at: number, item: T, most: number): T[] {
  return [...items.slice(0, at), item, ...items.slice(at)].slice(0, most);
}

function without<T>(items: readonly T[], at: number): T[] {
  return items.filter((_item, i) => i !== at);
}

/** One small difference. */
function mutateOnce(one: HostileCase, other: HostileCase, random: Random): HostileCase {
  const { steps, writes } = one;
  const [step, write] = [random.below(steps.length + 1), random.below(writes.length + 1)];
  switch (random.below(9)) {
    case 0:
      return { ...one, steps: inserted(steps, step, drawStep(random), MOST_STEPS) };
    case 1:
      return { ...one, steps: without(steps, step) };
    case 2:
      return { ...one, steps: [...steps.slice(0, step), ...other.steps].slice(0, MOST_STEPS) };
    case 3:
    case 4:
      return { ...one, writes: inserted(writes, write, drawWrite(random), MOST_WRITES) };
    case 5:
      return { ...one, writes: without(writes, write) };
    case 6:
      if (write === writes.length) return { ...one, world: random.below(64) };
      return { ...one, writes: replaced(writes, write, { ...writes[write]!, change: drawChange(random) }) };
    case 7:
      if (write === writes.length) return { ...one, echo: null };
      return { ...one, writes: replaced(writes, write, { ...writes[write]!, after: random.below(60) - 1 }) };
    default:
      return { ...one, writes: [...writes.slice(0, write), ...other.writes].slice(0, MOST_WRITES) };
  }
}

/** Makes a case that differs from `one` in a few places. Parts may come from `other`. */
export function mutateCase(one: HostileCase, other: HostileCase, random: Random): HostileCase {
  let mutated = one;
  for (let left = random.between(1, 4); left > 0; left--) mutated = mutateOnce(mutated, other, random);
  return mutated;
}
