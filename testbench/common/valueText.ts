import { inspect, isDeepStrictEqual } from 'node:util';

const MAX_CHARACTERS = 1_000;

const READABLE = {
  depth: 4,
  compact: true,
  breakLength: Infinity,
  customInspect: false,
  maxArrayLength: 64,
  maxStringLength: MAX_CHARACTERS,
} as const;

/** The JSON of a value that JSON holds without loss, null for any other value. */
function plainJson(value: unknown): string | null {
  try {
    const text = JSON.stringify(value) as string | undefined;
    return text !== undefined && isDeepStrictEqual(JSON.parse(text), value) ? text : null;
  } catch {
    // A bigint, a circular structure, or a `toJSON` that throws.
    return null;
  }
}

/**
 * The text of any value, on one line: its JSON where JSON holds it without loss, otherwise what `util.inspect` prints,
 * cut at 1,000 characters.
 */
export function valueText(value: unknown): string {
  const json = plainJson(value);
  if (json !== null) return json;
  const text = inspect(value, READABLE).replace(/\s*\n\s*/g, ' ');
  return text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS)}...`;
}
