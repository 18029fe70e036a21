import type { VirtualClock } from '../../shared/clock';
import type { RunRecords } from '../common/records';
import type { DumpedRun } from '../evidence/dump/writeDump';
import type { InlineBench } from '../inline/bench';
import type { LiveMigration } from '../inline/liveMigration';
import type { LineCommand } from '../runtime/lineCommands';
import type { Machines } from './machines';

/** Time that a command lets pass before the next prompt. */
export type Plan =
  | { readonly steps: number }
  | { readonly untilMs: number }
  /** Up to the scenario's next call that sends, migrates or lets time pass. */
  | { readonly operation: true }
  /** Up to a failure, a pause or the end of the scenario. */
  | { readonly free: true };

/** The bench and the records that commands work on. */
export interface ShellContext {
  readonly bench: InlineBench;
  readonly clock: VirtualClock;
  readonly records: RunRecords;
  readonly machines: Machines;
  /** Migrations that were started at the prompt. */
  readonly migrations: LiveMigration[];
  /** The run, as a dump names it. */
  readonly run: DumpedRun;
  /** Name of the scenario; null for none. */
  readonly scenario: string | null;
  /** The scenario's body has ended. */
  readonly hasEnded: boolean;
  /** Sends frames that are given as ordinary bytes, as an endpoint of a NIC's network. */
  feed(name: string, frames: readonly Uint8Array[]): void;
}

/** Outcome of a command. */
export interface Outcome {
  /** For people. */
  readonly text: string;
  /** For programs: a plain object. */
  readonly result: object;
}

/** Kind of a word in a command line, for completion. */
export type Argument =
  'command' | 'nic' | 'node' | 'instance' | 'ring' | 'place' | 'fault' | 'faultVerb' | 'file' | 'any';

/** A command of the prompt. */
export interface ShellCommand extends LineCommand {
  /** Kinds of its words, in order; the last one holds for those that follow. */
  readonly takes: readonly Argument[];
  /**
   * Carries the command out. Returns its outcome, or the time to let pass. @throws UsageError, ErrnoError, errors of
   * the bench
   */
  readonly run: (shell: ShellContext, words: readonly string[]) => Outcome | Plan;
}

export type ShellCommands = Readonly<Record<string, ShellCommand>>;
