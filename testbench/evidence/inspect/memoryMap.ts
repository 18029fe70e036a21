import { memmap, memmapInfo } from '../../../shared/abi/structs';
import { hex, hex32 } from '../../../shared/hex';
import {
  MAP_ALIGN_BYTES,
  MAX_MAPS,
  MEMMAP_INFO_MAPS,
  MEMMAP_MAGIC,
  MEMMAP_VERSION,
} from '../../../shared/loops/layout';
import type { Problems } from './problems';
import { StructView } from './structView';
import type { MapEntry } from './inspection';

/** A run of consecutive maps that are also contiguous in host physical addresses. */
interface Run {
  readonly phys: bigint;
  bytes: bigint;
  readonly offset: bigint;
}

/** The valid part of the memory map of BAR 4 (section 4). */
export class MemoryMap {
  readonly entries: MapEntry[] = [];
  private readonly runs: Run[] = [];

  private constructor(
    readonly count: number,
    private readonly memoryBytes: number,
  ) {}

  /** Null where there is no BAR 4. */
  static read(bar: Uint8Array | null, memoryBytes: number, problems: Problems): MemoryMap | null {
    // The BAR is larger than the structure, and a map in use may be much smaller.
    const head =
      bar === null || bar.length < MEMMAP_INFO_MAPS ? null : new DataView(bar.buffer, bar.byteOffset, bar.length);
    if (bar === null || head === null) {
      problems.add('BAR 4 is missing or too short: there is no memory map');
      return null;
    }
    const field = (name: string): number =>
      head.getUint32(memmapInfo.fields.find((one) => one.name === name)!.offset, true);
    const [magic, version, count] = [field('magic'), field('version'), field('nb_maps')];
    if (magic !== MEMMAP_MAGIC) problems.add(`memmap_info.magic is ${hex32(magic)}, expected ${hex32(MEMMAP_MAGIC)}`);
    if (version !== MEMMAP_VERSION) problems.add(`memmap_info.version is ${version}, expected ${MEMMAP_VERSION}`);
    const room = Math.min(MAX_MAPS, Math.floor((bar.length - MEMMAP_INFO_MAPS) / memmap.bytes));
    if (count === 0 || count > room) problems.add(`memmap_info.nb_maps is ${count}, expected 1 to ${room}`);
    const map = new MemoryMap(count, memoryBytes);
    for (let index = 0; index < Math.min(count, room) && map.take(bar, index, problems); index++);
    return map;
  }

  /** Returns false where no later map can be placed in BAR 2. */
  private take(bar: Uint8Array, index: number, problems: Problems): boolean {
    const view = StructView.of(memmap, bar, MEMMAP_INFO_MAPS + index * memmap.bytes)!;
    const [addr, phys, length] = [view.big('addr'), view.big('phys_addr'), view.big('length')];
    const last = this.runs.at(-1);
    const offset = last === undefined ? 0n : last.offset + last.bytes;
    const left = BigInt(this.memoryBytes) - offset;
    if (length === 0n || length % BigInt(MAP_ALIGN_BYTES) !== 0n || length > left) {
      problems.add(
        `memmap_info.maps[${index}].length is ${hex(length)}, expected a multiple of ${MAP_ALIGN_BYTES} from there up to ${hex(left)}, what BAR 2 has left`,
      );
      return false;
    }
    this.entries.push({
      addr: hex(addr),
      phys_addr: hex(phys),
      length: hex(length),
      offset: Number(offset),
    });
    if (last !== undefined && last.phys + last.bytes === phys) last.bytes += length;
    else this.runs.push({ phys, bytes: length, offset });
    return true;
  }

  /** Offset in BAR 2 of an object at a host physical address; null where the map does not cover all of it. */
  offsetOf(phys: bigint, bytes: bigint): number | null {
    const run = this.runs.find((one) => phys >= one.phys && phys - one.phys < one.bytes);
    if (run === undefined || bytes > run.bytes - (phys - run.phys)) return null;
    return Number(run.offset + phys - run.phys);
  }
}
