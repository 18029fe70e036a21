import { UsageError } from '../../shared/errors';
import { ETHERNET_HEADER_BYTES } from '../../shared/ethernet';
import { MAX_PACKET_BYTES } from '../../shared/loops/layout';
import { didYouMean } from '../../shared/nearest';
import type { LoadOptions } from '../api/traffic';
import { valueText } from './valueText';

const MOST_FLOWS = 65_536;
const MOST_PERCENT = 100;
const MAX_TCI = 0xffff;

type Check = (value: unknown) => boolean;

function isNumber(low: number, high: number): Check {
  return (value) => typeof value === 'number' && value >= low && value <= high;
}

function isWhole(low: number, high: number): Check {
  return (value) => Number.isSafeInteger(value) && isNumber(low, high)(value);
}

const isFrameLength = isWhole(ETHERNET_HEADER_BYTES, MAX_PACKET_BYTES);

function isFrameBytes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return isFrameLength(value);
  const { min, max } = value as { readonly min?: number; readonly max?: number };
  return isFrameLength(min) && isFrameLength(max) && min! <= max!;
}

const FRAME_BYTES = `a whole number from ${ETHERNET_HEADER_BYTES} to ${MAX_PACKET_BYTES}, or such a { min, max }`;

const CHECKS: Readonly<Record<keyof LoadOptions, readonly [is: Check, expected: string]>> = {
  frames: [isWhole(0, Number.MAX_SAFE_INTEGER), 'a whole number'],
  framesPerMs: [isNumber(Number.MIN_VALUE, Number.MAX_VALUE), 'a number above 0'],
  flows: [isWhole(1, MOST_FLOWS), `a whole number from 1 to ${MOST_FLOWS}`],
  firstFlowPercent: [isNumber(0, MOST_PERCENT), 'a number from 0 to 100'],
  vlanTci: [(value) => value === null || isWhole(0, MAX_TCI)(value), 'a whole number from 0 to 65535, or null'],
  frameBytes: [isFrameBytes, FRAME_BYTES],
  reply: [(value) => typeof value === 'boolean', 'true or false'],
  captures: [(value) => Array.isArray(value), 'a list, from bench.captures(file)'],
};

/** Checks the options of a load; a script without type checks may give anything. @throws UsageError */
export function checkLoad(from: { readonly name: string }, options: LoadOptions): void {
  const names = Object.keys(CHECKS);
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new UsageError(
      `load from ${from.name} has no option '${unknown}': ${didYouMean(unknown, names, `expected ${names.join(', ')}`)}`,
    );
  for (const [name, [is, expected]] of Object.entries(CHECKS)) {
    const value: unknown = options[name as keyof LoadOptions];
    if (value !== undefined && !is(value))
      throw new UsageError(`load from ${from.name}: ${name} is ${valueText(value)}: expected ${expected}`);
  }
}
