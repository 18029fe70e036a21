import { edit, type Mutant } from '../build/mutant';

const SHORT = 'if (pktLen < MIN_PACKET_BYTES) return RX_COUNTERS_DROPPED_SHORT;';
const EMPTY = 'if (bytes === 0) return RX_COUNTERS_DROPPED_EMPTY_SEGMENT;';
const TOO_MUCH = 'if (bytes > left) return RX_COUNTERS_DROPPED_LENGTH;';
const TOO_LITTLE = 'return left === 0 ? NO_FAULT : RX_COUNTERS_DROPPED_LENGTH;';

export const rxMutants: readonly Mutant[] = [
  {
    id: 'rx-crc-taken-off',
    row: null,
    what: 'subtracts a CRC that is in no buffer',
    fails: ['rx/1'],
    edits: [
      edit(
        'driver/loops/rxStraight.ts',
        'mbufReset(mbuf, port, pktLen);',
        'mbufReset(mbuf, port, (pktLen - 4) >>> 0);',
      ),
      edit(
        'driver/loops/rx.ts',
        'storeMbufPktLen(first, loadRxQueuePktLen(q));',
        'storeMbufPktLen(first, (loadRxQueuePktLen(q) - 4) >>> 0);',
      ),
    ],
  },
  {
    id: 'rx-packet-length-for-segment',
    row: 'F3',
    what: 'copies the remaining packet length from each segment, even if the segment is shorter',
    fails: ['rx/2'],
    edits: [
      edit(
        'driver/loops/rx.ts',
        'storeRxQueueSegBytes(q, i, bytes);',
        'storeRxQueueSegBytes(q, i, (left + bytes) >>> 0);',
      ),
    ],
  },
  {
    id: 'rx-no-mbuf-limit',
    row: 'R1',
    what: 'copies a packet into more than five mbufs',
    fails: ['rx/3'],
    edits: [edit('driver/loops/rx.ts', 'if (mbufs > MAX_SEGMENTS) {', 'if (false) {')],
  },
  {
    id: 'rx-length-believed',
    row: 'R12',
    what: 'takes as many mbufs as pkt_len asks for, whatever it says',
    fails: ['rx/25'],
    edits: [
      edit('driver/loops/rx.ts', '  if (pktLen > loadPortMaxRxPktLen(port)) return RX_COUNTERS_DROPPED_LONG;\n', ''),
      edit('driver/loops/rx.ts', 'return left === 0 ? NO_FAULT : RX_COUNTERS_DROPPED_LENGTH;', 'return NO_FAULT;'),
      edit('driver/loops/rx.ts', 'if (mbufs > MAX_SEGMENTS) {', 'if (false) {'),
    ],
  },
  {
    id: 'rx-four-mbufs',
    row: null,
    what: 'drops a packet that needs exactly five mbufs',
    fails: ['rx/3'],
    edits: [edit('driver/loops/rx.ts', 'if (mbufs > MAX_SEGMENTS) {', 'if (mbufs >= MAX_SEGMENTS) {')],
  },
  {
    id: 'rx-empty-packet',
    row: 'R2',
    what: 'accepts a pkt_len of 0 and uses an mbuf that it has not allocated',
    fails: ['rx/4'],
    edits: [
      edit('driver/loops/rx.ts', SHORT, ''),
      edit('driver/loops/rx.ts', EMPTY, ''),
      edit('driver/loops/rx.ts', TOO_MUCH, ''),
    ],
  },
  {
    id: 'rx-chain-too-short',
    row: 'R3',
    what: 'copies beyond the last segment if the data_len values add up to less than pkt_len',
    fails: ['rx/5'],
    edits: [edit('driver/loops/rx.ts', TOO_LITTLE, 'return NO_FAULT;')],
  },
  {
    id: 'rx-wrong-length-leaks',
    row: 'R3',
    what: 'leaks an mbuf that it allocated for a packet with contradictory lengths',
    fails: ['rx/24'],
    edits: [
      edit(
        'driver/loops/rx.ts',
        'const fault: u32 = inspect(port, q, entry);\n',
        'const fault: u32 = inspect(port, q, entry);\n' +
          '  if (fault === RX_COUNTERS_DROPPED_LENGTH && loadRxQueueSpareCount(q) > 0)\n' +
          '    storeRxQueueSpareCount(q, (loadRxQueueSpareCount(q) - 1) >>> 0);\n',
      ),
    ],
  },
  {
    id: 'rx-chain-too-long',
    row: 'R4',
    what: 'accepts a pkt_len that is less than the sum of the data_len values',
    fails: ['rx/6'],
    edits: [edit('driver/loops/rx.ts', TOO_MUCH, ''), edit('driver/loops/rx.ts', TOO_LITTLE, 'return NO_FAULT;')],
  },
  {
    id: 'rx-segment-count-believed',
    row: null,
    what: 'follows as many links as nb_segs says and does not check that the chain ends there',
    fails: ['rx/7'],
    edits: [edit('driver/loops/rx.ts', 'if (more === last) return RX_COUNTERS_DROPPED_CHAIN;', '')],
  },
  {
    id: 'rx-pool-end-unchecked',
    row: null,
    what: 'checks only the start of the data, not its end',
    fails: ['rx/8'],
    edits: [edit('driver/loops/translate.ts', ' && bytes <= (length - offset) >>> 0', '')],
  },
  {
    id: 'rx-pool-unchecked',
    row: null,
    what: 'accepts any address as one of the pool',
    fails: ['rx/8', 'rx/16'],
    edits: [
      edit(
        'driver/loops/translate.ts',
        'above === 0 && offset <= length && bytes <= (length - offset) >>> 0',
        'length > 0',
      ),
    ],
  },
  {
    id: 'rx-last-pool-serves-all',
    row: 'R7',
    what: 'uses the pool of the last queue for all queues',
    fails: ['rx/9'],
    edits: [
      edit(
        'driver/configure.ts',
        'storeRxQueueMempool(q, pool.address);\n  storeRxQueueMbufBytes(q, pool.mbufBytes);',
        'for (let one = 0; one <= queue; one++) {\n    storeRxQueueMempool(rxQueueAt(port.address, one), pool.address);\n    storeRxQueueMbufBytes(rxQueueAt(port.address, one), pool.mbufBytes);\n  }',
      ),
    ],
  },
  {
    id: 'rx-no-mbuf-is-error',
    row: null,
    what: 'counts a packet without an mbuf as an error',
    fails: ['rx/10'],
    edits: [
      edit(
        'driver/loops/rx.ts',
        'count(q, RX_COUNTERS_NO_MBUF, 1);',
        'count(q, RX_COUNTERS_DROPPED_TOO_MANY_MBUFS, 1);',
      ),
    ],
  },
  {
    id: 'rx-spares-leak',
    row: null,
    what: 'leaks the mbufs that a burst allocated and did not use',
    fails: ['rx/10', 'mac/3'],
    edits: [
      edit(
        'driver/loops/rx.ts',
        'mempoolGive(loadRxQueueMempool(q), (q + RX_QUEUE_SPARE) >>> 0, loadRxQueueSpareCount(q));',
        '',
      ),
    ],
  },
  {
    id: 'rx-limit-ignored',
    row: null,
    what: 'receives a full burst even if fewer packets were requested',
    fails: ['rx/11'],
    edits: [edit('driver/loops/rx.ts', 'limit < MAX_BURST ? limit : MAX_BURST', 'MAX_BURST')],
  },
  {
    id: 'rx-flags-left-over',
    row: null,
    what: 'leaves the former flags and tag in a reused mbuf',
    fails: ['rx/12'],
    edits: [edit('driver/loops/mbuf.ts', '  storeMbufOlFlags(mbuf, 0);\n  storeMbufVlanTci(mbuf, 0);\n', '')],
  },
  {
    id: 'rx-chain-in-simple-mode',
    row: null,
    what: 'passes a chain on in simple receive',
    fails: ['rx/13'],
    edits: [edit('driver/loops/rx.ts', ' || loadRxQueueSegCount(q) > 1)', ')')],
  },
  {
    id: 'rx-thirteen-bytes',
    row: null,
    what: 'accepts any packet of at least one byte',
    fails: ['rx/14'],
    edits: [edit('driver/loops/rx.ts', 'if (pktLen < MIN_PACKET_BYTES)', 'if (pktLen === 0)')],
  },
  {
    id: 'rx-fourteen-bytes-dropped',
    row: null,
    what: 'drops a packet of the minimum length',
    fails: ['rx/14', 'rx/1'],
    edits: [
      edit('driver/loops/rx.ts', 'if (pktLen < MIN_PACKET_BYTES)', 'if (pktLen <= MIN_PACKET_BYTES)'),
      edit('driver/loops/rxStraight.ts', 'pktLen >= MIN_PACKET_BYTES', 'pktLen > MIN_PACKET_BYTES'),
    ],
  },
  {
    id: 'rx-free-room-ignored',
    row: null,
    what: 'takes packets although free has no room for their buffers',
    fails: ['rx/15'],
    edits: [edit('driver/loops/rx.ts', 'return room < most ? room : most;', 'return most;')],
  },
  {
    id: 'rx-dropped-entry-kept',
    row: null,
    what: 'returns the buffers of dropped packets to free only if more packets follow',
    fails: ['rx/16'],
    edits: [
      edit(
        'driver/loops/rx.ts',
        'fifoPublishWrite(free, entries);',
        'fifoPublishWrite(free, loadRxQueueDelivered(q));',
      ),
    ],
  },
  {
    id: 'rx-any-mbuf-size',
    row: null,
    what: 'accepts a pool of mbufs of any size',
    fails: ['rx/26', 'info/10'],
    edits: [edit('driver/configure.ts', 'if (pool.mbufBytes < MIN_MBUF_SIZE) {', 'if (pool.mbufBytes < 0) {')],
  },
  {
    id: 'rx-least-mbuf-refused',
    row: null,
    what: 'refuses a pool whose mbufs have just the size that the information names',
    fails: ['rx/26', 'info/10'],
    edits: [
      edit('driver/configure.ts', 'if (pool.mbufBytes < MIN_MBUF_SIZE) {', 'if (pool.mbufBytes <= MIN_MBUF_SIZE) {'),
    ],
  },
  {
    id: 'rx-no-headroom',
    row: null,
    what: 'puts the data of a received packet at the very start of the data room',
    fails: ['rx/27'],
    edits: [edit('driver/loops/mbuf.ts', 'storeMbufDataOff(mbuf, HEADROOM_BYTES);', 'storeMbufDataOff(mbuf, 0);')],
  },
  {
    id: 'rx-checksum-claimed',
    row: null,
    what: 'marks each received packet as one whose checksum is good',
    fails: ['rx/27'],
    edits: [
      edit('driver/loops/mbuf.ts', 'storeMbufOlFlags(mbuf, 0);', 'storeMbufOlFlags(mbuf, 0x80);'),
      edit(
        'driver/loops/rxStraight.ts',
        '(MBUF_RX_VLAN | MBUF_RX_VLAN_STRIPPED) >>> 0',
        '(MBUF_RX_VLAN | MBUF_RX_VLAN_STRIPPED | 0x80) >>> 0',
      ),
    ],
  },
  {
    id: 'rx-mtu-limits-simple',
    row: null,
    what: 'drops frames above the MTU in simple mode and delivers them in scattered mode',
    fails: ['rx/28'],
    edits: [
      edit(
        'driver/loops/rxStraight.ts',
        '  loadPortMbufSize,\n',
        '  loadPortMbufSize,\n  loadPortMtu,\n  loadPortScattered,\n',
      ),
      edit(
        'driver/loops/rxStraight.ts',
        'pktLen <= most',
        'pktLen <= most && (loadPortScattered(port) !== 0 || pktLen <= loadPortMtu(port) + 18)',
      ),
      edit('driver/loops/rx.ts', '  loadPortMbufSize,\n', '  loadPortMbufSize,\n  loadPortMtu,\n'),
      edit(
        'driver/loops/rx.ts',
        'if (simple && (mbufs > 1 ||',
        'if (simple && (loadRxQueuePktLen(q) > loadPortMtu(port) + 18 || mbufs > 1 ||',
      ),
    ],
  },
  {
    id: 'rx-count-first-fifo',
    row: null,
    what: 'counts the packets on the first FIFO of a queue only',
    fails: ['rx/29'],
    edits: [edit('driver/loops/rxDepth.ts', 'fifo < loadRxQueueFifoCount(q); fifo++) {', 'fifo < 1; fifo++) {')],
  },
  {
    id: 'rx-scratch-shared-by-queues',
    row: null,
    what: 'keeps the segments of the packet in hand in one place for all queues',
    fails: ['rx/30', 'rx/31'],
    edits: [
      edit(
        'driver/loops/rxEntries.ts',
        '    at = findDataIn(port, window, q, at, entries);\n',
        '    at = findDataIn(port, window, q, at, entries);\n    for (let i: u32 = 0; i < at; i++)\n      storeRxQueueEntryData(port + PORT_RX_QUEUE, i, loadRxQueueEntryData(q, i));\n',
      ),
      edit(
        'driver/loops/rxEntries.ts',
        '  PORT_WINDOW,\n',
        '  loadRxQueueEntryData,\n  PORT_RX_QUEUE,\n  PORT_WINDOW,\n',
      ),
      edit(
        'driver/loops/rxStraight.ts',
        'loadRxQueueEntryData(q, i), bytes',
        'loadRxQueueEntryData(port + PORT_RX_QUEUE, i), bytes',
      ),
      edit('driver/loops/rxStraight.ts', '  loadRxQueueSpareCount,\n', '  loadRxQueueSpareCount,\n  PORT_RX_QUEUE,\n'),
      edit(
        'driver/loops/rx.ts',
        'storeRxQueueSegAddress(q, i, data);',
        'storeRxQueueSegAddress(rxQueueAt(port, 0), i, data);',
      ),
      edit(
        'driver/loops/rx.ts',
        'loadRxQueueSegAddress(q, segment)',
        'loadRxQueueSegAddress(rxQueueAt(port, 0), segment)',
      ),
    ],
  },
  {
    id: 'rx-reset-in-hand',
    row: null,
    what: 'clears the packet in hand of each queue with a reset of the statistics',
    fails: ['rx/31'],
    edits: [
      edit(
        'driver/stats.ts',
        '    copy(rx + RX_QUEUE_BASELINE, rx + RX_QUEUE_COUNTERS, RX_COUNTERS_BYTES);\n',
        '    copy(rx + RX_QUEUE_BASELINE, rx + RX_QUEUE_COUNTERS, RX_COUNTERS_BYTES);\n    fill(rx + RX_QUEUE_ENTRY_DESC, 0, 256);\n',
      ),
      edit('driver/stats.ts', '  RX_QUEUE_BASELINE,\n', '  RX_QUEUE_BASELINE,\n  RX_QUEUE_ENTRY_DESC,\n'),
      edit('driver/stats.ts', 'import { copy', 'import { fill, copy'),
    ],
  },
];
