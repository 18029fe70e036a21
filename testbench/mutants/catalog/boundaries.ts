import { edit, type Mutant } from '../build/mutant';

/** Variants that err at a limit: of memory, FIFOs, packets, tags or counters. */
export const boundaryMutants: readonly Mutant[] = [
  {
    id: 'memory-maps-never-joined',
    row: null,
    what: 'translates within one map only, even if the next map continues it',
    fails: ['memory/7'],
    edits: [edit('driver/memmap.ts', 'last.phys + last.bytes === phys', 'last.phys === phys')],
  },
  {
    id: 'memory-head-of-fifo-only',
    row: 'C1',
    what: 'translates only the header of a FIFO and assumes that the slots follow it',
    fails: ['memory/8'],
    edits: [edit('driver/host.ts', '  map.place(`${field} (${name} of ${len} slots)`, phys, fifoBytes(len));\n', '')],
  },
  {
    id: 'memory-null-pool',
    row: 'C1',
    what: 'uses a null pointer for the packet buffers if no map contains them',
    fails: ['memory/9'],
    edits: [
      edit(
        'driver/host.ts',
        "const base = map.place('device_info.mbuf_phys', info.mbufPhys, DESC_ALIGN_BYTES);",
        "let base = { address: 0, bytes: 4096 };\n  try {\n    base = map.place('device_info.mbuf_phys', info.mbufPhys, DESC_ALIGN_BYTES);\n  } catch {}",
      ),
    ],
  },
  {
    id: 'memory-pair-ignored',
    row: null,
    what: 'translates with the pool table only, even if it is empty',
    fails: ['memory/10'],
    edits: [edit('driver/host.ts', 'if (info.pools.length === 0) {', 'if (info.pools.length < 0) {')],
  },
  {
    id: 'memory-thousand-maps',
    row: null,
    what: 'supports only 1,024 maps',
    fails: ['memory/11'],
    edits: [edit('driver/memmap.ts', 'index < maps; index++', 'index < maps && index < 1_024; index++')],
  },
  {
    id: 'memory-bar-end-unchecked',
    row: null,
    what: 'accepts map lengths that exceed BAR 2',
    fails: ['memory/12'],
    edits: [edit('driver/memmap.ts', 'if (offset + bytes > BigInt(memoryBytes))', 'if (offset < 0n)')],
  },
  {
    id: 'info-refusal-without-value',
    row: null,
    what: 'refuses a device without saying what it found',
    fails: ['info/6'],
    edits: [edit('driver/context.ts', '${value}', 'wrong')],
  },
  {
    id: 'info-group-mac-taken',
    row: null,
    what: 'accepts a multicast address as its own',
    fails: ['info/7'],
    edits: [edit('driver/deviceInfo.ts', 'isGroupMac(mac) || ', '')],
  },
  {
    id: 'info-buffer-size-unlimited',
    row: 'C13',
    what: 'accepts any host buffer size, even 0, and divides by it for each packet',
    fails: ['info/8', 'info/9'],
    edits: [
      edit(
        'driver/deviceInfo.ts',
        "  needInteger('device_info.mbuf_size', info.number('mbuf_size'), MIN_MBUF_SIZE, MAX_MBUF_SIZE);\n",
        '',
      ),
      // A machine's integer division traps, JavaScript's does not.
      edit(
        'driver/loops/txStraight.ts',
        '  const entry: u32 = loadTxQueuePoolEntry(q);\n',
        "  if (loadPortMbufSize(port) === 0) throw new RangeError('division by zero');\n  const entry: u32 = loadTxQueuePoolEntry(q);\n",
      ),
    ],
  },
  {
    id: 'fifo-guest-initialises',
    row: null,
    what: 'resets its own index of each FIFO to 0 on configure',
    fails: ['fifo/9'],
    edits: [
      edit(
        'driver/adopt.ts',
        "import { fill, readBytes, writeBytes } from '#mem';",
        "import { fill, readBytes, store32, writeBytes } from '#mem';",
      ),
      edit(
        'driver/adopt.ts',
        'ends.forEach(({ end, base, len }, i) => fifoOpen(end, base, len, indices[i]!));',
        'ends.forEach(({ end, base, len, own }) => (store32(base + own, 0), fifoOpen(end, base, len, 0)));',
      ),
    ],
  },
  {
    id: 'fifo-slot-by-slot',
    row: null,
    what: 'publishes the read index of alloc after each entry instead of once per burst',
    fails: ['fifo/10'],
    edits: [
      edit(
        'driver/loops/tx.ts',
        'if (used > 0) fifoPublishRead(q + TX_QUEUE_ALLOC, used);',
        'for (let i: u32 = 0; i < used; i++) fifoPublishRead(q + TX_QUEUE_ALLOC, 1);',
      ),
    ],
  },
  {
    id: 'fifo-header-unchecked',
    row: null,
    what: 'checks neither alignment, element size nor indices of a FIFO',
    fails: ['fifo/11'],
    edits: [
      edit('driver/host.ts', 'if (base % FIFO_ALIGN_BYTES !== 0)', 'if (base < 0)'),
      edit('driver/host.ts', 'if (elemSize !== FIFO_ELEM_BYTES)', 'if (elemSize < 0)'),
      edit(
        'driver/host.ts',
        "needInteger(`${name}: ${which === FIFO_WRITE ? 'write' : 'read'}`, index, 0, len - 1);",
        '',
      ),
    ],
  },
  {
    id: 'fifo-length-of-partner',
    row: null,
    what: 'assumes that free has as many slots as rx',
    fails: ['fifo/12'],
    edits: [
      edit(
        'driver/adopt.ts',
        'storePortFreeLen(port, i, len)',
        'storePortFreeLen(port, i, host.rx[i]!.len + len - len)',
      ),
    ],
  },
  {
    id: 'rx-six-segments',
    row: null,
    what: 'follows a chain of six segments',
    fails: ['rx/17'],
    edits: [
      edit('driver/loops/rxChains.ts', 'const MOST_MORE: u32 = 4;', 'const MOST_MORE: u32 = 5;'),
      edit('driver/loops/rxChains.ts', 'segments > MAX_SEGMENTS ||', 'segments > MAX_SEGMENTS + 1 ||'),
      edit('driver/loops/rx.ts', 'segments > MAX_SEGMENTS)', 'segments > MAX_SEGMENTS + 1)'),
    ],
  },
  {
    id: 'rx-longer-than-said',
    row: null,
    what: 'accepts packets longer than max_rx_pkt_len',
    fails: ['rx/18'],
    edits: [edit('driver/loops/rx.ts', 'if (pktLen > loadPortMaxRxPktLen(port)) return RX_COUNTERS_DROPPED_LONG;', '')],
  },
  {
    id: 'rx-host-limit-ignored',
    row: null,
    what: 'the host delivers packets longer than its own limit',
    fails: ['rx/19'],
    edits: [edit('emulator/device/loops/toGuest.ts', 'if (length > loadHostPortMaxRxPktLen(port))', 'if (false)')],
  },
  {
    id: 'rx-longest-dropped',
    row: null,
    what: 'drops a packet of exactly max_rx_pkt_len bytes',
    fails: ['rx/19'],
    edits: [
      edit('driver/loops/rx.ts', 'pktLen > loadPortMaxRxPktLen(port)', 'pktLen >= loadPortMaxRxPktLen(port)'),
      edit(
        'driver/loops/rxStraight.ts',
        'lesser(loadPortMaxRxPktLen(port), ',
        'lesser((loadPortMaxRxPktLen(port) - 1) >>> 0, ',
      ),
    ],
  },
  {
    id: 'rx-half-a-burst',
    row: null,
    what: 'receives at most 32 packets in a burst',
    fails: ['rx/20'],
    edits: [edit('driver/loops/rx.ts', 'limit < MAX_BURST ? limit : MAX_BURST', 'limit < 32 ? limit : 32')],
  },
  {
    id: 'rx-last-queue-decides',
    row: 'R7',
    what: 'chooses scattered receive by the mbuf size of the last queue only',
    fails: ['rx/21'],
    edits: [
      edit(
        'driver/negotiate.ts',
        'smallest = Math.min(smallest, loadRxQueueMbufBytes(q))',
        'smallest = loadRxQueueMbufBytes(q)',
      ),
    ],
  },
  {
    id: 'rx-scattered-too-late',
    row: null,
    what: 'stays in simple receive if the longest packet exceeds an mbuf by one byte',
    fails: ['rx/22'],
    edits: [edit('driver/negotiate.ts', 'longest > buffer ? 1 : 0', 'longest > buffer + 1 ? 1 : 0')],
  },
  {
    id: 'rx-burst-backwards',
    row: null,
    what: 'returns the packets of a burst in reverse order',
    fails: ['rx/23'],
    edits: [
      edit(
        'driver/loops/rxEntries.ts',
        'slotAt(rxBase, rxLen, (rxIndex + i) >>> 0)',
        'slotAt(rxBase, rxLen, (rxIndex + entries - 1 - i) >>> 0)',
      ),
    ],
  },
  {
    id: 'tx-half-a-burst',
    row: null,
    what: 'sends at most 32 packets in a burst',
    fails: ['tx/12'],
    edits: [edit('driver/loops/tx.ts', 'packets < MAX_BURST ? packets : MAX_BURST', 'packets < 32 ? packets : 32')],
  },
  {
    id: 'tx-alloc-believed',
    row: null,
    what: 'uses an alloc entry that is in no pool',
    fails: ['tx/13'],
    edits: [edit('driver/loops/txBuffers.ts', 'if (desc === 0) continue;', '')],
  },
  {
    id: 'tx-length-cut',
    row: 'T6',
    what: 'truncates a packet length above 65,535 to 16 bits',
    fails: ['tx/14'],
    edits: [edit('driver/loops/tx.ts', 'if (pktLen > MAX_PACKET_BYTES) return TX_COUNTERS_DROPPED_LONG;', '')],
  },
  {
    id: 'tx-stopped-port-sends',
    row: null,
    what: 'sends on a stopped port',
    fails: ['tx/15'],
    edits: [edit('driver/loops/tx.ts', 'if (!enterBurst(port, (q + TX_QUEUE_BUSY) >>> 0)) return 0;', '')],
  },
  {
    id: 'vlan-priority-lost',
    row: null,
    what: 'keeps only the 12-bit VLAN id of a received tag and loses its priority',
    fails: ['vlan/7', 'vlan/12'],
    edits: [
      edit('driver/loops/rxStraight.ts', 'storeMbufVlanTci(mbuf, tci);', 'storeMbufVlanTci(mbuf, tci & 0x0fff);'),
    ],
  },
  {
    id: 'vlan-zero-is-none',
    row: null,
    what: 'treats a tag of 0 as no tag',
    fails: ['vlan/7', 'vlan/12'],
    edits: [
      edit(
        'driver/loops/rxStraight.ts',
        'const tagged: bool = (flags & OL_RX_VLAN) !== 0;',
        'const tagged: bool = tci !== 0 && (flags & OL_RX_VLAN) !== 0;',
      ),
      edit(
        'driver/loops/rx.ts',
        'if ((loadRxQueueOlFlags(q) & OL_RX_VLAN) !== 0)',
        'if (loadRxQueueVlanTci(q) !== 0 && (loadRxQueueOlFlags(q) & OL_RX_VLAN) !== 0)',
      ),
    ],
  },
  {
    id: 'vlan-flag-believed',
    row: null,
    what: 'passes on a tag although VLAN offload was not negotiated',
    fails: ['vlan/8'],
    edits: [edit('driver/loops/rxStraight.ts', 'if (loadPortRxVlan(port) === 0) {', 'if (false) {')],
  },
  {
    id: 'vlan-tag-lost',
    row: 'C7',
    what: 'sends a packet without the tag that the application requested',
    fails: ['vlan/9'],
    edits: [
      edit(
        'driver/loops/tx.ts',
        'if (tagged && (loadPortFeatures(port) & FEATURE_VLAN_OFFLOAD) === 0) return TX_COUNTERS_DROPPED_VLAN_OFF;',
        '',
      ),
    ],
  },
  {
    id: 'vlan-old-flag-kept',
    row: 'T2',
    what: 'sets the tag flag of an mbuf and never clears it',
    fails: ['vlan/10'],
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
    id: 'vlan-change-half-undone',
    row: null,
    what: 'keeps the new features although the host refused them',
    fails: ['vlan/11'],
    edits: [
      edit(
        'driver/negotiate.ts',
        '      storePortFeatures(port.address, formerFeatures);\n',
        '      storePortFeatures(port.address, features);\n',
      ),
    ],
  },
  {
    id: 'vlan-change-noted-too-early',
    row: null,
    what: 'stores a change of offload before the host has accepted it',
    fails: ['vlan/11'],
    edits: [
      edit(
        'driver/configure.ts',
        '  renegotiate(port, strip, insert);\n',
        '  storePortVlanStrip(port.address, strip ? 1 : 0);\n  storePortVlanInsert(port.address, insert ? 1 : 0);\n  renegotiate(port, strip, insert);\n',
      ),
    ],
  },
  {
    id: 'mac-two-groups-only',
    row: null,
    what: 'recognises only broadcast and IPv4 multicast addresses as multicast',
    fails: ['mac/5'],
    edits: [edit('driver/loops/rxStraight.ts', '(lo & 1) !== 0 ||', '(lo & 0xff) === 1 || (lo & 0xff) === 0xff ||')],
  },
  {
    id: 'mac-filtered-chain-leaks',
    row: null,
    what: 'frees only the first mbuf of a filtered packet',
    fails: ['mac/6'],
    edits: [
      edit(
        'driver/loops/rx.ts',
        '    count(q, RX_COUNTERS_FILTERED_MAC, 1);\n',
        '    count(q, RX_COUNTERS_FILTERED_MAC, 1);\n    storeRxQueueSpareCount(q, (loadRxQueueSpareCount(q) - mbufs + 1) >>> 0);\n',
      ),
    ],
  },
  {
    id: 'stats-first-mbuf-only',
    row: null,
    what: "counts only the bytes of a packet's first mbuf",
    fails: ['stats/5'],
    edits: [
      edit(
        'driver/loops/tx.ts',
        '(loadTxQueueSentBytes(q) + pktLen) >>> 0',
        '(loadTxQueueSentBytes(q) + loadMbufDataLen(mbuf)) >>> 0',
      ),
    ],
  },
  {
    id: 'stats-reset-forgets-receive',
    row: null,
    what: "a statistics reset does not clear the receive queues' counters",
    fails: ['stats/6'],
    edits: [edit('driver/stats.ts', 'copy(rx + RX_QUEUE_BASELINE, rx + RX_QUEUE_COUNTERS, RX_COUNTERS_BYTES);', '')],
  },
];
