import { edit, type Mutant } from '../build/mutant';

export const controlMutants: readonly Mutant[] = [
  {
    id: 'control-counts-swapped',
    row: null,
    what: 'swaps the queue counts of the two directions in request 3',
    fails: ['control/1'],
    edits: [
      edit(
        'driver/control.ts',
        'storeDeviceConfigNumTxQueues(base, config.txQueues)',
        'storeDeviceConfigNumTxQueues(base, config.rxFifos)',
      ),
      edit(
        'driver/control.ts',
        'storeDeviceConfigNumRxQueues(base, config.rxFifos)',
        'storeDeviceConfigNumRxQueues(base, config.txQueues)',
      ),
    ],
  },
  {
    id: 'control-refusal-ignored',
    row: null,
    what: 'takes every answer for success',
    fails: ['control/2', 'control/3', 'control/8'],
    edits: [edit('driver/control.ts', 'if (result === 0) return;', 'if (result === result) return;')],
  },
  {
    id: 'control-positive-is-success',
    row: 'C3',
    what: 'takes a positive result for success',
    fails: ['control/3'],
    edits: [edit('driver/control.ts', 'if (result === 0) return;', 'if (result >= 0) return;')],
  },
  {
    id: 'control-timeout-unnoticed',
    row: null,
    what: 'continues without an answer after the timeout, as if the request had succeeded',
    fails: ['control/4'],
    edits: [
      edit('driver/control.ts', "throw new ErrnoError('ETIME', ", "if (what === '') throw new ErrnoError('ETIME', "),
    ],
  },
  {
    id: 'control-late-answer-taken',
    row: null,
    what: 'does not wait for the owed answer and takes it for the answer to the next request',
    fails: ['control/5'],
    edits: [edit('driver/control.ts', '  settleDebt(port);\n', '')],
  },
  {
    id: 'control-any-entry-answers',
    row: null,
    what: 'takes any entry on resp for the answer',
    fails: ['control/6'],
    edits: [
      edit(
        'driver/control.ts',
        'if (lo !== loadPortSyncVaLo(port.address) || hi !== loadPortSyncVaHi(port.address))',
        'if (lo < hi - hi)',
      ),
    ],
  },
  {
    id: 'control-old-entries-kept',
    row: null,
    what: 'does not discard leftovers on resp before a request',
    fails: ['control/7'],
    edits: [edit('driver/control.ts', '  discardAnswers(port);\n', '')],
  },
  {
    id: 'control-stop-before-answer',
    row: 'C4',
    what: 'reports the link down before the host has accepted the request',
    fails: ['control/8'],
    edits: [
      edit(
        'driver/lifecycle.ts',
        '  sendLink(port, false);\n',
        '  storePortLinkUp(port.address, 0);\n  storePortState(port.address, STATE_STOPPED);\n  sendLink(port, false);\n',
      ),
    ],
  },
  {
    id: 'control-lock-over-wait',
    row: 'C5',
    what: 'a promiscuous call waits for the lock that a pending request holds',
    fails: ['control/9', 'control/22'],
    edits: [
      edit(
        'driver/port.ts',
        'storePortPromiscuous(this.address, 1);',
        'withLock(this, () => storePortPromiscuous(this.address, 1));',
      ),
    ],
  },
  {
    id: 'control-bursts-off-over-wait',
    row: 'C5',
    what: 'blocks bursts while a request waits for its answer',
    fails: ['control/9'],
    edits: [
      edit(
        'driver/control.ts',
        '    awaitAnswer(port, what);\n',
        '    storePortBlocked(port.address, 2);\n    awaitAnswer(port, what);\n    storePortBlocked(port.address, 0);\n',
      ),
      edit(
        'driver/control.ts',
        'import { DRIVER_VERSION }',
        "import { storePortBlocked } from './loops/records';\nimport { DRIVER_VERSION }",
      ),
    ],
  },
  {
    id: 'control-close-untold',
    row: 'C11',
    what: 'closes without disabling the interrupt or sending request 4',
    fails: ['control/10'],
    edits: [
      edit('driver/lifecycle.ts', 'pci.write32(BAR_MMIO, REG_INTERRUPT_MASK, INTERRUPT_MASK_NONE);', ''),
      edit('driver/lifecycle.ts', 'if (isPresent(port) && !isDetached(port)) shutDown(port);', ''),
    ],
  },
  {
    id: 'control-host-sends-after-close',
    row: null,
    what: 'the host keeps delivering after request 4',
    fails: ['control/10'],
    edits: [
      edit(
        'emulator/device/control/portLife.ts',
        'function shutDown(host: HostMemory, closing: boolean): number {\n',
        'function shutDown(host: HostMemory, closing: boolean): number {\n  if (host.port > 0) return DONE;\n',
      ),
    ],
  },
  {
    id: 'control-record-leaked',
    row: 'C11',
    what: "removal does not release the port's record",
    fails: ['control/11'],
    edits: [edit('driver/lifetime.ts', 'if (drainBursts(port)) release', 'if (!drainBursts(port)) release')],
  },
  {
    id: 'control-handler-left-at-close',
    row: 'C8',
    what: 'close and removal leave the interrupt handler registered',
    fails: ['control/12'],
    edits: [
      edit('driver/lifecycle.ts', '  pci.setInterruptHandler(null);\n', ''),
      edit('driver/lock.ts', '    pciOf(port).setInterruptHandler(null);\n', ''),
      edit('driver/lifetime.ts', '  pciOf(port).forgetInterruptHandler();\n', ''),
    ],
  },
  {
    id: 'control-vlan-filter-ignored',
    row: null,
    what: 'accepts a VLAN filter and ignores it',
    fails: ['control/13'],
    edits: [edit('driver/configure.ts', 'if (change.filter === true)', 'if (change.filter === null)')],
  },
  {
    id: 'control-mtu-changed',
    row: null,
    what: 'accepts an MTU change on a running port and ignores it',
    fails: ['control/13'],
    edits: [
      edit(
        'driver/lacking.ts',
        "return notSupported('change its MTU while it runs: give it to configure');",
        'return undefined as never;',
      ),
    ],
  },
  {
    id: 'control-request-written-over',
    row: null,
    what: 'overwrites a request that the host has not taken',
    fails: ['control/14'],
    edits: [edit('driver/control.ts', 'if (!requestsTaken(port))', 'if (port.address < 0)')],
  },
  {
    id: 'control-refused-queues-walked',
    row: 'C14',
    what: 'counts the queues of a configuration that the host refused, and reads statistics through their freed table',
    fails: ['control/23'],
    edits: [
      edit('driver/configure.ts', '  storePortState,\n', '  storePortRxQueues,\n  storePortState,\n'),
      edit(
        'driver/configure.ts',
        '  applyTerms(port, negotiate(port, wishes, false));',
        '  storePortRxQueues(port.address, rxQueues);\n  applyTerms(port, negotiate(port, wishes, false));',
      ),
      edit('driver/stats.ts', '  loadPortRxQueues,\n', '  loadPortRxQueues,\n  loadPortState,\n  STATE_PROBED,\n'),
      edit(
        'driver/stats.ts',
        `  const q = rxQueueAt(port.address, queue);
  return since(rxCounters,`,
        `  const freed = loadPortState(port.address) === STATE_PROBED && queue < loadPortRxQueues(port.address);
  const q = freed ? 0 : rxQueueAt(port.address, queue);
  return since(rxCounters,`,
      ),
    ],
  },
  {
    id: 'control-refused-configure-is-final',
    row: null,
    what: 'gives a port up once the host has refused a configuration',
    fails: ['control/23'],
    edits: [
      edit('driver/configure.ts', '  STATE_CONFIGURED,\n', '  STATE_CLOSED,\n  STATE_CONFIGURED,\n'),
      edit(
        'driver/configure.ts',
        '  applyTerms(port, negotiate(port, wishes, false));',
        `  try {
    applyTerms(port, negotiate(port, wishes, false));
  } catch (error) {
    storePortState(port.address, STATE_CLOSED);
    throw error;
  }`,
      ),
    ],
  },
  {
    id: 'control-second-address-ignored',
    row: null,
    what: 'accepts a second MAC address and receives nothing for it',
    fails: ['control/24'],
    edits: [
      edit(
        'driver/lacking.ts',
        "return notSupported('receive for a second MAC address: use promiscuous mode');",
        'return undefined as never;',
      ),
    ],
  },
  {
    id: 'control-settings-unread',
    row: null,
    what: 'ignores settings of a configuration that it does not know',
    fails: ['control/25'],
    edits: [edit('driver/portConfig.ts', 'if (!CONFIG_FIELDS.has(field))', "if (field === '')")],
  },
];
