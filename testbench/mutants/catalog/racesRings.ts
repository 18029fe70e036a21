import { edit, type Race } from '../build/mutant';

const RX = 'driver/loops/rx.ts';
const TX = 'driver/loops/tx.ts';

const RX_PUBLISH = '  fifoPublishRead(rx, entries);\n  fifoPublishWrite(free, entries);\n';
const TX_PUBLISH = `  if (used > 0) fifoPublishRead(q + TX_QUEUE_ALLOC, used);
  if (sent > 0) fifoPublishWrite(q + TX_QUEUE_TX, sent);
`;
const TX_FILL = `    copyIn(port, q, mbuf, needed);
    fifoFill(q + TX_QUEUE_TX, sent, loadTxQueueBufferLo(q, 0), loadTxQueueBufferHi(q, 0));
`;

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
      edit(
        RX,
        '    fifoFill(free, i, lo, hi);\n',
        `    fifoPublishWrite(free, 1);
    fifoFill(free, 0xffffffff, lo, hi);
`,
      ),
      edit(RX, '  addSpares(q, entries);\n  for', '  addSpares(q, entries);\n  fifoPublishRead(rx, 0);\n  for'),
      edit(RX, 'const lo: u32 = fifoPeekLo(rx, i);', 'const lo: u32 = fifoPeekLo(rx, 0);'),
      edit(RX, 'const hi: u32 = fifoPeekHi(rx, i);', 'const hi: u32 = fifoPeekHi(rx, 0);\n    fifoPublishRead(rx, 1);'),
    ],
  },
  {
    id: 'race-rx-free-before-copy',
    what: 'a receive burst gives each buffer back before it has copied the packet out of it',
    hunt: { check: 'rx-burst', memory: 'sc' },
    edits: [
      edit(RX, RX_PUBLISH, ''),
      edit(RX, 'const lo: u32 = fifoPeekLo(rx, i);', 'const lo: u32 = fifoPeekLo(rx, 0);'),
      edit(RX, 'const hi: u32 = fifoPeekHi(rx, i);', 'const hi: u32 = fifoPeekHi(rx, 0);'),
      edit(
        RX,
        '    fifoFill(free, i, lo, hi);\n',
        '    fifoFill(free, 0, lo, hi);\n    fifoPublishRead(rx, 1);\n    fifoPublishWrite(free, 1);\n',
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
      edit(RX, '  addSpares(q, entries);\n  for', '  addSpares(q, entries);\n  fifoPublishRead(rx, entries);\n  for'),
      edit(RX, RX_PUBLISH, '  fifoPublishWrite(free, entries);\n'),
      edit(RX, 'const lo: u32 = fifoPeekLo(rx, i);', 'const lo: u32 = fifoPeekLo(rx, (i - entries) >>> 0);'),
      edit(RX, 'const hi: u32 = fifoPeekHi(rx, i);', 'const hi: u32 = fifoPeekHi(rx, (i - entries) >>> 0);'),
    ],
  },
  {
    id: 'race-rx-descriptor-fetched-twice',
    what: 'a receive burst gives back the buffer, and reads the length of the packet from it again',
    hunt: { check: 'rx-burst', memory: 'sc' },
    edits: [
      edit(RX, RX_PUBLISH, ''),
      edit(
        RX,
        '    const mbuf: u32 = receive(port, q, lo, hi);\n',
        `    const mbuf: u32 = receive(port, q, lo, hi);
    fifoPublishRead(rx, 1);
    fifoPublishWrite(free, 1);
    storeRxQueuePktLen(q, loadDescPktLen(translateDesc(port, lo, hi)));
`,
      ),
      edit(RX, 'const lo: u32 = fifoPeekLo(rx, i);', 'const lo: u32 = fifoPeekLo(rx, 0);'),
      edit(RX, 'const hi: u32 = fifoPeekHi(rx, i);', 'const hi: u32 = fifoPeekHi(rx, 0);'),
      edit(RX, '    fifoFill(free, i, lo, hi);\n', '    fifoFill(free, 0, lo, hi);\n'),
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
      edit(
        TX,
        TX_FILL,
        `    copyIn(port, q, mbuf, needed);
    const [head, top]: u32[] = [loadTxQueueBufferLo(q, 0), loadTxQueueBufferHi(q, 0)];
    fifoPublishRead(q + TX_QUEUE_ALLOC, used);
    used = 0;
    fifoPublishWrite(q + TX_QUEUE_TX, 1);
    fifoFill(q + TX_QUEUE_TX, 0xffffffff, head!, top!);
`,
      ),
      edit(TX, TX_PUBLISH, ''),
    ],
  },
  {
    id: 'race-tx-slot-before-packet',
    what: 'a transmit burst publishes a packet before it writes descriptor and data',
    hunt: { check: 'tx-burst', memory: 'sc' },
    edits: [
      edit(
        TX,
        TX_FILL,
        `    fifoPublishRead(q + TX_QUEUE_ALLOC, used);
    used = 0;
    fifoFill(q + TX_QUEUE_TX, 0, loadTxQueueBufferLo(q, 0), loadTxQueueBufferHi(q, 0));
    fifoPublishWrite(q + TX_QUEUE_TX, 1);
    copyIn(port, q, mbuf, needed);
`,
      ),
      edit(TX, TX_PUBLISH, ''),
    ],
  },
  {
    id: 'race-tx-links-after-index',
    what: 'a transmit burst writes the links of a chain after it has published the packet',
    hunt: { check: 'tx-burst', memory: 'sc', shape: 'scattered' },
    edits: [
      edit(
        TX,
        TX_FILL,
        `    copyIn(port, q, mbuf, needed);
    const [desc, lo, hi]: u32[] = [
      loadTxQueueBufferDesc(q, 0),
      needed > 1 ? loadTxQueueBufferLo(q, 1) : 0,
      needed > 1 ? loadTxQueueBufferHi(q, 1) : 0,
    ];
    storeDescNextLo(desc!, 0);
    storeDescNextHi(desc!, 0);
    fifoPublishRead(q + TX_QUEUE_ALLOC, used);
    used = 0;
    fifoFill(q + TX_QUEUE_TX, 0, loadTxQueueBufferLo(q, 0), loadTxQueueBufferHi(q, 0));
    fifoPublishWrite(q + TX_QUEUE_TX, 1);
    storeDescNextLo(desc!, lo!);
    storeDescNextHi(desc!, hi!);
`,
      ),
      edit(TX, TX_PUBLISH, ''),
    ],
  },
];
