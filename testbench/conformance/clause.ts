import type { Capability } from '../targets/target';
import type { ClauseContext } from './context';

/** Level of a clause. A failed SHOULD clause affects the exit status only under `--strict`. */
export type Level = 'MUST' | 'SHOULD';

/**
 * Source of a rule.
 * - `protocol`: a header of the device, the guide of DPDK's AVP driver, or what both released drivers do.
 * - `ethdev`: a documented contract of DPDK's ethdev, which the note names and quotes.
 * - `safety`: what a broken or hostile host must not be able to do to its guest: spoil memory, or hang it.
 * - `reading`: a choice of this project where no source decides. Such a rule is never a MUST.
 */
export const BASES = ['protocol', 'ethdev', 'safety', 'reading'] as const;
export type Basis = (typeof BASES)[number];

/**
 * Behaviour of the host in a clause. `right`: it follows the protocol. `late`: it answers a request after the
 * guest has stopped waiting. `wrong`: it breaks a rule on purpose.
 */
export type HostConduct = 'right' | 'late' | 'wrong';

/** One rule of the protocol as a numbered test. An `id` is permanent: it is never changed and never reused. */
export interface Clause {
  /** Chapter and number, such as `rx/3`. */
  readonly id: string;
  /** Short sentence that states what a passing clause has shown. */
  readonly title: string;
  readonly level: Level;
  /** Section of PROTOCOL.md that states the rule. */
  readonly section: string;
  readonly basis: Basis;
  /** Known faults of released drivers that this clause detects, such as `R2`. */
  readonly faults: readonly string[];
  /** Capabilities that the target must have. The runner skips the clause when one is missing. */
  readonly needs: readonly Capability[];
  /** Question that the clause answers. */
  readonly goal: string;
  readonly steps: readonly string[];
  /** Text of the rule. A failure quotes it. */
  readonly requirement: string;
  readonly host: HostConduct;
  /**
   * Source of the rule in whole sentences: the contract of an `ethdev` clause, who does otherwise, and which part
   * is a choice of this project. Null where the section of PROTOCOL.md says enough.
   */
  readonly note: string | null;
  /** Longest time that a run of the clause may take, in milliseconds. */
  readonly timeLimitMs: number;
  /** Runs the clause. Returns if it passes and throws if it does not. */
  readonly run: (t: ClauseContext) => Promise<void>;
}

/** A clause as its source file declares it: fields that have a default are optional. */
export interface ClauseText extends Omit<Clause, 'faults' | 'needs' | 'host' | 'note' | 'timeLimitMs'> {
  readonly faults?: readonly string[];
  readonly needs?: readonly Capability[];
  /** Default: `right`. */
  readonly host?: HostConduct;
  readonly note?: string;
  readonly timeLimitMs?: number;
}

const DEFAULT_TIME_LIMIT_MS = 20_000;

/** Fills in the defaults of a declaration. */
export function clause(text: ClauseText): Clause {
  return { faults: [], needs: [], host: 'right', note: null, timeLimitMs: DEFAULT_TIME_LIMIT_MS, ...text };
}

export function chapterOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}

export function numberOf(id: string): number {
  return Number(id.slice(id.indexOf('/') + 1));
}
