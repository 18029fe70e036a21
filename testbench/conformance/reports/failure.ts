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

const MAX_MESSAGE = 300;

/** Folds text into one line of limited length, for places that show no more. */
export function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > MAX_MESSAGE ? `${line.slice(0, MAX_MESSAGE)}...` : line;
}

/** Says in one line what a result found. */
export function messageOf(detail: string): string {
  const parts = failureParts(detail);
  return oneLine(
    parts === null ? (detail.split('\n', 1)[0] ?? '') : `expected ${parts.expected}, actual ${parts.actual}`,
  );
}
