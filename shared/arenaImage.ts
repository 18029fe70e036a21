import { type Extent, extents } from './arena';
// Not through `#mem`: an image shows all memory regardless of rights, and is no access of either side.
import { bytes8 } from './mem/memory';

/** An allocation and its bytes at one moment. */
export interface ImageExtent extends Extent {
  readonly content: Uint8Array;
}

/** The allocations of the arena at one moment, with their bytes. Plain data, so that threads can exchange it. */
export type ArenaImage = readonly ImageExtent[];

/** Copies all allocations. What other threads write meanwhile may be included or not. */
export function arenaImage(): ArenaImage {
  return extents().map((extent) => ({
    ...extent,
    content: bytes8.slice(extent.address, extent.address + extent.bytes),
  }));
}
