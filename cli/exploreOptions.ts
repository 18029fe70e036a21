import { InvalidArgumentError } from 'commander';
import { didYouMean } from '../shared/nearest';
import { SCHEDULERS, type SchedulerName } from '../testbench/explore/search/exploration';
import type { CheckOptions } from '../testbench/explore/checks/check';
import { MEMORY_MODELS, type MemoryModel } from '../testbench/explore/models/model';
import { shellQuote } from '../testbench/runtime/shellQuote';

/** Options of `avp explore`. */
export interface ExploreOptions {
  readonly list?: boolean;
  readonly litmus?: boolean;
  readonly listPoints?: boolean;
  readonly scheduler: SchedulerName;
  readonly depth: number;
  readonly preemptions: number;
  readonly memory: MemoryModel;
  readonly packets?: number;
  readonly queues?: number;
  readonly shape?: 'simple' | 'scattered';
  readonly mutant?: string;
  readonly schedules?: number;
  readonly seconds?: number;
  readonly jobs?: number;
  /** False with `--no-reduction`. */
  readonly reduction: boolean;
  readonly replay?: string;
  readonly hold?: string;
  readonly until?: string;
  readonly trace?: string;
  readonly html?: string;
}

function oneOf<T extends string>(names: readonly T[]): (text: string) => T {
  return (text) => {
    const found = names.find((name) => name === text);
    if (found === undefined) throw new InvalidArgumentError(didYouMean(text, names, `expected ${names.join(', ')}`));
    return found;
  };
}

export const schedulerValue = oneOf(SCHEDULERS);
export const memoryValue = oneOf(MEMORY_MODELS);
export const shapeValue = oneOf(['simple', 'scattered'] as const);

/** Parses a bound on preemptions: 0 to 16, or `none`. */
export function boundValue(text: string): number {
  if (text === 'none') return Infinity;
  const bound = /^\d{1,2}$/.test(text) ? Number(text) : -1;
  if (bound < 0 || bound > 16) throw new InvalidArgumentError("expected a whole number from 0 to 16, or 'none'");
  return bound;
}

/** Parses a number from 1 to 16. */
export function smallValue(text: string): number {
  const value = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > 16) throw new InvalidArgumentError('expected a whole number from 1 to 16');
  return value;
}

/** Parses a number of schedules. */
export function schedulesValue(text: string): number {
  const value = /^[1-9]\d{0,11}$/.test(text) ? Number(text) : 0;
  if (value === 0) throw new InvalidArgumentError('expected a whole number from 1 on');
  return value;
}

/** Picks the options that the world is made with. */
export function checkOptions({ memory, packets, queues, shape, mutant }: ExploreOptions): CheckOptions {
  return {
    memory,
    ...(packets === undefined ? {} : { packets }),
    ...(queues === undefined ? {} : { queues }),
    ...(shape === undefined ? {} : { shape }),
    ...(mutant === undefined ? {} : { mutant }),
  };
}

/** The command that repeats a schedule. */
export function replayCommand(check: string, options: ExploreOptions, token: string): string {
  const { memory, packets, queues, shape, mutant } = options;
  const given = { memory, packets, queues, shape, mutant };
  const flags = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${value}`]));
  return ['avp explore', shellQuote(check), ...flags, `--replay ${token}`].join(' ');
}
