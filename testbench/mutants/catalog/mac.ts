import { edit, type Mutant } from '../build/mutant';

export const macMutants: readonly Mutant[] = [
  {
    id: 'mac-bytes-swapped',
    row: null,
    what: 'swaps the last two bytes of its MAC address',
    fails: ['mac/1'],
    edits: [edit('driver/probe.ts', 'view.getUint16(4, true)', 'view.getUint16(4, false)')],
  },
  {
    id: 'mac-multicast-filtered',
    row: null,
    what: 'accepts broadcast but no other multicast',
    fails: ['mac/2'],
    edits: [edit('driver/loops/rxStraight.ts', '(lo & 1) !== 0 || ', 'lo === 0xffffffff || ')],
  },
  {
    id: 'mac-broadcast-filtered',
    row: null,
    what: 'filters broadcast packets like those to another station',
    fails: ['mac/2'],
    edits: [edit('driver/loops/rxStraight.ts', '(lo & 1) !== 0 || ', '((lo & 1) !== 0 && lo !== 0xffffffff) || ')],
  },
  {
    id: 'mac-half-compared',
    row: null,
    what: 'compares only the first four bytes of an address',
    fails: ['mac/3'],
    edits: [edit('driver/loops/rxStraight.ts', ' && load16(frame + 4) === loadPortMacHi(port)', '')],
  },
  {
    id: 'mac-filtered-is-error',
    row: 'R10',
    what: 'counts filtered packets as errors',
    fails: ['mac/3'],
    edits: [
      edit('driver/loops/rx.ts', 'count(q, RX_COUNTERS_FILTERED_MAC, 1);', 'count(q, RX_COUNTERS_DROPPED_ADDRESS, 1);'),
      edit(
        'driver/loops/rxStraight.ts',
        'RX_QUEUE_COUNTERS + RX_COUNTERS_FILTERED_MAC, 1)',
        'RX_QUEUE_COUNTERS + RX_COUNTERS_DROPPED_ADDRESS, 1)',
      ),
      edit('driver/loops/rxStraight.ts', '  RX_COUNTERS_FILTERED_MAC,\n', '  RX_COUNTERS_DROPPED_ADDRESS,\n'),
    ],
  },
  {
    id: 'mac-promiscuous-for-ever',
    row: null,
    what: 'never leaves promiscuous mode',
    fails: ['mac/4'],
    edits: [edit('driver/port.ts', 'storePortPromiscuous(this.address, 0);', 'storePortPromiscuous(this.address, 1);')],
  },
  {
    id: 'mac-mode-lost-before-configure',
    row: null,
    what: 'ignores promiscuous mode for a port that is not configured yet',
    fails: ['mac/7'],
    edits: [
      edit(
        'driver/port.ts',
        'storePortPromiscuous(this.address, 1);',
        "if (this.state !== 'probed') storePortPromiscuous(this.address, 1);",
      ),
    ],
  },
  {
    id: 'mac-all-multicast-promiscuous',
    row: null,
    what: 'takes all-multicast mode for promiscuous mode',
    fails: ['mac/8'],
    edits: [
      edit(
        'driver/lacking.ts',
        "return notSupported('switch all-multicast mode: all multicast passes');",
        'storePortPromiscuous((this as unknown as { address: number }).address, _on ? 1 : 0);\n    return undefined as never;',
      ),
      edit(
        'driver/lacking.ts',
        "import { ErrnoError } from '../shared/errors';",
        "import { ErrnoError } from '../shared/errors';\nimport { storePortPromiscuous } from './loops/records';",
      ),
    ],
  },
];
