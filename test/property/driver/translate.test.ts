import { expect } from 'chai';
import fc from 'fast-check';
import { copyMap } from '../../../driver/description';
import { MemoryMap } from '../../../driver/memmap';
import {
  POOL_WINDOW_BYTES,
  PORT_BYTES,
  PORT_WINDOW,
  storePoolWindowAddress,
  storePoolWindowLength,
  storePoolWindowVaHi,
  storePoolWindowVaLo,
  storePortWindowCount,
} from '../../../driver/loops/records';
import { translate, translateDesc } from '../../../driver/loops/translate';
import { allocate, resetArena } from '../../../shared/arena';
import * as abi from '../../../shared/loops/layout';
import { BOTH, DRIVER_ONLY } from '../../../shared/loops/rights';
import { PciFunction } from '../../../shared/pci';
import {
  PCI_FUNCTION_BYTES,
  storePciFunctionBarAddress,
  storePciFunctionBarBytes,
} from '../../../shared/loops/records';
import { high32, low32, store64 } from '../../../shared/u64';

const END = 1n << 64n;

interface PoolCase {
  readonly va: bigint;
  readonly length: number;
  readonly address: number;
}

/** Host virtual addresses, often near 0, a multiple of 2^32 or 2^64, where 32-bit arithmetic can overflow. */
const edgyVa = fc.oneof(
  fc.bigInt(0n, END - 1n),
  fc
    .tuple(fc.bigInt(0n, 0xffff_ffffn), fc.bigInt(-0x1_0000n, 0x1_0000n))
    .map(([hi, by]) => BigInt.asUintN(64, (hi << 32n) + by)),
);
const pool: fc.Arbitrary<PoolCase> = fc
  .record({
    va: edgyVa,
    length: fc.integer({ min: 1, max: 0x7000_0000 }),
    address: fc.integer({ min: 64, max: 0x0fff_0000 }),
  })
  .map((one) => ({ ...one, length: Number(BigInt(one.length) < END - one.va ? BigInt(one.length) : END - one.va) }));

function expected(pools: readonly PoolCase[], va: bigint, bytes: number): number {
  const holder = pools.find((one) => va >= one.va && va + BigInt(bytes) <= one.va + BigInt(one.length));
  return holder === undefined ? 0 : holder.address + Number(va - holder.va);
}

describe('driver: translation of packet buffers', () => {
  it('agrees with BigInt arithmetic', () => {
    resetArena();
    const port = allocate(PORT_BYTES, { rights: DRIVER_ONLY, label: 'port' });
    const probe = fc.record({
      which: fc.nat(7),
      by: fc.bigInt(-0x1_0000n, 0x1_0000n),
      fromEnd: fc.boolean(),
      bytes: fc.nat(0xffff),
      any: edgyVa,
    });
    fc.assert(
      fc.property(
        fc.array(pool, { maxLength: 8 }),
        fc.array(probe, { minLength: 5, maxLength: 20 }),
        (pools, probes) => {
          storePortWindowCount(port, pools.length);
          pools.forEach((one, index) => {
            const at = port + PORT_WINDOW + index * POOL_WINDOW_BYTES;
            storePoolWindowVaLo(at, low32(one.va));
            storePoolWindowVaHi(at, high32(one.va));
            storePoolWindowLength(at, one.length);
            storePoolWindowAddress(at, one.address);
          });
          for (const { which, by, fromEnd, bytes, any } of probes) {
            const near = pools[which % Math.max(1, pools.length)];
            const va =
              near === undefined ? any : BigInt.asUintN(64, near.va + (fromEnd ? BigInt(near.length) : 0n) + by);
            expect(translate(port, low32(va), high32(va), bytes)).to.equal(expected(pools, va, bytes));
            const desc = expected(pools, va, 64);
            expect(translateDesc(port, low32(va), high32(va))).to.equal(desc % 64 === 0 ? desc : 0);
          }
        },
      ),
    );
  });
});

interface MapCase {
  readonly pages: number;
  /** Pages between the end of the previous map and this one; 0 makes them one run. */
  readonly gap: number;
}

describe('driver: translation by the memory map', () => {
  it('adds up the lengths of the maps, and refuses an object that no single run holds', () => {
    const maps = fc.array(fc.record({ pages: fc.integer({ min: 1, max: 9 }), gap: fc.nat(2) }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(
        maps,
        fc.bigInt(0n, 1n << 52n),
        fc.array(fc.tuple(fc.nat(400 * 4_096), fc.integer({ min: 1, max: 60_000 }))),
        (list, base, probes) => {
          resetArena();
          const pci = allocate(PCI_FUNCTION_BYTES, { rights: BOTH, label: 'function' });
          const memory = allocate(4_096 * 400, { rights: BOTH, label: 'memory' });
          const table = allocate(abi.BAR_MEMMAP_BYTES, { rights: BOTH, label: 'map' });
          storePciFunctionBarAddress(pci, abi.BAR_MEMORY, memory);
          storePciFunctionBarBytes(pci, abi.BAR_MEMORY, 4_096 * 400);
          storePciFunctionBarAddress(pci, abi.BAR_MEMMAP, table);
          storePciFunctionBarBytes(pci, abi.BAR_MEMMAP, abi.BAR_MEMMAP_BYTES);
          const physOf = writeMaps(table, list, base);
          const map = MemoryMap.parse(copyMap(PciFunction.at(pci)), PciFunction.at(pci));
          for (const [at, bytes] of probes) expectPlace(map, memory, physOf, at, bytes);
        },
      ),
      { numRuns: 50 },
    );
  });
});

/** Writes the table. Returns the physical address of each page, in the order of BAR 2. */
function writeMaps(table: number, list: readonly MapCase[], base: bigint): bigint[] {
  abi.storeMemmapInfoMagic(table, abi.MEMMAP_MAGIC);
  abi.storeMemmapInfoVersion(table, abi.MEMMAP_VERSION);
  abi.storeMemmapInfoNbMaps(table, list.length);
  const pages: bigint[] = [];
  let phys = base;
  list.forEach(({ pages: count, gap }, index) => {
    phys += BigInt(gap) * 4_096n;
    const at = table + abi.MEMMAP_INFO_MAPS + index * abi.MEMMAP_BYTES;
    store64(at + abi.MEMMAP_PHYS_ADDR, phys);
    store64(at + abi.MEMMAP_LENGTH, BigInt(count) * 4_096n);
    for (let page = 0; page < count; page++, phys += 4_096n) pages.push(phys);
  });
  return pages;
}

function expectPlace(map: MemoryMap, memory: number, pages: readonly bigint[], at: number, bytes: number): void {
  const first = Math.floor(at / 4_096) % pages.length;
  const phys = pages[first]! + BigInt(at % 4_096);
  const last = first + Math.floor(((at % 4_096) + bytes - 1) / 4_096);
  let whole = last < pages.length;
  for (let page = first; page < Math.min(last, pages.length - 1); page++)
    whole &&= pages[page + 1] === pages[page]! + 4_096n;
  const place = (): number => map.place('object', phys, bytes).address;
  if (whole) expect(place()).to.equal(memory + first * 4_096 + (at % 4_096));
  else expect(place).to.throw(/object is 0x/);
}
