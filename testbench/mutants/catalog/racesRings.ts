import { edit, type Race } from '../build/mutant';

const RX = 'driver/loops/rx.ts';
const TX = 'driver/loops/tx.ts';
const ENTRIES = 'driver/loops/rxEntries.ts';

const RX_PUBLISH = '  fifoPublishRead(rx, entries);\n  fifoPublishWrite(free, entries);\n';
const TX_PUBLISH = `  if (used > 0) fifoPublishRead(q + TX_QUEUE_ALLOC, used);
  if (sent > 0) fifoPublishWrite(q + TX_QUEUE_TX, sent);
`;
/** Sends all packets by the general path, where the mistake is made. */
const NO_STRAIGHT = edit(TX, '    sendStraight(port, q, from, packets, room);\n', '');

/** Order in which the driver's bursts publish indices, slots, descriptors and data. */
export const ringRaces: readonly Race[] = [
  {
    id: 'race-rx-free-before-read',
    what: 'a receive burst publishes the entries on free before it publishes that they are off rx',
    hunt: { check: 'rx-burst', memory: 'sc' },
    edits: [edit(RX, RX_PUBLISH, '  fifoPublishWrite(free, entries);\n  fifoPublishRead(rx, entries);\n')],
  },
  {
    id: 'race-rx-free-index-before-slot',
    what: 'a receive burst publishes the write index of free before it fills the slot',
    hunt: { check: 'rx-burst', memory: 'sc' },
    edits: [
      edit(RX, RX_PUBLISH, ''),
      edit(RX, '  findDescs(port,', RX_PUBLISH + '  findDescs(port,'),
      edit(ENTRIES, '(rxIndex + i) >>> 0', '(rxIndex - entries + i) >>> 0'),
      edit(ENTRIES, '(freeIndex + i) >>> 0', '(freeIndex - entries + i) >>> 0'),
    ],
  },
  {
    id: 'race-rx-free-before-copy',
    what: 'a receive burst gives each buffer back before it has copied the packet out of it',
    hunt: { check: 'rx-burst', memory: 'sc' },
    edits: [
      edit(
        RX,
        '  receiveAll(port, q, out, entries);\n' + RX_PUBLISH,
        RX_PUBLISH + '  receiveAll(port, q, out, entries);\n',
      ),
    ],
  },
  {
    id: 'race-rx-read-index-before-slots',
    what: 'a receive burst publishes the read index of rx before it reads the slots',
    equivalent:
      'the host fills at most all slots but one, so it reaches a slot that was not read only if the burst counted two ' +
      'entries or more while it fills the ring: more packets than a world of rx-burst has room for',
    edits: [
      edit(RX, RX_PUBLISH, '  fifoPublishWrite(free, entries);\n'),
      edit(RX, '  findDescs(port,', '  fifoPublishRead(rx, entries);\n  findDescs(port,'),
      edit(ENTRIES, '(rxIndex + i) >>> 0', '(rxIndex - entries + i) >>> 0'),
    ],
  },
  {
    id: 'race-rx-descriptor-fetched-twice',
    what: 'a receive burst gives back the buffer, and reads the length of the packet from it again',
    hunt: { check: 'rx-burst', memory: 'sc' },
    edits: [
      edit(
        RX,
        RX_PUBLISH,
        RX_PUBLISH +
          `  storeRxQueueDeliveredBytes(q, 0);
  for (let i: u32 = 0; i < entries; i++)
    storeRxQueueDeliveredBytes(
      q,
      (loadRxQueueDeliveredBytes(q) + loadDescPktLen(loadRxQueueEntryDesc(q, i))) >>> 0,
    );
`,
      ),
      edit(RX, 'import { MAX_BURST, MAX_QUEUES', 'import { loadDescPktLen, MAX_BURST, MAX_QUEUES'),
    ],
  },
  {
    id: 'race-tx-index-before-alloc',
    what: 'a transmit burst publishes the packets on tx before it publishes that their buffers are off alloc',
    hunt: { check: 'tx-burst', memory: 'sc' },
    edits: [
      edit(
        TX,
        TX_PUBLISH,
        `  if (sent > 0) fifoPublishWrite(q + TX_QUEUE_TX, sent);
  if (used > 0) fifoPublishRead(q + TX_QUEUE_ALLOC, used);
`,
      ),
    ],
  },
  {
    id: 'race-tx-index-before-slot',
    what: 'a transmit burst publishes the write index of tx before it fills the slot',
    hunt: { check: 'tx-burst', memory: 'sc' },
    edits: [
      NO_STRAIGHT,
      edit(
        TX,
        '  fifoFill(q + TX_QUEUE_TX, sent, loadTxQueueBufferLo(q, buffer), loadTxQueueBufferHi(q, buffer));\n',
        '',
      ),
      edit(
        TX,
        TX_PUBLISH,
        TX_PUBLISH +
          `  for (let i: u32 = 0; i < sent; i++)
    fifoFill(q + TX_QUEUE_TX, (i - sent) >>> 0, loadTxQueueBufferLo(q, i), loadTxQueueBufferHi(q, i));
`,
      ),
    ],
  },
  {
    id: 'race-tx-slot-before-packet',
    what: 'a transmit burst publishes a packet before it writes descriptor and data',
    hunt: { check: 'tx-burst', memory: 'sc' },
    edits: [
      NO_STRAIGHT,
      edit(TX, '  copyIn(port, q, mbuf, buffer, needed);\n', ''),
      edit(
        TX,
        TX_PUBLISH,
        TX_PUBLISH +
          `  for (let i: u32 = 0; i < sent; i++) copyIn(port, q, load32(q + TX_QUEUE_SLOTS + ((i << 2) >>> 0)), i, 1);
`,
      ),
    ],
  },
  {
    id: 'race-tx-links-after-index',
    what: 'a transmit burst writes the links of a chain after it has published the packet',
    hunt: { check: 'tx-burst', memory: 'sc', shape: 'scattered' },
    edits: [
      NO_STRAIGHT,
      edit(
        TX,
        TX_PUBLISH,
        `  const head: u32 = loadTxQueueBufferDesc(q, 0);
  const chained: bool = loadTxQueueBuffersUsed(q) > sent;
  if (chained) storeDescNextLo(head, 0);
  if (chained) storeDescNextHi(head, 0);
${TX_PUBLISH}  if (chained) storeDescNextLo(head, loadTxQueueBufferLo(q, 1));
  if (chained) storeDescNextHi(head, loadTxQueueBufferHi(q, 1));
`,
      ),
    ],
  },
];
