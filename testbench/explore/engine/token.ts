import { mixed, tagOf } from './controlBlock';
import type { Hold, Plan } from './plan';
import { DIGITS, encoded, refuse, TokenReader } from './tokenText';

/** A decision that differs from that of run-to-block. */
export interface Deviation {
  readonly decision: number;
  /** The actor that got the turn; -1 for a hold. */
  readonly actor: number;
  /** Hold of the current actor; null if another actor got the turn. */
  readonly hold: Hold | null;
  /** Low six bits of the hash of the run up to here. */
  readonly check: number;
}

/** A schedule: the plan's fingerprint, the deviations from run-to-block, and the length and hash of the run. */
export interface Schedule {
  readonly fingerprint: number;
  readonly deviations: readonly Deviation[];
  readonly decisions: number;
  readonly hash: number;
}

const VERSION = 'S1';
const CODE_HOLD_US = 30;
const CODE_HOLD_POSTED = 31;
const US_PER_MS = 1_000;

function encodedHold(hold: Hold): string {
  if ('ms' in hold) return encoded(CODE_HOLD_US) + encoded(Math.round(hold.ms * US_PER_MS));
  const name = Buffer.from(hold.posted, 'utf8').toString('base64url');
  return encoded(CODE_HOLD_POSTED) + encoded(name.length) + name;
}

/** Writes a schedule as a text that needs no quoting in a URL or on a command line. */
export function writeToken({ fingerprint, deviations, decisions, hash }: Schedule): string {
  let last = 0;
  const entries = deviations.map(({ decision, actor, hold, check }) => {
    const gap = encoded(decision - last);
    last = decision;
    return gap + (hold === null ? encoded(actor) : encodedHold(hold)) + DIGITS[check]!;
  });
  return [VERSION, encoded(fingerprint >>> 0), entries.join(''), encoded(decisions), encoded(hash >>> 0)].join('.');
}

function readDeviation(reader: TokenReader, last: number): Deviation {
  const decision = last + reader.number();
  const code = reader.number();
  let hold: Hold | null = null;
  if (code === CODE_HOLD_US) hold = { ms: reader.number() / US_PER_MS };
  else if (code === CODE_HOLD_POSTED) hold = { posted: reader.textOf(reader.number()) };
  return { decision, actor: hold === null ? code : -1, hold, check: reader.digit() };
}

/** @throws UsageError where the text is no token of this version. */
export function readToken(token: string): Schedule {
  const [version, fingerprint, entries, decisions, hash, ...rest] = token.split('.');
  if (version !== VERSION) refuse(token, `it does not begin with '${VERSION}.'`);
  if (hash === undefined || rest.length > 0) refuse(token, 'it is damaged');
  const one = (text: string): number => {
    const reader = new TokenReader(text, token);
    const value = reader.number();
    return reader.done ? value : refuse(token, 'it is damaged');
  };
  const deviations: Deviation[] = [];
  const reader = new TokenReader(entries!, token);
  while (!reader.done) deviations.push(readDeviation(reader, deviations.at(-1)?.decision ?? 0));
  return { fingerprint: one(fingerprint!), deviations, decisions: one(decisions!), hash: one(hash) };
}

/**
 * Fingerprint of what a schedule belongs to: actors, their data and points of the plan, and the
 * variant of the code. The strategy is not part of it, because the schedule replaces it.
 */
export function fingerprintOf(
  { actors, points = [], recordViolations = false }: Plan,
  variant: Readonly<Record<string, string>>,
): number {
  const whole = { actors, points, recordViolations, variant };
  const text = JSON.stringify(whole, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
  return mixed(tagOf(text), text.length) >>> 0;
}
