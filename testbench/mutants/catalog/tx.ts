import { edit, type Mutant } from '../build/mutant';

const SHORT = 'if (pktLen < MIN_PACKET_BYTES) return TX_COUNTERS_DROPPED_SHORT;';
const UNSOUND = 'if (!mbufIsSound(mbuf, loadMempoolEntryStride(entry))) return TX_COUNTERS_DROPPED_CHAIN;';
const TOO_MANY = 'if (needed > MAX_SEGMENTS) return TX_COUNTERS_DROPPED_TOO_MANY_BUFFERS;';
const DROP = 'if (fault !== NO_FAULT) {';

export const txMutants: readonly Mutant[] = [
  {
    id: 'tx-chain-unlinked',
    row: null,
    what: 'reports one descriptor too few for a chain',
    fails: ['tx/1', 'tx/20', 'hotplug/12'],
    edits: [
      edit(
        'driver/loops/tx.ts',
        'storeDescNbSegs(head, buffers);',
        'storeDescNbSegs(head, buffers > 1 ? ((buffers - 1) >>> 0) : 1);',
      ),
    ],
  },
  {
    id: 'tx-data-appended',
    row: 'T1',
    what: 'appends to the data_len that it found in the buffer',
    fails: ['tx/2'],
    edits: [
      edit(
        'driver/loops/tx.ts',
        'storeDescDataLen(desc, bytes);',
        'storeDescDataLen(desc, (loadDescDataLen(desc) + bytes) >>> 0);',
      ),
      edit('driver/loops/tx.ts', '  storeDescDataLen,\n', '  loadDescDataLen,\n  storeDescDataLen,\n'),
      edit(
        'driver/loops/txStraight.ts',
        'storeDescDataLen(desc, pktLen);',
        'storeDescDataLen(desc, (loadDescDataLen(desc) + pktLen) >>> 0);',
      ),
      edit('driver/loops/txStraight.ts', '  storeDescDataLen,\n', '  loadDescDataLen,\n  storeDescDataLen,\n'),
    ],
  },
  {
    id: 'tx-next-left-over',
    row: 'T2',
    what: 'leaves the next pointer that it found in the last buffer',
    fails: ['tx/2'],
    edits: [
      edit('driver/loops/txStraight.ts', '    storeDescNextLo(desc, 0);\n    storeDescNextHi(desc, 0);\n', ''),
      edit('driver/loops/tx.ts', 'storeDescNextLo(desc, last ?', 'if (!last) storeDescNextLo(desc, last ?'),
      edit('driver/loops/tx.ts', 'storeDescNextHi(desc, last ?', 'if (!last) storeDescNextHi(desc, last ?'),
    ],
  },
  {
    id: 'tx-flags-left-over',
    row: 'T2',
    what: 'adds to the flags that it found in the buffer, so that untagged packets leave with old tags',
    fails: ['tx/2', 'tx/22'],
    edits: [
      edit('driver/loops/txStraight.ts', '    storeDescOlFlags(desc, 0);\n', ''),
      edit(
        'driver/loops/tx.ts',
        'storeDescOlFlags(head, tagged ? OL_TX_VLAN : 0);',
        'if (tagged) storeDescOlFlags(head, OL_TX_VLAN);',
      ),
    ],
  },
  {
    id: 'tx-first-segment-only',
    row: 'T3',
    what: 'simple transmit reads the whole packet from its first mbuf',
    fails: ['tx/3', 'tx/16'],
    edits: [
      edit(
        'driver/loops/tx.ts',
        '(loadMbufDataLen(segment) - done) >>> 0',
        '(buffers === 1 ? bytes : ((loadMbufDataLen(segment) - done) >>> 0))',
      ),
    ],
  },
  {
    id: 'tx-cut-short',
    row: 'T4',
    what: 'simple transmit sends only the first buffer of a long packet',
    fails: ['tx/4', 'tx/17'],
    edits: [
      edit(
        'driver/loops/tx.ts',
        'const size: u32 = loadPortMbufSize(port);\n  return',
        'const size: u32 = loadPortMbufSize(port);\n  if (loadPortScattered(port) === 0) return 1;\n  return',
      ),
      edit(
        'driver/loops/tx.ts',
        'let left: u32 = loadMbufPktLen(packet);',
        'let left: u32 = loadPortScattered(port) === 0 && loadMbufPktLen(packet) > size ? size : loadMbufPktLen(packet);',
      ),
      edit('driver/loops/tx.ts', '  loadPortMbufSize,\n', '  loadPortMbufSize,\n  loadPortScattered,\n'),
    ],
  },
  {
    id: 'tx-excess-is-error',
    row: 'T5',
    what: 'counts packets that a burst does not take as errors',
    fails: ['tx/5', 'tx/18'],
    edits: [
      edit(
        'driver/loops/tx.ts',
        '  freeTaken(q, taken);\n  return taken;',
        '  freeTaken(q, taken);\n  count(q, TX_COUNTERS_DROPPED_LONG, (packets - taken) >>> 0);\n  return taken;',
      ),
    ],
  },
  {
    id: 'tx-detached-is-error',
    row: 'T5',
    what: 'counts packets that are offered while detached as errors',
    fails: ['tx/21'],
    edits: [
      edit(
        'driver/loops/tx.ts',
        'if (!enterBurst(port, (q + TX_QUEUE_BUSY) >>> 0)) return 0;',
        'if (!enterBurst(port, (q + TX_QUEUE_BUSY) >>> 0)) {\n    count(q, TX_COUNTERS_DROPPED_LONG, packets);\n    return 0;\n  }',
      ),
    ],
  },
  {
    id: 'tx-too-many-blocks',
    row: 'T8',
    what: 'never takes a packet that needs too many buffers, so that it blocks the queue',
    fails: ['tx/6', 'tx/19'],
    edits: [
      edit(
        'driver/loops/tx.ts',
        DROP,
        `if (fault === TX_COUNTERS_DROPPED_TOO_MANY_BUFFERS) return false;\n    ${DROP}`,
      ),
    ],
  },
  {
    id: 'tx-six-segments',
    row: 'T6',
    what: 'sends a packet of six segments, the last one beyond its table of five',
    fails: ['tx/6'],
    edits: [edit('driver/loops/tx.ts', TOO_MANY, '')],
  },
  {
    id: 'tx-padded',
    row: 'T7',
    what: 'pads short frames to 60 bytes in the buffer',
    fails: ['tx/7'],
    edits: [
      edit(
        'driver/loops/txStraight.ts',
        'storeDescPktLen(desc, pktLen);',
        'storeDescPktLen(desc, pktLen < 60 ? 60 : pktLen);',
      ),
      edit(
        'driver/loops/txStraight.ts',
        'storeDescDataLen(desc, pktLen);',
        'storeDescDataLen(desc, pktLen < 60 ? 60 : pktLen);',
      ),
      edit('driver/loops/tx.ts', 'storeDescPktLen(head, left);', 'storeDescPktLen(head, left < 60 ? 60 : left);'),
      edit(
        'driver/loops/tx.ts',
        'storeDescDataLen(desc, bytes);',
        'storeDescDataLen(desc, buffers === 1 && bytes < 60 ? 60 : bytes);',
      ),
    ],
  },
  {
    id: 'tx-empty-sent',
    row: 'T6',
    what: 'sends empty packets and packets without a complete header',
    fails: ['tx/8'],
    edits: [edit('driver/loops/tx.ts', SHORT, '')],
  },
  {
    id: 'tx-short-blocks',
    row: 'T8',
    what: 'never takes a packet that is too short, so that it blocks the queue',
    fails: ['tx/8'],
    edits: [edit('driver/loops/tx.ts', DROP, `if (fault === TX_COUNTERS_DROPPED_SHORT) return false;\n    ${DROP}`)],
  },
  {
    id: 'tx-chain-believed',
    row: null,
    what: 'accepts the packet length in the first mbuf without checking the chain',
    fails: ['tx/9'],
    edits: [edit('driver/loops/tx.ts', UNSOUND, '')],
  },
  {
    id: 'tx-buffers-lost',
    row: null,
    what: 'takes buffers off alloc for a packet that it then cannot send',
    fails: ['tx/10'],
    edits: [
      edit('driver/loops/tx.ts', 'if (enough || found === 0) storeTxQueueEntriesUsed', 'storeTxQueueEntriesUsed'),
    ],
  },
  {
    id: 'tx-one-fifo-for-all',
    row: null,
    what: 'all transmit queues share the first pair of FIFOs',
    fails: ['tx/11'],
    edits: [
      edit('driver/adopt.ts', 'base: loadPortTxBase(port, queue)', 'base: loadPortTxBase(port, 0)'),
      edit('driver/adopt.ts', 'base: loadPortAllocBase(port, queue)', 'base: loadPortAllocBase(port, 0)'),
    ],
  },
  {
    id: 'tx-shared-freed',
    row: null,
    what: 'frees mbufs that somebody else holds a reference to',
    fails: ['tx/24'],
    edits: [
      edit(
        'driver/loops/mempool.ts',
        '  if (loadMbufRefcnt(mbuf) !== 1) return add32(mbuf + MBUF_REFCNT, 0xffffffff) === 1;\n',
        '',
      ),
    ],
  },
  {
    id: 'tx-shared-changed',
    row: null,
    what: 'clears the flags of an mbuf that it has sent',
    fails: ['tx/24'],
    edits: [
      edit(
        'driver/loops/txStraight.ts',
        '    storeDescPktLen(desc, pktLen);\n',
        '    storeDescPktLen(desc, pktLen);\n    storeMbufOlFlags(mbuf, 0);\n',
      ),
      edit(
        'driver/loops/txStraight.ts',
        '  storeTxQueueBuffersUsed,\n',
        '  storeMbufOlFlags,\n  storeTxQueueBuffersUsed,\n',
      ),
      edit('driver/loops/tx.ts', '  loadMbufVlanTci,\n', '  loadMbufVlanTci,\n  storeMbufOlFlags,\n'),
      edit(
        'driver/loops/tx.ts',
        '  let segment: u32 = packet;\n',
        '  storeMbufOlFlags(packet, 0);\n  let segment: u32 = packet;\n',
      ),
    ],
  },
  {
    id: 'tx-indirect-own-room',
    row: null,
    what: 'reads the data of each mbuf from its own data room, indirect ones too',
    fails: ['tx/24'],
    edits: [
      edit(
        'driver/loops/mbuf.ts',
        'return (loadMbufDataRoom(mbuf) + loadMbufDataOff(mbuf)) >>> 0;',
        'return (mbuf + MBUF_BYTES + loadMbufDataOff(mbuf)) >>> 0;',
      ),
    ],
  },
  {
    id: 'tx-indirect-kept',
    row: null,
    what: 'frees an indirect mbuf and keeps its reference to the data',
    fails: ['tx/24'],
    edits: [
      edit(
        'driver/loops/mempool.ts',
        'if (!dropReference(buffer) || loadMbufPool(buffer) === 0) return given;',
        'if (buffer !== 0) return given;',
      ),
    ],
  },
];
