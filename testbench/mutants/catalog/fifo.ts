import { edit, type Mutant } from '../build/mutant';

export const fifoMutants: readonly Mutant[] = [
  {
    id: 'fifo-any-length',
    row: 'R5',
    what: 'accepts a FIFO whose length is not a power of two',
    fails: ['fifo/1'],
    edits: [edit('driver/host.ts', ' || (len & (len - 1)) !== 0', '')],
  },
  {
    id: 'fifo-no-least-length',
    row: 'R5',
    what: 'accepts a FIFO of length 0 or 1',
    fails: ['fifo/1'],
    edits: [edit('driver/host.ts', 'len < FIFO_MIN_LEN || ', '')],
  },
  {
    id: 'fifo-probe-index-unchecked',
    row: 'R5',
    what: 'starts with an index outside the ring',
    fails: ['fifo/2'],
    edits: [
      edit(
        'driver/host.ts',
        "needInteger(`${name}: ${which === FIFO_WRITE ? 'write' : 'read'}`, index, 0, len - 1);",
        '',
      ),
    ],
  },
  {
    id: 'fifo-element-size-unchecked',
    row: null,
    what: 'accepts a FIFO with slots of another size',
    fails: ['fifo/3'],
    edits: [edit('driver/host.ts', 'if (elemSize !== FIFO_ELEM_BYTES)', 'if (elemSize < 0)')],
  },
  {
    id: 'fifo-one-slot-too-few',
    row: null,
    what: 'leaves one slot of free more unused than necessary, so that a FIFO of length 2 carries nothing',
    fails: ['fifo/4'],
    edits: [
      edit(
        'driver/loops/rx.ts',
        'return room < most ? room : most;',
        'return room <= most ? ((room - 1) >>> 0) : most;',
      ),
    ],
  },
  {
    id: 'fifo-stride-ignored',
    row: null,
    what: 'assumes that each transmit FIFO follows the previous one without a gap',
    fails: ['fifo/5'],
    edits: [
      edit(
        'driver/adopt.ts',
        'storePortTxBase(port, i, base)',
        'storePortTxBase(port, i, i === 0 ? base : host.tx[0]!.base + i * (16 + 8 * len))',
      ),
    ],
  },
  {
    id: 'fifo-rx-index-unchecked',
    row: 'R5',
    what: 'takes entries off rx up to any write index, valid or not',
    fails: ['fifo/6'],
    edits: [
      edit(
        'driver/loops/rx.ts',
        'const filled: u32 = fifoCount(pair + RX_PAIR_RX);\n  if (filled === FIFO_CORRUPT)',
        'const filled: u32 = fifoCount(pair + RX_PAIR_RX);\n  if (false)',
      ),
    ],
  },
  {
    id: 'fifo-alloc-index-unchecked',
    row: 'R5',
    what: 'takes buffers off alloc up to any write index, valid or not',
    fails: ['fifo/6'],
    edits: [edit('driver/loops/tx.ts', 'if (buffers === FIFO_CORRUPT)', 'if (false)')],
  },
  {
    id: 'fifo-index-before-slot',
    row: 'F1',
    what: 'publishes the write index of tx before it fills the slot',
    fails: ['fifo/7'],
    edits: [
      edit(
        'driver/loops/txStraight.ts',
        "import { slotAt } from '../../shared/loops/fifo';",
        "import { fifoPublishWrite, slotAt } from '../../shared/loops/fifo';",
      ),
      edit(
        'driver/loops/txStraight.ts',
        '(loadFifoEndIndex(q + TX_QUEUE_TX) + loadTxQueueSent(q)) >>> 0',
        'loadFifoEndIndex(q + TX_QUEUE_TX)',
      ),
      edit(
        'driver/loops/txStraight.ts',
        '    const slot: u32 = slotAt(',
        '    fifoPublishWrite(q + TX_QUEUE_TX, 1);\n    const slot: u32 = slotAt(',
      ),
      edit(
        'driver/loops/tx.ts',
        'fifoFill(q + TX_QUEUE_TX, sent,',
        'fifoPublishWrite(q + TX_QUEUE_TX, 1);\n    fifoFill(q + TX_QUEUE_TX, 0xffffffff,',
      ),
      edit('driver/loops/tx.ts', 'if (sent > 0) fifoPublishWrite(q + TX_QUEUE_TX, sent);', ''),
    ],
  },
  {
    id: 'fifo-index-for-each-slot',
    row: null,
    what: 'publishes the write index of free after each entry instead of once per burst',
    fails: ['fifo/7'],
    edits: [
      edit(
        'driver/loops/rxEntries.ts',
        "import { slotAt } from '../../shared/loops/fifo';",
        "import { fifoPublishWrite, slotAt } from '../../shared/loops/fifo';",
      ),
      edit(
        'driver/loops/rxEntries.ts',
        '    store32(freeSlot + 4, hi);\n',
        '    store32(freeSlot + 4, hi);\n    fifoPublishWrite(free, 1);\n',
      ),
      edit('driver/loops/rx.ts', 'fifoPublishWrite(free, entries);', ''),
    ],
  },
  {
    id: 'fifo-buffers-left-at-close',
    row: 'F4',
    what: 'close does not shut the device down, so that buffers stay on every ring',
    fails: ['fifo/8', 'control/10'],
    edits: [edit('driver/lifecycle.ts', 'if (isPresent(port) && !isDetached(port)) shutDown(port);', '')],
  },
  {
    id: 'fifo-host-reclaims-nothing',
    row: 'F4',
    what: 'the host initialises the rings after a close but does not take back the buffers on them',
    fails: ['fifo/8'],
    edits: [
      edit(
        'emulator/device/control/portLife.ts',
        'if (loadHostPortInitPending(host.port) === 0) reclaimAll(host);',
        '',
      ),
      edit(
        'emulator/device/control/portLife.ts',
        '  reclaimRx(host.rxQueue(queue));\n  host.initFifo',
        '  host.initFifo',
      ),
    ],
  },
];
