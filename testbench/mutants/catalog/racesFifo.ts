import { edit, type Race } from '../build/mutant';
import { LOADS_STAY_BEFORE_STORES, LOADS_STAY_IN_ORDER } from './raceReasons';

const FIFO = 'shared/loops/fifo.ts';

/** Rings of either side: what is published, in which order, and how it is looked at. */
export const fifoRaces: readonly Race[] = [
  {
    id: 'race-fifo-write-not-released',
    what: 'publishes the write index of a ring by a plain store',
    hunt: { check: 'fifo', memory: 'pso' },
    edits: [
      edit(
        FIFO,
        'storeRelease32(loadFifoEndBase(end) + FIFO_WRITE, index)',
        'store32(loadFifoEndBase(end) + FIFO_WRITE, index)',
      ),
    ],
  },
  {
    id: 'race-fifo-read-not-released',
    what: 'publishes the read index of a ring by a plain store',
    equivalent: `${LOADS_STAY_BEFORE_STORES}; what a consumer stores afterwards for others it publishes by release`,
    edits: [
      edit(
        FIFO,
        'storeRelease32(loadFifoEndBase(end) + FIFO_READ, index)',
        'store32(loadFifoEndBase(end) + FIFO_READ, index)',
      ),
    ],
  },
  {
    id: 'race-fifo-write-not-acquired',
    what: 'looks at the write index of a ring by a plain load',
    equivalent: LOADS_STAY_IN_ORDER,
    edits: [
      edit(FIFO, 'loadAcquire32(loadFifoEndBase(end) + FIFO_WRITE)', 'load32(loadFifoEndBase(end) + FIFO_WRITE)'),
    ],
  },
  {
    id: 'race-fifo-read-not-acquired',
    what: 'looks at the read index of a ring by a plain load',
    equivalent: LOADS_STAY_IN_ORDER,
    edits: [edit(FIFO, 'loadAcquire32(loadFifoEndBase(end) + FIFO_READ)', 'load32(loadFifoEndBase(end) + FIFO_READ)')],
  },
  {
    id: 'race-fifo-index-before-slot',
    what: 'publishes the write index of a ring before each slot that it fills',
    hunt: { check: 'fifo', memory: 'sc' },
    edits: [
      edit(
        FIFO,
        '  store32(slot, lo);\n',
        `  storeRelease32(
    loadFifoEndBase(end) + FIFO_WRITE,
    ((loadFifoEndIndex(end) + ahead + 1) & (loadFifoEndLen(end) - 1)) >>> 0,
  );
  store32(slot, lo);
`,
      ),
    ],
  },
  {
    id: 'race-fifo-index-between-halves',
    what: 'publishes the write index of a ring between the two halves of a slot',
    hunt: { check: 'fifo', memory: 'sc' },
    edits: [
      edit(
        FIFO,
        '  store32(slot + 4, hi);\n',
        `  storeRelease32(
    loadFifoEndBase(end) + FIFO_WRITE,
    ((loadFifoEndIndex(end) + ahead + 1) & (loadFifoEndLen(end) - 1)) >>> 0,
  );
  store32(slot + 4, hi);
`,
      ),
    ],
  },
  {
    id: 'race-fifo-slots-given-back-unread',
    what: 'gives the slots of a ring back as soon as it has counted the entries, before it reads them',
    hunt: { check: 'fifo', memory: 'sc', packets: 5 },
    edits: [
      edit(
        FIFO,
        '  if (write >= len) return FIFO_CORRUPT;\n',
        '  if (write >= len) return FIFO_CORRUPT;\n  storeRelease32(loadFifoEndBase(end) + FIFO_READ, write);\n',
      ),
    ],
  },
  {
    id: 'race-fifo-room-one-too-many',
    what: 'counts one free slot more than a ring has, so that a producer overtakes the consumer',
    hunt: { check: 'fifo', memory: 'sc', packets: 5 },
    edits: [
      edit(
        FIFO,
        'return ((read - loadFifoEndIndex(end) - 1) & (len - 1)) >>> 0;',
        'return (((read - loadFifoEndIndex(end) - 1) & (len - 1)) + 1) >>> 0;',
      ),
    ],
  },
];
