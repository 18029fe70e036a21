/** What a failure says, in its three parts. */
export interface FailureParts {
  readonly requirement: string;
  readonly expected: string;
  readonly actual: string;
}

/** Takes the text of a failed check apart; null for any other text. */
export function failureParts(detail: string): FailureParts | null {
  const found = /(?:^|\n)requirement: ([\s\S]*?)\nexpected: ([\s\S]*?)\nactual: ([\s\S]*)$/.exec(detail);
  if (found === null) return null;
  const [, requirement = '', expected = '', actual = ''] = found;
  return { requirement, expected, actual };
}
