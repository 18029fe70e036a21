import { edit, type Mutant } from '../build/mutant';

export const statsMutants: readonly Mutant[] = [
  {
    id: 'stats-first-queue-only',
    row: null,
    what: 'counts the packets of every queue at the first queue',
    fails: ['stats/1'],
    edits: [
      edit(
        'driver/stats.ts',
        'const q = txQueueAt(port.address, queue);',
        'const q = txQueueAt(port.address, queue - queue);',
      ),
    ],
  },
  {
    id: 'stats-crc-counted',
    row: null,
    what: 'adds four bytes of CRC to each packet',
    fails: ['stats/1', 'stats/4'],
    edits: [
      edit('driver/loops/rxStraight.ts', 'total = (total + bytes) >>> 0;', 'total = (total + bytes + 4) >>> 0;'),
      edit(
        'driver/loops/rx.ts',
        '(loadRxQueueDeliveredBytes(q) + loadRxQueuePktLen(q)) >>> 0',
        '(loadRxQueueDeliveredBytes(q) + loadRxQueuePktLen(q) + 4) >>> 0',
      ),
    ],
  },
  {
    id: 'stats-reset-forgets-transmit',
    row: null,
    what: 'a statistics reset does not clear the transmit counters',
    fails: ['stats/2'],
    edits: [edit('driver/stats.ts', 'copy(tx + TX_QUEUE_BASELINE, tx + TX_QUEUE_COUNTERS, TX_COUNTERS_BYTES);', '')],
  },
  {
    id: 'stats-errors-mixed',
    row: 'R11',
    what: 'adds transmit errors to those of the receive queue',
    fails: ['stats/3'],
    edits: [
      edit(
        'driver/stats.ts',
        'ierrors: sum(rx.map((queue) => queue.errors)),',
        'ierrors: sum(rx.map((queue) => queue.errors)) + sum(tx.map((queue) => queue.errors)),',
      ),
    ],
  },
  {
    id: 'stats-burst-counted',
    row: 'R10',
    what: 'counts every entry of a burst as received, dropped packets included',
    fails: ['stats/4', 'mac/3'],
    edits: [
      edit(
        'driver/loops/rx.ts',
        'count(q, RX_COUNTERS_GOOD_PACKETS, delivered);',
        'count(q, RX_COUNTERS_GOOD_PACKETS, entries);',
      ),
    ],
  },
  {
    id: 'stats-drop-uncounted',
    row: 'R10',
    what: 'does not count a packet that it drops for lack of an mbuf',
    fails: ['stats/4', 'rx/10'],
    edits: [edit('driver/loops/rx.ts', '    count(q, RX_COUNTERS_NO_MBUF, 1);\n', '')],
  },
  {
    id: 'stats-set-up-starts-anew',
    row: null,
    what: 'sets the statistics to zero when a receive queue is set up',
    fails: ['stats/7'],
    edits: [
      edit(
        'driver/configure.ts',
        "import type { Mempool } from './mempoolView';",
        "import type { Mempool } from './mempoolView';\nimport { resetStats } from './stats';",
      ),
      edit(
        'driver/configure.ts',
        '  storeRxQueueMempool(q, pool.address);',
        '  storeRxQueueMempool(q, pool.address);\n  resetStats(port);',
      ),
    ],
  },
  {
    id: 'stats-ids-from-one',
    row: null,
    what: 'numbers extended statistics from 1 where it looks up a name',
    fails: ['stats/8'],
    edits: [edit('driver/stats.ts', '  return id;\n', '  return id + 1;\n')],
  },
  {
    id: 'stats-short-array-filled',
    row: null,
    what: 'says that an array which is too short for all extended statistics was long enough',
    fails: ['stats/8'],
    edits: [
      edit('driver/port.ts', 'return all.length;', 'return values.length < all.length ? values.length : all.length;'),
    ],
  },
];
