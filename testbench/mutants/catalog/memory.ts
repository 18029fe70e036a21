import { edit, type Mutant } from '../build/mutant';

const NO_MAP =
  "if (run === undefined) throw refusal('EFAULT', field, hex64(phys), 'an address that the memory map holds');";

export const memoryMutants: readonly Mutant[] = [
  {
    id: 'memory-null-used',
    row: 'C1',
    what: 'uses a null pointer where no map holds an address',
    fails: ['memory/1'],
    edits: [edit('driver/memmap.ts', NO_MAP, 'if (run === undefined) return { address: 0, bytes: 0 };')],
  },
  {
    id: 'memory-end-unchecked',
    row: null,
    what: 'translates the first byte of an object and trusts in the rest',
    fails: ['memory/2'],
    edits: [edit('driver/memmap.ts', 'if (BigInt(bytes) > run.bytes - into)', 'if (bytes < 0)')],
  },
  {
    id: 'memory-map-count-unchecked',
    row: 'C2',
    what: 'reads as many maps as the host says, empty ones too',
    fails: ['memory/3'],
    edits: [
      edit('driver/memmap.ts', 'Math.min(MAX_MAPS, fit)', 'Math.max(0xffff_ffff, fit)'),
      edit('driver/memmap.ts', 'bytes === 0n || bytes %', 'bytes %'),
    ],
  },
  {
    id: 'memory-last-map-refused',
    row: null,
    what: 'allows one map less than there may be',
    fails: ['memory/3'],
    edits: [edit('driver/memmap.ts', 'Math.min(MAX_MAPS, fit)', 'Math.min(MAX_MAPS - 1, fit)')],
  },
  {
    id: 'memory-magic-unchecked',
    row: 'C2',
    what: 'takes whatever lies in BAR 4 for a memory map',
    fails: ['memory/4'],
    edits: [edit('driver/memmap.ts', 'if (magic !== MEMMAP_MAGIC)', 'if (magic < 0)')],
  },
  {
    id: 'memory-version-unchecked',
    row: null,
    what: 'takes a memory map of any version',
    fails: ['memory/4'],
    edits: [edit('driver/memmap.ts', 'if (version !== MEMMAP_VERSION)', 'if (version < 0)')],
  },
  {
    id: 'memory-no-borrow',
    row: null,
    what: 'subtracts the halves of an address without a borrow, wrong in a pool across 4 GiB',
    fails: ['memory/5'],
    edits: [edit('driver/loops/translate.ts', 'lo < baseLo ? 1 : 0', '0')],
  },
  {
    id: 'memory-first-pool-only',
    row: 'F2',
    what: 'translates with the offset of the first pool whichever pool an address lies in',
    fails: ['memory/6'],
    edits: [
      edit(
        'driver/loops/translate.ts',
        '(loadPoolWindowAddress(window) + offset)',
        '(loadPoolWindowAddress(port + PORT_WINDOW) + offset)',
      ),
    ],
  },
];
