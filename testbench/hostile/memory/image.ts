import type { HostMemory } from '../../../emulator';
import { extents, keepExtents } from '../../../shared/arena';
import { DRIVER_STATICS, DRIVER_STATICS_BYTES } from '../../../shared/loops/statics';
import { watchedMemory } from '../../../shared/mem/build';
import { bytes8 } from '../../../shared/mem/memory';
import type { MemoryRange } from './attack';

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

  /** @param scratch ranges to leave out, which nobody reads before they have been written. */
  constructor(scratch: readonly MemoryRange[]) {
    const all = extents();
    const [first, last] = [all[0]!, all.at(-1)!];
    const end = last.address + last.bytes;
    const rights = new Uint8Array(watchedMemory!.shadow);
    const kept = [
      new Kept(bytes8, DRIVER_STATICS, DRIVER_STATICS + DRIVER_STATICS_BYTES),
      new Kept(rights, first.address >>> 2, (end + 3) >>> 2),
    ];
    let from = first.address;
    for (const { address, bytes } of scratch.toSorted((a, b) => a.address - b.address)) {
      kept.push(new Kept(bytes8, from, address));
      from = address + bytes;
    }
    this.kept = [...kept, new Kept(bytes8, from, end)];
  }

  restore(): void {
    this.restoreExtents();
    for (const one of this.kept) one.restore();
  }
}

/** The area in which a host puts frames together. */
export function frameArea({ block, port }: HostMemory): MemoryRange {
  const end = block.junk === 0 ? block.bytes : block.junk;
  return { address: port + block.frameArea, bytes: end - block.frameArea };
}
