/**
 * Text from files, peers and scripts, made fit for a terminal. Control characters, escape sequences among them, could
 * rewrite what stands on the screen; the characters that turn the direction of writing could show it in another order.
 */

/** Control characters except tab and line feed, line separators, marks of direction, and halves of surrogate pairs. */
const INVISIBLE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Cs}/gu;
const LINE_ENDS = /[\t\n]/g;
const SHORT: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  const digits = code.toString(16);
  return SHORT[character] ?? (code > 0xff ? `\\u${digits.padStart(4, '0')}` : `\\x${digits.padStart(2, '0')}`);
}

/** Replaces invisible characters by their escapes, `\x1b` for one. Line feeds and tabs stay. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, escaped);
}

/** Replaces invisible characters, line feeds and tabs too: the text is one line. */
export function visibleLine(text: string): string {
  return visible(text).replace(LINE_ENDS, escaped);
}

/** Formats a value as JSON whose text holds no invisible character. It parses to the same value. */
export function visibleJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, null, indent);
  return text.replace(INVISIBLE, (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`);
}
