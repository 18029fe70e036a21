import { distance } from 'fastest-levenshtein';

/** Part of the letters of the longer text that may differ between two names that are still alike. */
const UNLIKE = 0.5;
/** Letters that two names must share to be alike where one contains the other. */
const LEAST_SHARED = 3;

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
