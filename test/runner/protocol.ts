/** What goes between the test run and its processes. */

/** To a process: run this file. */
export interface FileOrder {
  /** Path relative to the package's folder. */
  readonly file: string;
  readonly colors: boolean;
}

export interface Failure {
  /** As mocha prints it, numbered 1. */
  readonly text: string;
  /** The command that runs it again. */
  readonly replay: string;
}

/** From a process: what came of a file. */
export interface FileReport {
  readonly passed: number;
  readonly skipped: number;
  readonly failures: readonly Failure[];
  readonly durationMs: number;
}

/** Printed by a process on both of its streams when a file is finished: what it printed is whole then. */
export const END_OF_OUTPUT = '\0end of file\0';
