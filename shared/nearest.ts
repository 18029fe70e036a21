/** Part of the letters of the longer text that may differ between two names that are still alike. */
const UNLIKE = 0.5;
/** Letters that two names must share to be alike where one contains the other. */
const LEAST_SHARED = 3;

/** Counts the letters to add, remove or change that make one text of another (Levenshtein's distance). */
function distance(one: string, other: string): number {
  let former = Array.from({ length: other.length + 1 }, (_unused, i) => i);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++)
      row.push(Math.min(former[j]! + 1, row[j - 1]! + 1, former[j - 1]! + (one[i - 1] === other[j - 1] ? 0 : 1)));
    former = row;
  }
  return former[other.length]!;
}

function isAlike(one: string, other: string, apart: number): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  if (short.length >= LEAST_SHARED && long.includes(short)) return true;
  return apart <= Math.max(1, Math.floor(long.length * UNLIKE));
}

/** Returns the name that is spelled most like a text, the first of several; null where none is like it. */
export function nearest(text: string, names: readonly string[]): string | null {
  const given = text.toLowerCase();
  let best: { readonly name: string; readonly apart: number } | null = null;
  for (const name of names) {
    const apart = distance(given, name.toLowerCase());
    if ((best === null || apart < best.apart) && isAlike(given, name.toLowerCase(), apart)) best = { name, apart };
  }
  return best?.name ?? null;
}

/**
 * Writes the end of a message about an unknown name: the name that was probably meant, if one is like it, and then
 * the rest.
 * @param rest what was expected or what to do, beginning with a small letter unless it is a name.
 */
export function didYouMean(text: string, names: readonly string[], rest: string): string {
  const near = nearest(text, names);
  return near === null ? rest : `did you mean '${near}'? ${rest.charAt(0).toUpperCase()}${rest.slice(1)}`;
}
