import { edit, type Mutant } from '../build/mutant';

export const statsMutants: readonly Mutant[] = [
  {
    id: 'stats-first-queue-only',
    row: null,
    what: "counts every queue's packets at the first queue",
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
    what: 'counts four bytes of CRC with each packet',
    fails: ['stats/1', 'stats/4'],
    edits: [
      edit(
        'driver/loops/rx.ts',
        'bytes = (bytes + loadRxQueuePktLen(q)) >>> 0;',
        'bytes = (bytes + loadRxQueuePktLen(q) + 4) >>> 0;',
      ),
    ],
  },
  {
    id: 'stats-reset-forgets-transmit',
    row: null,
    what: 'a reset leaves the transmit counters',
    fails: ['stats/2'],
    edits: [edit('driver/stats.ts', 'copy(tx + TX_QUEUE_BASELINE, tx + TX_QUEUE_COUNTERS, TX_COUNTERS_BYTES);', '')],
  },
  {
    id: 'stats-errors-mixed',
    row: 'R11',
    what: "adds transmit errors to the receive queue's",
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
    what: 'counts every entry of a burst as received, dropped ones too',
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
    what: 'drops a packet for which there is no mbuf without counting it',
    fails: ['stats/4', 'rx/10'],
    edits: [edit('driver/loops/rx.ts', '    count(q, RX_COUNTERS_NO_MBUF, 1);\n', '')],
  },
];
