import { edit, type HostileMutant } from '../build/mutant';

/**
 * Variants that show only against a neighbour that writes while the side works: they fetch a shared field twice in one
 * use, or trust one that they have not checked.
 */
export const receiveHostileMutants: readonly HostileMutant[] = [
  {
    id: 'hostile-rx-length-fetched-twice',
    what: 'checks the length of a received packet, and takes it from the descriptor again for the mbuf',
    attacks: 'receive',
    edits: [
      edit(
        'driver/loops/rxStraight.ts',
        'mbufReset(mbuf, port, pktLen);',
        'mbufReset(mbuf, port, loadDescPktLen(desc));',
      ),
    ],
  },
  {
    id: 'hostile-rx-flags-fetched-twice',
    what: 'looks into a descriptor twice for the tag of a received packet',
    attacks: 'receive',
    edits: [
      edit(
        'driver/loops/rxStraight.ts',
        'const tagged: bool = (flags & OL_RX_VLAN) !== 0;',
        'const tagged: bool = (loadDescOlFlags(desc) & OL_RX_VLAN) !== 0;',
      ),
    ],
  },
  {
    id: 'hostile-rx-slot-fetched-twice',
    what: 'gives back on free what the slot of rx holds by then',
    attacks: 'receive',
    edits: [edit('driver/loops/rxEntries.ts', 'store32(freeSlot, lo);', 'store32(freeSlot, load32(slot));')],
  },
  {
    id: 'hostile-rx-data-length-fetched-twice',
    what: 'checks that the data of a received buffer lie in the pool, and notes the length that the descriptor has by then',
    attacks: 'receive',
    edits: [
      edit(
        'driver/loops/rxEntries.ts',
        '    const data: u32 = (lo + toArena) >>> 0;\n',
        '    const data: u32 = (lo + toArena) >>> 0;\n    storeRxQueueEntryBytes(q, i, loadDescDataLen(desc));\n',
      ),
    ],
  },
  {
    id: 'hostile-rx-filter-on-host-memory',
    what: "filters by the destination address in the host's buffer, and copies the frame afterwards",
    attacks: 'receive',
    edits: [
      edit(
        'driver/loops/rxStraight.ts',
        'if (macFilter(port, mbufOwnData(mbuf))) {',
        'if (macFilter(port, loadRxQueueEntryData(q, i) & ~3)) {',
      ),
    ],
  },
  {
    id: 'hostile-fifo-index-fetched-twice',
    what: "checks the producer's index, and counts with the one that is there by then",
    attacks: 'receive',
    edits: [
      edit(
        'shared/loops/fifo.ts',
        '  if (write >= len) return FIFO_CORRUPT;\n  return ((write - loadFifoEndIndex(end)) & (len - 1)) >>> 0;',
        '  if (write >= len) return FIFO_CORRUPT;\n  return (loadAcquire32(loadFifoEndBase(end) + FIFO_WRITE) - loadFifoEndIndex(end)) >>> 0;',
      ),
    ],
  },
  {
    id: 'hostile-rx-data-end-not-checked',
    what: 'checks where the data of a received packet begin, and not where they end',
    attacks: 'receive',
    edits: [
      edit('driver/loops/rxEntries.ts', 'offset >= length || bytes > (length - offset) >>> 0)', 'offset >= length)'),
    ],
  },
  {
    id: 'hostile-rx-packet-length-trusted',
    what: 'makes as many mbufs as the packet length says, however long a packet may be',
    attacks: 'receive',
    edits: [
      edit('driver/loops/rx.ts', '  if (pktLen > loadPortMaxRxPktLen(port)) return RX_COUNTERS_DROPPED_LONG;\n', ''),
    ],
  },
  {
    id: 'hostile-rx-lengths-not-compared',
    what: 'delivers a packet whose segments do not add up to its length',
    attacks: 'receive',
    edits: [
      edit('driver/loops/rx.ts', 'return left === 0 ? NO_FAULT : RX_COUNTERS_DROPPED_LENGTH;', 'return NO_FAULT;'),
    ],
  },
  {
    id: 'hostile-desc-alignment-not-checked',
    what: 'takes any address in a pool for that of a descriptor',
    attacks: 'receive',
    edits: [
      edit(
        'driver/loops/translate.ts',
        '  return (desc & (DESC_ALIGN_BYTES - 1)) === 0 ? desc : 0;',
        '  return (desc & ~DESC_ALIGN_BYTES) === 0 ? 0 : desc;',
      ),
    ],
  },
  {
    id: 'hostile-rx-spares-lost',
    what: 'loses the mbufs that a burst took and did not need, if it delivers nothing',
    attacks: 'receive',
    edits: [
      edit(
        'driver/loops/rx.ts',
        '  mempoolGive(loadRxQueueMempool(q), (q + RX_QUEUE_SPARE) >>> 0, loadRxQueueSpareCount(q));\n',
        '  if (loadRxQueueDelivered(q) !== 0) mempoolGive(loadRxQueueMempool(q), (q + RX_QUEUE_SPARE) >>> 0, loadRxQueueSpareCount(q));\n',
      ),
    ],
  },
];

export const transmitHostileMutants: readonly HostileMutant[] = [
  {
    id: 'hostile-tx-slot-fetched-twice',
    what: 'checks an entry of alloc, and sends the one that the slot holds by then',
    attacks: 'transmit',
    edits: [
      edit('driver/loops/txBuffers.ts', 'storeTxQueueBufferLo(q, i, lo);', 'storeTxQueueBufferLo(q, i, load32(slot));'),
    ],
  },
  {
    id: 'hostile-tx-data-fetched-twice',
    what: 'checks where the data of an empty buffer lie, and writes where the descriptor points by then',
    attacks: 'transmit',
    edits: [
      edit(
        'driver/loops/txBuffers.ts',
        'append(q, listed, i, (ahead + i) >>> 0, (lo + toArena) >>> 0);',
        'append(q, listed, i, (ahead + i) >>> 0, (loadDescDataLo(desc) + toArena) >>> 0);',
      ),
    ],
  },
  {
    id: 'hostile-tx-data-not-checked',
    what: 'writes wherever the descriptor of an empty buffer points',
    attacks: 'transmit',
    edits: [
      edit(
        'driver/loops/txBuffers.ts',
        '    if (hi !== baseHi || (lo - baseLo) >>> 0 >= span) {\n      storeTxQueueDataLo(q, lo);',
        '    if (hi !== baseHi) {\n      storeTxQueueDataLo(q, lo);',
      ),
    ],
  },
  {
    id: 'hostile-tx-flags-kept',
    what: 'adds its flag to those that it finds in an empty descriptor',
    attacks: 'transmit',
    edits: [
      edit(
        'driver/loops/tx.ts',
        'storeDescOlFlags(head, tagged ? OL_TX_VLAN : 0);',
        'storeDescOlFlags(head, (loadDescOlFlags(head) | (tagged ? OL_TX_VLAN : 0)) >>> 0);',
      ),
      edit('driver/loops/tx.ts', '  MAX_BURST,\n', '  loadDescOlFlags,\n  MAX_BURST,\n'),
    ],
  },
  {
    id: 'hostile-tx-alloc-index-wraps',
    what: 'takes more entries off alloc than were examined, where the host moves its index during the burst',
    attacks: 'transmit',
    edits: [
      edit(
        'driver/loops/tx.ts',
        '  if (used > 0) fifoPublishRead(q + TX_QUEUE_ALLOC, used);\n',
        '  if (used > 0) fifoPublishRead(q + TX_QUEUE_ALLOC, fifoCount(q + TX_QUEUE_ALLOC));\n',
      ),
    ],
  },
];

export const controlHostileMutants: readonly HostileMutant[] = [
  {
    id: 'hostile-probe-description-fetched-twice',
    what: 'takes the digest of one copy of the device info, and reads its fields from another',
    attacks: 'control',
    edits: [edit('driver/host.ts', 'parseDeviceInfo(description.info)', 'parseDeviceInfo(copyDescription(pci).info)')],
  },
  {
    id: 'hostile-control-result-fetched-twice',
    what: 'looks at the result of a request once for success, and again for the error',
    attacks: 'control',
    edits: [
      edit(
        'driver/control.ts',
        '  if (result === 0) return;\n',
        '  if ((loadRequestResult(loadPortSync(port.address)) | 0) === 0) return;\n',
      ),
    ],
  },
];

export const hostHostileMutants: readonly HostileMutant[] = [
  {
    id: 'hostile-host-length-fetched-twice',
    what: 'the host checks the length of a segment, and copies as many bytes as the descriptor says by then',
    attacks: 'host',
    edits: [
      edit(
        'emulator/device/loops/fromGuest.ts',
        'copy(to, loadHostBufferData(buffer), part);',
        'copy(to, loadHostBufferData(buffer), loadDescDataLen(desc));',
      ),
    ],
  },
  {
    id: 'hostile-host-index-fetched-twice',
    what: "the host checks the guest's index on rx, and counts deliveries by the one that is there by then",
    attacks: 'host',
    edits: [
      edit(
        'emulator/device/loops/takeBack.ts',
        'const fresh: u32 = (visible - ((last - room) >>> 0)) >>> 0;',
        'const fresh: u32 = (visible - ((last - fifoFreeCount(queue + HOST_RX_QUEUE_RX)) >>> 0)) >>> 0;',
      ),
    ],
  },
  {
    id: 'hostile-host-request-fetched-twice',
    what: 'the host copies a request, and looks into the sync area again for what is asked',
    attacks: 'host',
    edits: [
      edit(
        'emulator/device/control/controlRequest.ts',
        'reqId: loadRequestReqId(request),',
        'reqId: loadRequestReqId(loadHostPortSync(port)),',
      ),
    ],
  },
  {
    id: 'hostile-host-chain-unmarked',
    what: 'the host does not mark the buffers of a chain that it has seen, and follows one that loops for ever',
    attacks: 'host',
    edits: [edit('emulator/device/loops/fromGuest.ts', '    storeHostBufferPlace(next, PLACE_TAKEN);\n', '')],
  },
  {
    id: 'hostile-host-foreign-queue',
    what: 'the host takes a buffer on one tx that it lent through the alloc of another queue',
    attacks: 'host',
    edits: [
      edit(
        'emulator/device/loops/lend.ts',
        '  if (!isLent(buffer, loadHostTxQueueQueue(queue))) return false;\n',
        '  if (!isLent(buffer, 0) && !isLent(buffer, 1)) return false;\n',
      ),
    ],
  },
  {
    id: 'hostile-host-rx-index-trusted',
    what: "the host takes the guest's index on rx for good if it lies in the ring",
    attacks: 'host',
    edits: [
      edit(
        'emulator/device/loops/takeBack.ts',
        'if (room === FIFO_CORRUPT || (last - room) >>> 0 > visible) {',
        'if (room === FIFO_CORRUPT) {',
      ),
    ],
  },
  {
    id: 'hostile-host-free-trusted',
    what: 'the host takes any of its buffers back that the guest names on free',
    attacks: 'host',
    edits: [
      edit('emulator/device/loops/takeBack.ts', 'if (first !== 0 && isOut(queue, first)) {', 'if (first !== 0) {'),
    ],
  },
];

/** Every variant that `avp hostile` must find. */
export const hostileMutants: readonly HostileMutant[] = [
  ...receiveHostileMutants,
  ...transmitHostileMutants,
  ...controlHostileMutants,
  ...hostHostileMutants,
];
