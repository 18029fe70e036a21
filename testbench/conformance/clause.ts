import type { Capability } from '../targets/target';
import type { ClauseContext } from './context';

/** How binding a clause is: the exit status counts SHOULD clauses only where asked to. */
export type Level = 'MUST' | 'SHOULD';

/** What the host does in a clause: it keeps to the protocol, answers a request after the guest has given up waiting, or breaks a rule on purpose. */
export type HostConduct = 'right' | 'late' | 'wrong';

/** A rule of the device as a numbered test. Its `id` never changes and is never used again. */
export interface Clause {
  /** Chapter and number, `rx/3`. */
  readonly id: string;
  /** What holds where the clause passes, in one short sentence. */
  readonly title: string;
  readonly level: Level;
  /** Section of PROTOCOL.md that gives the rule. */
  readonly section: string;
  /** Faults of released drivers that the clause catches, `R2`. */
  readonly faults: readonly string[];
  /** What the driver under test must offer; else the clause is skipped. */
  readonly needs: readonly Capability[];
  /** What the clause wants to find out. */
  readonly goal: string;
  readonly steps: readonly string[];
  /** The rule itself; a failure quotes it. */
  readonly requirement: string;
  readonly host: HostConduct;
  /** Where the rule rests on more than the device: on a choice of this project, or on what applications may expect of any driver. Whole sentences; null where it does not. */
  readonly basis: string | null;
  /** The most that it may take, in milliseconds. */
  readonly timeLimitMs: number;
  /** Carries it out: returns where it passes, throws where it doesn't. */
  readonly run: (t: ClauseContext) => Promise<void>;
}

/** A clause as its file writes it. */
export interface ClauseText extends Omit<Clause, 'faults' | 'needs' | 'host' | 'basis' | 'timeLimitMs'> {
  readonly faults?: readonly string[];
  readonly needs?: readonly Capability[];
  /** `right` where not given. */
  readonly host?: HostConduct;
  readonly basis?: string;
  readonly timeLimitMs?: number;
}

const DEFAULT_TIME_LIMIT_MS = 20_000;

/** Declares a clause. */
export function clause(text: ClauseText): Clause {
  return { faults: [], needs: [], host: 'right', basis: null, timeLimitMs: DEFAULT_TIME_LIMIT_MS, ...text };
}

export function chapterOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}

export function numberOf(id: string): number {
  return Number(id.slice(id.indexOf('/') + 1));
}
