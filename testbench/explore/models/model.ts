/** Memory models under which a world can be explored. */
export const MEMORY_MODELS = ['sc', 'tso', 'pso'] as const;

/**
 * - `sc`: each store is seen by all at once.
 * - `tso`: each actor has a FIFO store buffer (x86).
 * - `pso`: each actor has a store buffer for each location; a release store waits for the actor's earlier stores.
 */
export type MemoryModel = (typeof MEMORY_MODELS)[number];
