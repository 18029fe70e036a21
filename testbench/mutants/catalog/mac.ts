import { edit, type Mutant } from '../build/mutant';

export const macMutants: readonly Mutant[] = [
  {
    id: 'mac-bytes-swapped',
    row: null,
    what: 'takes the last two bytes of the address the wrong way round',
    fails: ['mac/1'],
    edits: [edit('driver/probe.ts', 'view.getUint16(4, true)', 'view.getUint16(4, false)')],
  },
  {
    id: 'mac-multicast-filtered',
    row: null,
    what: 'lets broadcast through and no multicast',
    fails: ['mac/2'],
    edits: [edit('driver/loops/rx.ts', '(lo & 1) !== 0 || ', 'lo === 0xffffffff || ')],
  },
  {
    id: 'mac-broadcast-filtered',
    row: null,
    what: 'takes the broadcast address for that of another station',
    fails: ['mac/2'],
    edits: [edit('driver/loops/rx.ts', '(lo & 1) !== 0 || ', '((lo & 1) !== 0 && lo !== 0xffffffff) || ')],
  },
  {
    id: 'mac-half-compared',
    row: null,
    what: 'compares the first four bytes of an address alone',
    fails: ['mac/3'],
    edits: [edit('driver/loops/rx.ts', ' && load16(frame + 4) === loadPortMacHi(port)', '')],
  },
  {
    id: 'mac-filtered-is-error',
    row: 'R10',
    what: 'counts filtered packets as errors',
    fails: ['mac/3'],
    edits: [
      edit('driver/loops/rx.ts', 'count(q, RX_COUNTERS_FILTERED_MAC, 1);', 'count(q, RX_COUNTERS_DROPPED_ADDRESS, 1);'),
    ],
  },
  {
    id: 'mac-promiscuous-for-ever',
    row: null,
    what: 'never leaves promiscuous mode',
    fails: ['mac/4'],
    edits: [edit('driver/port.ts', 'storePortPromiscuous(this.address, 0);', 'storePortPromiscuous(this.address, 1);')],
  },
];
