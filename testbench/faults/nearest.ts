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

/** The name that is spelled most like a text, the first of several. */
export function nearest(text: string, names: readonly string[]): string {
  const cost = (name: string): number => distance(text.toLowerCase(), name.toLowerCase());
  return names.reduce((best, name) => (cost(name) < cost(best) ? name : best));
}
