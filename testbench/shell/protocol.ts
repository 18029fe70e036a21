/** Messages between the thread of the prompt and the thread of the nodes. Plain data. */
import type { FaultOrder } from '../api/faults';

/** The user's order for a shell. */
export interface ShellOrder {
  /** The scenario's file; null for a node with one instance. */
  readonly file: string | null;
  /** NICs of that instance. */
  readonly nics: readonly string[];
  readonly seed: number;
  /** Settings of the scenario, as the user gave them. */
  readonly settings: ReadonlyMap<string, string>;
  readonly faults: readonly FaultOrder[];
}

/** Start-up data of the thread with the nodes. */
export interface ShellStart {
  readonly order: ShellOrder;
  /** The words at `SENT` and `INTERRUPTED`, in shared memory. */
  readonly words: Int32Array;
}

/** Number of the messages to the thread. It sleeps on this word while nothing is asked of it. */
export const SENT = 0;
/** Not 0 where time is to stop as soon as possible. The other thread sets it back. */
export const INTERRUPTED = 1;

/** A message to the thread with the nodes. Each gets one answer. */
export type ShellRequest = { readonly line: string } | { readonly complete: string };

/** The answer to a line, and what is shown before the first one. */
export interface ShellReply {
  readonly ok: boolean;
  /** For people; empty where there is nothing to say. */
  readonly text: string;
  /** For programs. Left out where the command failed. */
  readonly result?: object;
  /** Virtual time at the end of the command. */
  readonly atMs: number;
  /** The user has asked for the end. */
  readonly quit: boolean;
}

/** Candidates for the end of a line, and the part of the line that they replace. */
export interface Completion {
  readonly candidates: readonly string[];
  readonly part: string;
}

/** A message of the thread with the nodes. */
export type ShellMessage =
  | { readonly reply: ShellReply }
  | { readonly completion: Completion }
  /** The script has printed something. */
  | { readonly printed: string }
  /** The order can't be carried out. */
  | { readonly usage: string }
  /** An error of the bench itself. */
  | { readonly broken: string };
