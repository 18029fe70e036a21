/** Runs of a property: `AVP_SOAK=30` does thirty times as many, for a long search. */
export function runs(count: number): number {
  return count * Math.max(1, Number(process.env['AVP_SOAK'] ?? 1));
}
