/** The number of runs of a property. `AVP_SOAK=30` multiplies it by thirty for a long search. */
export function runs(count: number): number {
  return count * Math.max(1, Number(process.env['AVP_SOAK'] ?? 1));
}
