import { InvalidArgumentError } from 'commander';
import { didYouMean } from '../shared/nearest';
import { BASES, type Basis } from '../testbench/conformance/clause';
import { TARGET_NAMES, targetNamed, type TargetName } from '../testbench/targets/names';
import type { SeedRange } from '../testbench/run/seeds';
import type { Shard } from '../testbench/conformance/select';
import { shardOfCi } from './ciShard';

/** Parsers of option values. Each throws InvalidArgumentError with the expected form. */

const MAX_SEED = 0xffff_ffff;
/** Limit on the runs of one command. */
const MAX_RUNS = 1_000_000;
/** Limit on jobs. Each job reserves gigabytes of address space. */
const MAX_JOBS = 64;

function wholeNumber(text: string, low: number, high: number): number | null {
  const value = /^(0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : -1;
  return value >= low && value <= high ? value : null;
}

export function seedValue(text: string): number {
  const seed = wholeNumber(text, 0, MAX_SEED);
  if (seed === null) throw new InvalidArgumentError(`expected a whole number from 0 to ${MAX_SEED}`);
  return seed;
}

/** Parses a range of seeds, `A..B`, both included. */
export function seedsValue(text: string): SeedRange {
  const [from = '', to = '', ...rest] = text.split('..');
  const first = rest.length === 0 ? wholeNumber(from, 0, MAX_SEED) : null;
  const last = first === null ? null : wholeNumber(to, first, MAX_SEED);
  if (first === null || last === null || last - first >= MAX_RUNS)
    throw new InvalidArgumentError(
      `expected A..B, two whole numbers from 0 to ${MAX_SEED}, the second not below the first, for example 1..100, and at most ${MAX_RUNS} seeds`,
    );
  return { from: first, to: last };
}

export function countValue(text: string): number {
  const count = wholeNumber(text, 1, 1_000_000);
  if (count === null) throw new InvalidArgumentError('expected a whole number from 1 to 1000000');
  return count;
}

/** Parses the number of an operation. */
export function operationValue(text: string): number {
  const number = wholeNumber(text, 0, 1_000_000_000);
  if (number === null) throw new InvalidArgumentError('expected a whole number');
  return number;
}

export function jobsValue(text: string): number {
  const jobs = wholeNumber(text, 1, MAX_JOBS);
  if (jobs === null) throw new InvalidArgumentError(`expected a whole number from 1 to ${MAX_JOBS}`);
  return jobs;
}

/** Parses `I/N`; `auto` asks the CI system. @throws UsageError as `shardOfCi`. */
export function shardValue(text: string): Shard {
  if (text === 'auto') return shardOfCi(process.env);
  const parts = text.split('/');
  const count = parts.length === 2 ? wholeNumber(parts[1]!, 1, 10_000) : null;
  const index = count === null ? null : wholeNumber(parts[0]!, 1, count);
  if (count === null || index === null)
    throw new InvalidArgumentError("expected I/N with I from 1 to N, for example 2/3, or 'auto'");
  return { index, count };
}

/** Parses target names and paths, such as `avp,dpdk@25.11,./mine.ts`. */
export function targetsValue(text: string): TargetName[] {
  const words = text.split(',');
  const names = words.map(targetNamed);
  const unknown = words.find((word) => targetNamed(word) === undefined);
  if (unknown !== undefined) {
    const expected = `expected ${TARGET_NAMES.join(', ')}, a path such as ./mine.ts, or several with commas between`;
    throw new InvalidArgumentError(didYouMean(unknown, TARGET_NAMES, expected));
  }
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) throw new InvalidArgumentError(`'${twice}' is given twice`);
  return names as TargetName[];
}

/** Parses bases of clauses, such as `protocol,ethdev`. */
export function basesValue(text: string): Basis[] {
  const asked = text.split(',');
  const unknown = asked.find((one) => !BASES.some((basis) => basis === one));
  if (unknown !== undefined)
    throw new InvalidArgumentError(
      didYouMean(unknown, BASES, `expected ${BASES.join(', ')}, or several with commas between, not '${unknown}'`),
    );
  return BASES.filter((basis) => asked.includes(basis));
}

/** Parses a path or `-`. Refuses anything else that starts with a dash, because it is an option in the wrong place. */
export function fileValue(text: string): string {
  if (text === '' || (text.startsWith('-') && text !== '-'))
    throw new InvalidArgumentError("expected a file name (write ./-name for one that starts with '-')");
  return text;
}

/** Parses a path. Refuses `-`, for options that cannot write to standard output. */
export function plainFileValue(text: string): string {
  if (text === '-') throw new InvalidArgumentError('expected a file name');
  return fileValue(text);
}

/** Adds a `key=value` to those of earlier uses of the option. */
export function settingValue(text: string, former: ReadonlyMap<string, string> = new Map()): Map<string, string> {
  const equals = text.indexOf('=');
  const key = text.slice(0, equals);
  if (equals < 1) throw new InvalidArgumentError('expected key=value');
  if (former.has(key)) throw new InvalidArgumentError(`'${key}' is given twice`);
  return new Map([...former, [key, text.slice(equals + 1)]]);
}

/** Adds a value to those of earlier uses of the option. */
export function listValue(text: string, former: readonly string[] = []): string[] {
  return [...former, text];
}
