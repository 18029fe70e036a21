import { edit, type Mutant } from '../build/mutant';

const NO_MAP =
  "if (run === undefined) throw refusal('EFAULT', field, hex64(phys), 'an address that the memory map holds');";

export const memoryMutants: readonly Mutant[] = [
  {
    id: 'memory-null-used',
    row: 'C1',
    what: 'uses a null pointer for an address that no map contains',
    fails: ['memory/1'],
    edits: [edit('driver/memmap.ts', NO_MAP, 'if (run === undefined) return { address: 0, bytes: 0 };')],
  },
  {
    id: 'memory-end-unchecked',
    row: null,
    what: 'translates the first byte of an object and does not check the rest',
    fails: ['memory/2'],
    edits: [edit('driver/memmap.ts', 'if (BigInt(bytes) > run.bytes - into)', 'if (bytes < 0)')],
  },
  {
    id: 'memory-map-count-unchecked',
    row: 'C2',
    what: 'reads as many maps as the host claims, even empty ones',
    fails: ['memory/3'],
    edits: [
      edit('driver/memmap.ts', 'Math.min(MAX_MAPS, fit)', 'Math.max(0xffff_ffff, fit)'),
      edit('driver/memmap.ts', 'bytes === 0n || bytes %', 'bytes %'),
    ],
  },
  {
    id: 'memory-last-map-refused',
    row: null,
    what: 'supports one map less than the maximum',
    fails: ['memory/3'],
    edits: [edit('driver/memmap.ts', 'Math.min(MAX_MAPS, fit)', 'Math.min(MAX_MAPS - 1, fit)')],
  },
  {
    id: 'memory-magic-unchecked',
    row: 'C2',
    what: 'accepts any content of BAR 4 as a memory map',
    fails: ['memory/4'],
    edits: [edit('driver/memmap.ts', 'if (magic !== MEMMAP_MAGIC)', 'if (magic < 0)')],
  },
  {
    id: 'memory-version-unchecked',
    row: null,
    what: 'accepts a memory map of any version',
    fails: ['memory/4'],
    edits: [edit('driver/memmap.ts', 'if (version !== MEMMAP_VERSION)', 'if (version < 0)')],
  },
  {
    id: 'memory-no-borrow',
    row: null,
    what: 'subtracts the halves of an address without a borrow, which fails in a pool that crosses 4 GiB',
    fails: ['memory/5'],
    edits: [edit('driver/loops/translate.ts', 'lo < baseLo ? 1 : 0', '0')],
  },
  {
    id: 'memory-first-pool-only',
    row: 'F2',
    what: 'translates with the offset of the first pool, even for addresses in another pool',
    fails: ['memory/6'],
    edits: [
      edit(
        'driver/adopt.ts',
        'adoptWindow(port, index, window)',
        'adoptWindow(port, index, { ...window, address: host.windows[0]!.address })',
      ),
    ],
  },
];
