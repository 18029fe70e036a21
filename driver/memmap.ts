import { hex32, hex64 } from '../shared/hex';
import {
  BAR_MEMMAP,
  BAR_MEMORY,
  MAP_ALIGN_BYTES,
  MAX_MAPS,
  MEMMAP_BYTES,
  MEMMAP_INFO_MAGIC,
  MEMMAP_INFO_MAPS,
  MEMMAP_INFO_NB_MAPS,
  MEMMAP_INFO_VERSION,
  MEMMAP_LENGTH,
  MEMMAP_MAGIC,
  MEMMAP_PHYS_ADDR,
  MEMMAP_VERSION,
} from '../shared/loops/layout';
import type { PciFunction } from '../shared/pci';
import { needInteger, refusal } from './context';

/** Maps that are contiguous both physically and in the list (section 4). */
interface Run {
  readonly phys: bigint;
  readonly bytes: bigint;
  /** Offset of its start in BAR 2. */
  readonly offset: bigint;
}

/** A translated address. */
export interface Place {
  /** Arena address. */
  readonly address: number;
  /** Exported bytes from there on without a gap. */
  readonly bytes: number;
}

function checkHead(map: DataView, barBytes: number): number {
  const magic = map.getUint32(MEMMAP_INFO_MAGIC, true);
  if (magic !== MEMMAP_MAGIC) throw refusal('EINVAL', 'memmap_info.magic', hex32(magic), hex32(MEMMAP_MAGIC));
  const version = map.getUint32(MEMMAP_INFO_VERSION, true);
  if (version !== MEMMAP_VERSION) throw refusal('EINVAL', 'memmap_info.version', version, `${MEMMAP_VERSION}`);
  const maps = map.getUint32(MEMMAP_INFO_NB_MAPS, true);
  const fit = Math.floor((barBytes - MEMMAP_INFO_MAPS) / MEMMAP_BYTES);
  needInteger('memmap_info.nb_maps', maps, 1, Math.min(MAX_MAPS, fit));
  return maps;
}

function readRuns(map: DataView, maps: number, memoryBytes: number): Run[] {
  const runs: Run[] = [];
  let offset = 0n;
  for (let index = 0; index < maps; index++) {
    const at = MEMMAP_INFO_MAPS + index * MEMMAP_BYTES;
    const phys = map.getBigUint64(at + MEMMAP_PHYS_ADDR, true);
    const bytes = map.getBigUint64(at + MEMMAP_LENGTH, true);
    const field = `memmap_info.maps[${index}].length`;
    if (bytes === 0n || bytes % BigInt(MAP_ALIGN_BYTES) !== 0n)
      throw refusal('EINVAL', field, hex64(bytes), `a multiple of ${MAP_ALIGN_BYTES} above 0`);
    if (offset + bytes > BigInt(memoryBytes))
      throw refusal(
        'EINVAL',
        field,
        hex64(bytes),
        `at most ${hex64(BigInt(memoryBytes) - offset)}, what BAR 2 has left`,
      );
    const last = runs.at(-1);
    if (last !== undefined && last.phys + last.bytes === phys)
      runs[runs.length - 1] = { ...last, bytes: last.bytes + bytes };
    else runs.push({ phys, bytes, offset });
    offset += bytes;
  }
  return runs;
}

/** The memory map, checked. It translates host physical addresses to addresses in BAR 2. */
export class MemoryMap {
  private constructor(
    private readonly memory: number,
    private readonly runs: readonly Run[],
  ) {}

  /**
   * @param bytes a copy of BAR 4, as far as its entries go.
   * @throws ErrnoError EINVAL for a map that breaks a rule of section 4.
   */
  static parse(bytes: Uint8Array, pci: PciFunction): MemoryMap {
    const map = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const maps = checkHead(map, pci.barBytes(BAR_MEMMAP));
    return new MemoryMap(pci.barAddress(BAR_MEMORY), readRuns(map, maps, pci.barBytes(BAR_MEMORY)));
  }

  /**
   * Translates the address of an object of `bytes` bytes. The first map in the list that contains
   * the address counts.
   * @throws ErrnoError EFAULT, naming `field`, if no map contains the whole object.
   */
  place(field: string, phys: bigint, bytes: number): Place {
    const run = this.runs.find((one) => phys >= one.phys && phys - one.phys < one.bytes);
    if (run === undefined) throw refusal('EFAULT', field, hex64(phys), 'an address that the memory map holds');
    const into = phys - run.phys;
    if (BigInt(bytes) > run.bytes - into)
      throw refusal(
        'EFAULT',
        field,
        hex64(phys),
        `${bytes} bytes from there in the memory map, not ${run.bytes - into}`,
      );
    return { address: this.memory + Number(run.offset + into), bytes: Number(run.bytes - into) };
  }
}
