import { deviceInfo, mempoolInfo, desc } from '../../../shared/abi/structs';
import { hex } from '../../../shared/hex';
import { DESC_ALIGN_BYTES, MAX_POOLS } from '../../../shared/loops/layout';
import type { MemoryMap } from './memoryMap';
import type { Problems } from './problems';
import { StructView } from './structView';

/** A pool of the device info, with its offset in BAR 2. */
export interface Window {
  readonly pool: number;
  readonly addr: bigint;
  readonly phys: bigint;
  readonly length: bigint;
  /** Null where the map does not cover all of the pool. */
  readonly offset: number | null;
}

/** The packet-buffer pools of a device (section 4). */
export class Windows {
  readonly list: readonly Window[];

  constructor(
    info: StructView,
    map: MemoryMap | null,
    private readonly memory: Uint8Array | null,
    problems: Problems,
  ) {
    const entries = Array.from({ length: MAX_POOLS }, (_unused, pool) => ({
      pool,
      view: info.inner('pool', mempoolInfo, pool),
    }));
    const used = entries.filter(({ view }) => view.big('length') !== 0n);
    this.list = used.map(({ pool, view }) => {
      const [addr, phys, length] = [view.big('addr'), view.big('phys_addr'), view.big('length')];
      const offset = map?.offsetOf(phys, length) ?? null;
      if (offset === null)
        problems.add(
          `${deviceInfo.name}.pool[${pool}] at ${hex(phys)}, ${hex(length)} bytes: the memory map does not hold all of it`,
        );
      return { pool, addr, phys, length, offset };
    });
  }

  /** The descriptor at a host virtual address; null where there can be none. */
  descAt(va: bigint): { readonly pool: number; readonly view: StructView } | null {
    const window = this.list.find(({ addr, length }) => va >= addr && va - addr < length);
    if (window === undefined || window.offset === null || va % BigInt(DESC_ALIGN_BYTES) !== 0n) return null;
    if (BigInt(desc.bytes) > window.length - (va - window.addr)) return null;
    const view = StructView.of(desc, this.memory, window.offset + Number(va - window.addr));
    return view === null ? null : { pool: window.pool, view };
  }
}
