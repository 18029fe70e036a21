/**
 * How a thread runs the loop files: compiled to WebAssembly, or as TypeScript. Both behave the same. Only TypeScript
 * goes through the watched memory.
 */
export const ENGINES = ['wasm', 'ts'] as const;
/** Engine of the loop files: one of `ENGINES`. */
export type Engine = (typeof ENGINES)[number];
