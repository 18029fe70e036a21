/** The three parts of a failed check's message. */
export interface FailureParts {
  readonly requirement: string;
  readonly expected: string;
  readonly actual: string;
}

/** Splits the message of a failed check into its parts. Returns null if `detail` is not such a message. */
export function failureParts(detail: string): FailureParts | null {
  const found = /(?:^|\n)requirement: ([\s\S]*?)\nexpected: ([\s\S]*?)\nactual: ([\s\S]*)$/.exec(detail);
  if (found === null) return null;
  const [, requirement = '', expected = '', actual = ''] = found;
  return { requirement, expected, actual };
}
