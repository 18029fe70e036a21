import { edit, type Mutant } from '../build/mutant';

const MASKED = 'loadPortHostFeatures(port.address) & FEATURE_VLAN_OFFLOAD : 0';

export const negotiateMutants: readonly Mutant[] = [
  {
    id: 'negotiate-min-ignored',
    row: null,
    what: 'requests as many receive FIFOs as the application has queues',
    fails: ['negotiate/1'],
    edits: [edit('driver/negotiate.ts', 'Math.max(loadPortMinRxQueues(port.address), rxQueues)', 'rxQueues')],
  },
  {
    id: 'negotiate-limit-unchecked',
    row: null,
    what: 'leaves it to the host to refuse too many queues',
    fails: ['negotiate/2'],
    edits: [
      edit(
        'driver/configure.ts',
        'needInteger(field, wanted, 0, queueLimit(hostMost),',
        'needInteger(field, wanted, 0, 0xffff,',
      ),
    ],
  },
  {
    id: 'negotiate-all-features',
    row: null,
    what: 'requests every feature that the host has',
    fails: ['negotiate/3'],
    edits: [edit('driver/negotiate.ts', MASKED, 'loadPortHostFeatures(port.address) : 0')],
  },
  {
    id: 'negotiate-feature-lacking',
    row: 'C9',
    what: 'requests VLAN offload even if the host does not have it',
    fails: ['negotiate/3'],
    edits: [edit('driver/negotiate.ts', `return vlanStrip || vlanInsert ? ${MASKED};`, 'return FEATURE_VLAN_OFFLOAD;')],
  },
  {
    id: 'negotiate-surplus-starves',
    row: 'R8',
    what: 'serves one FIFO per queue and ignores the others',
    fails: ['negotiate/4'],
    edits: [edit('driver/adopt.ts', 'queue < rxQueues ? share : 0', 'queue < rxQueues ? 1 : 0')],
  },
  {
    id: 'negotiate-empty-turn',
    row: 'R8',
    what: 'polls only the next FIFO in turn, even if it is empty',
    fails: ['negotiate/5'],
    edits: [edit('driver/loops/rx.ts', 'if (entries > 0) {', 'if (entries >= 0) {')],
  },
  {
    id: 'negotiate-host-keeps-rings',
    row: null,
    what: 'the host leaves FIFOs that are no longer negotiated as they are, buffers included',
    fails: ['negotiate/6'],
    edits: [
      edit(
        'emulator/device/control/portLife.ts',
        'queue < Math.max(before, after); queue++) reset(queue);',
        'queue < before - after; queue++) reset(queue);',
      ),
    ],
  },
  {
    id: 'negotiate-old-indices',
    row: null,
    what: 'a second configuration keeps the indices of the first',
    fails: ['negotiate/6'],
    edits: [
      edit(
        'driver/negotiate.ts',
        "import { type PortContext, settleBursts } from './context';",
        "import { isDetached, type PortContext, settleBursts } from './context';",
      ),
      edit('driver/negotiate.ts', '  STATE_STARTED,\n', '  STATE_PROBED,\n  STATE_STARTED,\n'),
      edit(
        'driver/negotiate.ts',
        '  openRings(port, terms.rxFifos, terms.txQueues);',
        '  if (loadPortState(port.address) === STATE_PROBED || isDetached(port)) openRings(port, terms.rxFifos, terms.txQueues);',
      ),
    ],
  },
  {
    id: 'negotiate-fifos-for-queues',
    row: 'C15',
    what: 'walks as many receive queues as the host wants FIFOs, also where the application has none',
    fails: ['negotiate/13'],
    edits: [
      edit('driver/stats.ts', '  loadPortRxQueues,\n', '  loadPortRxFifos,\n  loadPortRxQueues,\n'),
      edit(
        'driver/stats.ts',
        'rx: rx.slice(0, loadPortRxQueues(port.address)),',
        'rx: rx.slice(0, loadPortRxFifos(port.address)),',
      ),
    ],
  },
  {
    id: 'negotiate-no-queue-at-all',
    row: null,
    what: 'configures a port without any queue if the application leaves the counts to it',
    fails: ['negotiate/14'],
    edits: [
      edit(
        'driver/configure.ts',
        'return rxQueues === 0 && txQueues === 0 ? { rxQueues: 1, txQueues: 1 } : { rxQueues, txQueues };',
        'return { rxQueues, txQueues };',
      ),
    ],
  },
  {
    id: 'negotiate-first-mtu-stays',
    row: null,
    what: 'keeps the MTU of the first configuration',
    fails: ['negotiate/15', 'negotiate/16'],
    edits: [
      edit(
        'driver/negotiate.ts',
        'storePortMtu(port.address, mtu);',
        'if (loadPortMtu(port.address) === 0) storePortMtu(port.address, mtu);',
      ),
    ],
  },
  {
    id: 'negotiate-mode-of-first-pool',
    row: null,
    what: 'chooses between simple and scattered mode at the first set-up of a queue only',
    fails: ['negotiate/15'],
    edits: [
      edit('driver/configure.ts', '  loadPortTxQueues,\n', '  loadPortTxQueues,\n  loadRxQueueMempool,\n'),
      edit(
        'driver/configure.ts',
        '  storeRxQueueMempool(q, pool.address);',
        '  const first = loadRxQueueMempool(q) === 0;\n  storeRxQueueMempool(q, pool.address);',
      ),
      edit('driver/configure.ts', '  decideScattered(port);\n', '  if (first) decideScattered(port);\n'),
    ],
  },
  {
    id: 'negotiate-set-up-forgotten',
    row: null,
    what: 'forgets the set-up of all queues when a port is configured again',
    fails: ['negotiate/16'],
    edits: [edit('driver/configure.ts', 'forgetQueues(port, rxQueues, txQueues);', 'forgetQueues(port, 0, 0);')],
  },
  {
    id: 'negotiate-indices-from-zero',
    row: null,
    what: 'begins at slot 0 of each ring after every configuration, wherever the host stands',
    fails: ['negotiate/17'],
    edits: [
      edit('driver/adopt.ts', 'fifoOpen(end, base, len, indices[i]!)', 'fifoOpen(end, base, len, 0 * indices[i]!)'),
    ],
  },
];
