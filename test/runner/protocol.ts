/** Messages between the test run and its processes. */

/** Tells a process to run a file. */
export interface FileOrder {
  /** Path relative to the package's folder. */
  readonly file: string;
  readonly colors: boolean;
}

export interface Failure {
  /** The failure as mocha prints it, with the number 1. */
  readonly text: string;
  /** Command that runs the failed test again. */
  readonly replay: string;
}

/** Reports the result of a file to the test run. */
export interface FileReport {
  readonly passed: number;
  readonly skipped: number;
  readonly failures: readonly Failure[];
  readonly durationMs: number;
}

/** Reports an error of a file that has been reported already: a timer or a promise that it left behind. */
export interface LateError {
  readonly late: Failure;
}

/** A process prints this on both of its streams after each file, to mark the end of the file's output. */
export const END_OF_OUTPUT = '\0end of file\0';
