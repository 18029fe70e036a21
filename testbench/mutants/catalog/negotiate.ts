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
];
