import { isDeepStrictEqual } from 'node:util';
import { CheckFailed } from './verdict';
import type { ErrnoName } from '../../shared/errno';
import type { Result } from '../targets/target';

const MAX_SHOWN_BYTES = 48;

function hexBytes(bytes: Uint8Array): string {
  const shown = Buffer.from(bytes.subarray(0, MAX_SHOWN_BYTES)).toString('hex');
  return `${bytes.length} bytes ${shown}${bytes.length > MAX_SHOWN_BYTES ? '...' : ''}`;
}

/** A value as failures print it, in one line. */
export function show(value: unknown): string {
  if (value instanceof Uint8Array) return hexBytes(value);
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (_key, one: unknown) => {
    if (one instanceof Uint8Array) return hexBytes(one);
    return typeof one === 'bigint' ? `0x${one.toString(16)}` : one;
  });
}

function differingBytes(actual: Uint8Array, wanted: Uint8Array): string {
  const at = wanted.findIndex((byte, index) => actual[index] !== byte);
  if (at < 0) return `${hexBytes(actual)}: ${actual.length - wanted.length} bytes too many`;
  return `${hexBytes(actual)}: differs from byte ${at} on`;
}

/**
 * The checks of one clause. Each says what it requires; the first that does not hold ends the
 * clause. Where no requirement is given, the clause's own is quoted.
 */
export class Expect {
  /** Checks that have been made. A clause that made none has shown nothing. */
  checks = 0;

  constructor(private readonly requirement: string) {}

  /** @param what names the value that was looked at. */
  that(what: string, holds: boolean, wanted: string, actual: unknown): void {
    this.checks++;
    if (!holds) throw new CheckFailed(this.requirement, `${what}: ${wanted}`, show(actual));
  }

  equal(what: string, actual: unknown, wanted: unknown): void {
    this.that(what, isDeepStrictEqual(actual, wanted), show(wanted), actual);
  }

  atLeast(what: string, actual: number, least: number): void {
    this.that(what, actual >= least, `at least ${least}`, actual);
  }

  atMost(what: string, actual: number, most: number): void {
    this.that(what, actual <= most, `at most ${most}`, actual);
  }

  bytes(what: string, actual: Uint8Array | undefined, wanted: Uint8Array): void {
    this.checks++;
    if (actual !== undefined && isDeepStrictEqual(Buffer.from(actual), Buffer.from(wanted))) return;
    const got = actual === undefined ? 'nothing' : differingBytes(actual, wanted);
    throw new CheckFailed(this.requirement, `${what}: ${hexBytes(wanted)}`, got);
  }

  /** All frames, in order, with the same bytes. */
  frames(what: string, actual: readonly Uint8Array[], wanted: readonly Uint8Array[]): void {
    for (const [index, frame] of wanted.entries()) this.bytes(`${what}, frame ${index}`, actual[index], frame);
    this.equal(`${what}, number of frames`, actual.length, wanted.length);
  }

  /** A control operation that must succeed. */
  success(what: string, result: Result): void {
    this.that(what, result.ok, 'success', result.ok ? '' : `${result.errno}: ${result.message}`);
  }

  /** A control operation that must be refused, with one of these errors. */
  refusal(what: string, result: Result, ...errnos: readonly ErrnoName[]): void {
    this.checks++;
    const wanted = `${what}: refused with ${errnos.join(' or ')}`;
    if (result.ok) throw new CheckFailed(this.requirement, wanted, 'success');
    if (!errnos.includes(result.errno as ErrnoName))
      throw new CheckFailed(this.requirement, wanted, `${result.errno}: ${result.message}`);
  }
}
