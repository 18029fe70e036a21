import { DIGITS, encoded, refuse, TokenReader } from '../engine/tokenText';

/** A decision that differs from that of run-to-block. */
export interface Deviation {
  /** Number of the step, from 0; each choice that was taken is one. */
  readonly step: number;
  /** Position of the choice that was taken. */
  readonly index: number;
  /** Low six bits of the hash of the run up to here. */
  readonly check: number;
}

/** A schedule of an exploration: what a token says. */
export interface ScheduleText {
  /** Fingerprint of the world. */
  readonly fingerprint: number;
  readonly deviations: readonly Deviation[];
  /** Number of steps of the run. */
  readonly steps: number;
  readonly hash: number;
  /** Addresses of words that are shared beside those that every search learns first, in ascending order. */
  readonly shared: readonly number[];
}

const VERSION = 'E1';

/** Writes a schedule as a text that needs no quoting in a URL or on a command line. */
export function writeExploreToken({ fingerprint, deviations, steps, hash, shared }: ScheduleText): string {
  let last = 0;
  const entries = deviations.map(({ step, index, check }) => {
    const gap = encoded(step - last);
    last = step;
    return gap + encoded(index) + DIGITS[check]!;
  });
  const words = shared.map((address, at) => encoded((address - (shared[at - 1] ?? 0)) >>> 2)).join('');
  const parts = [VERSION, encoded(fingerprint >>> 0), entries.join(''), encoded(steps), encoded(hash >>> 0)];
  return [...parts, ...(words === '' ? [] : [words])].join('.');
}

/** @throws UsageError where the text is no token of this version. */
export function readExploreToken(token: string): ScheduleText {
  const [version, fingerprint, entries, steps, hash, words = '', ...rest] = token.split('.');
  if (version !== VERSION) refuse(token, `it does not begin with '${VERSION}.'`);
  if (hash === undefined || rest.length > 0) refuse(token, 'it is damaged');
  const one = (text: string): number => {
    const reader = new TokenReader(text, token);
    const value = reader.number();
    return reader.done ? value : refuse(token, 'it is damaged');
  };
  const deviations: Deviation[] = [];
  const reader = new TokenReader(entries!, token);
  while (!reader.done) {
    const step = (deviations.at(-1)?.step ?? 0) + reader.number();
    deviations.push({ step, index: reader.number(), check: reader.digit() });
  }
  const shared: number[] = [];
  const addresses = new TokenReader(words, token);
  while (!addresses.done) shared.push((shared.at(-1) ?? 0) + 4 * addresses.number());
  return { fingerprint: one(fingerprint!), deviations, steps: one(steps!), hash: one(hash), shared };
}
