/** FNV-1a over 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return value;
}

/**
 * The seed of one clause in one run: it depends on the run's seed and the clause alone, so that
 * neither order nor selection changes what a clause does.
 */
export function clauseSeed(runSeed: number, id: string): number {
  return hash(`${runSeed} ${id}`);
}

/** The run's seed of a repetition, counted from 0; a replay names it and needs no repetition. */
export function repetitionSeed(runSeed: number, repetition: number): number {
  return (runSeed + repetition) >>> 0;
}
