function rows(letter: string, count: number): string[] {
  return Array.from({ length: count }, (_unused, i) => `${letter}${i + 1}`);
}

/** Every row of the list of faults that released AVP drivers, or drivers of the same ring family, have or had. */
export const KNOWN_FAULT_ROWS: readonly string[] = [
  ...rows('R', 12),
  ...rows('T', 8),
  ...rows('C', 15),
  ...rows('M', 13),
  ...rows('F', 4),
];
