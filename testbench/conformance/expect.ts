import { isDeepStrictEqual } from 'node:util';
import { CheckFailed } from './verdict';
import type { ErrnoName } from '../../shared/errno';
import { hex } from '../../shared/hex';
import type { Result } from '../targets/target';

const MAX_SHOWN_BYTES = 48;

function hexBytes(bytes: Uint8Array): string {
  const shown = Buffer.from(bytes.subarray(0, MAX_SHOWN_BYTES)).toString('hex');
  return `${bytes.length} bytes ${shown}${bytes.length > MAX_SHOWN_BYTES ? '...' : ''}`;
}

/** Formats a value for a failure message, on one line. */
export function show(value: unknown): string {
  if (value instanceof Uint8Array) return hexBytes(value);
  if (typeof value === 'bigint') return hex(value);
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (_key, one: unknown) => {
    if (one instanceof Uint8Array) return hexBytes(one);
    return typeof one === 'bigint' ? hex(one) : one;
  });
}

function differingBytes(actual: Uint8Array, wanted: Uint8Array): string {
  const at = wanted.findIndex((byte, index) => actual[index] !== byte);
  if (at < 0) return `${hexBytes(actual)}: ${actual.length - wanted.length} bytes too many`;
  return `${hexBytes(actual)}: differs from byte ${at} on`;
}

/**
 * The checks of one clause. The first check that does not hold throws `CheckFailed`, which ends the clause and
 * quotes its requirement. `what` names the checked value for a reader who does not know the code.
 */
export class Expect {
  /** Number of checks made so far. The runner reports a clause that made none as an error. */
  checks = 0;

  constructor(private readonly requirement: string) {}

  /** Requires a condition. @param wanted describes the condition. @param actual is shown when it does not hold. */
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

  /** Requires the same frames in the same order, byte for byte. */
  frames(what: string, actual: readonly Uint8Array[], wanted: readonly Uint8Array[]): void {
    for (const [index, frame] of wanted.entries()) this.bytes(`${what}, frame ${index}`, actual[index], frame);
    this.equal(`${what}, number of frames`, actual.length, wanted.length);
  }

  /** Requires that a control operation succeeds. */
  success(what: string, result: Result): void {
    this.that(what, result.ok, 'success', result.ok ? '' : `${result.errno}: ${result.message}`);
  }

  /** Requires that a control operation is refused with one of the given errors. */
  refusal(what: string, result: Result, ...errnos: readonly ErrnoName[]): void {
    this.checks++;
    const wanted = `${what}: refused with ${errnos.join(' or ')}`;
    if (result.ok) throw new CheckFailed(this.requirement, wanted, 'success');
    if (!errnos.includes(result.errno as ErrnoName))
      throw new CheckFailed(this.requirement, wanted, `${result.errno}: ${result.message}`);
  }
}
