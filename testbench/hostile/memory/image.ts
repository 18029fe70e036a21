import { extents, keepExtents } from '../../../shared/arena';
import { DRIVER_STATICS, DRIVER_STATICS_BYTES } from '../../../shared/loops/statics';
import { watchedMemory } from '../../../shared/mem/build';
import { bytes8 } from '../../../shared/mem/memory';

/** A range of an array, and what stood there. */
class Kept {
  private readonly bytes: Uint8Array;

  constructor(
    private readonly array: Uint8Array,
    private readonly from: number,
    to: number,
  ) {
    this.bytes = array.slice(from, to);
  }

  restore(): void {
    this.array.set(this.bytes, this.from);
  }
}

/**
 * All allocations at one moment, with their bytes and the rights to them. Putting them back makes a world begin again
 * for little more than the copying.
 */
export class WorldImage {
  private readonly kept: readonly Kept[];
  private readonly restoreExtents = keepExtents();

  constructor() {
    const all = extents();
    const [first, last] = [all[0]!, all.at(-1)!];
    const [from, to] = [first.address, last.address + last.bytes];
    const rights = new Uint8Array(watchedMemory!.shadow);
    this.kept = [
      new Kept(bytes8, DRIVER_STATICS, DRIVER_STATICS + DRIVER_STATICS_BYTES),
      new Kept(bytes8, from, to),
      new Kept(rights, from >>> 2, (to + 3) >>> 2),
    ];
  }

  restore(): void {
    this.restoreExtents();
    for (const one of this.kept) one.restore();
  }
}
