/**
 * Records what a scenario expects. Each call is one line of the result, and one that does not hold makes the scenario
 * fail. The scenario goes on anyway.
 */
export interface Expect {
  /** Expects that `actual` equals `wanted` in depth, or is true where `wanted` is left out. */
  (what: string, actual: unknown, ...given: readonly [wanted?: unknown]): void;
  /**
   * Expects a number of at least `least`. NaN, or a value that is no number, fails.
   * @param what the expectation, for messages and reports: `downtime`.
   * @param actual the number.
   * @param least lower bound, included.
   * @param unit unit of both numbers, for messages: `ms`, `frames`.
   * @throws UsageError where the bound is NaN.
   */
  atLeast(what: string, actual: number, least: number, unit?: string): void;
  /**
   * Expects a number of at most `most`, for example `expect.atMost('downtime', report.downtimeMs, 20, 'ms')`. NaN, or a
   * value that is no number, fails.
   * @param what the expectation, for messages and reports.
   * @param actual the number.
   * @param most upper bound, included.
   * @param unit unit of both numbers, for messages.
   * @throws UsageError where the bound is NaN.
   */
  atMost(what: string, actual: number, most: number, unit?: string): void;
  /**
   * Expects a number from `least` to `most`. NaN, or a value that is no number, fails.
   * @param what the expectation, for messages and reports.
   * @param actual the number.
   * @param least lower bound, included.
   * @param most upper bound, included.
   * @param unit unit of the three numbers, for messages.
   * @throws UsageError where a bound is NaN, or `least` is above `most`.
   */
  within(what: string, actual: number, least: number, most: number, unit?: string): void;
}

/** A number that was expected to lie in a range. */
export interface Measured {
  /** Null for NaN, for an infinite number, and for a value of another type. */
  readonly actual: number | null;
  /** Left out where there is no lower bound. */
  readonly atLeast?: number;
  /** Left out where there is no upper bound. */
  readonly atMost?: number;
  /** Unit of all of them, as the script gave it. */
  readonly unit?: string;
}
