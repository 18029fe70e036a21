import { edit, type Mutant } from '../build/mutant';
import { SILENCE_IS_SUCCESS } from './hotplug';

/** Variants that err in control requests and in the life of a port. */
export const lifeMutants: readonly Mutant[] = [
  {
    id: 'pci-any-interrupt-counts',
    row: 'C10',
    what: 'treats an interrupt without a status bit as a migration event',
    fails: ['pci/7'],
    edits: [
      edit(
        'driver/lock.ts',
        'if ((status & INTERRUPT_MIGRATION) === 0) return;',
        'if (status !== 0 && (status & INTERRUPT_MIGRATION) === 0) return;',
      ),
    ],
  },
  {
    id: 'pci-refused-probe-leaks',
    row: 'C11',
    what: 'allocates memory for a port before it checks the device',
    fails: ['pci/8'],
    edits: [
      edit(
        'driver/probe.ts',
        '  const host = readHost(pci);\n',
        "  const early = allocate(PORT_BYTES, { rights: DRIVER_ONLY, label: 'port' });\n  const host = readHost(pci);\n  takeBack(early);\n",
      ),
    ],
  },
  {
    id: 'control-debt-never-cancelled',
    row: null,
    what: 'refuses every request while an answer is owed',
    fails: ['control/15'],
    edits: [
      edit('driver/control.ts', 'if (!requestsTaken(port))', 'if (!requestsTaken(port) || answersWaiting(port) === 0)'),
    ],
  },
  {
    id: 'control-half-the-wait',
    row: null,
    what: 'waits only 250 ms for an answer',
    fails: ['control/16'],
    edits: [edit('driver/control.ts', 'poll < REQ_POLLS;', 'poll < REQ_POLLS / 2;')],
  },
  {
    id: 'control-twice-the-wait',
    row: null,
    what: 'waits a full second for an answer',
    fails: ['control/16'],
    edits: [edit('driver/control.ts', 'poll < REQ_POLLS;', 'poll < REQ_POLLS * 2;')],
  },
  {
    id: 'control-result-not-preset',
    row: null,
    what: 'sends a request whose preset result is success',
    fails: ['control/17'],
    edits: [
      edit('driver/control.ts', 'storeRequestResult(sync, -Errno.ENOTSUP >>> 0);', 'storeRequestResult(sync, 0);'),
    ],
  },
  {
    id: 'control-close-needs-answer',
    row: 'C11',
    what: 'stays open if the host refuses the shutdown or does not answer',
    fails: ['control/18'],
    edits: [edit('driver/lifecycle.ts', 'if (!(error instanceof ErrnoError)) throw error;', 'throw error;')],
  },
  {
    id: 'control-close-ignores-debt',
    row: null,
    what: 'sends the shutdown without waiting for the owed answer',
    fails: ['control/19'],
    edits: [edit('driver/control.ts', '  settleDebt(port);\n', '  if (id !== REQ_SHUTDOWN) settleDebt(port);\n')],
  },
  {
    id: 'control-wrong-state-allowed',
    row: null,
    what: 'sets up queues on a running port',
    fails: ['control/20'],
    edits: [
      edit(
        'driver/configure.ts',
        "  if (loadPortState(port.address) === STATE_STARTED)\n    throw new ErrnoError('EBUSY', 'the port is started: stop it first');\n",
        '',
      ),
    ],
  },
  {
    id: 'control-host-keeps-old-rings',
    row: 'F4',
    what: 'the host leaves the rings of a dead guest as they are',
    fails: ['control/21'],
    edits: [
      edit(
        'emulator/device/control/portLife.ts',
        'if (isQueueFifo(kind)) host.initFifo(kind, queue);',
        "if (kind === 'tx') host.initFifo(kind, queue);",
      ),
    ],
  },
  {
    id: 'negotiate-none-is-no-limit',
    row: null,
    what: 'treats a limit of 0 queues as no limit',
    fails: ['negotiate/7'],
    edits: [
      edit('driver/configure.ts', 'if (hostMost === 0) throw', 'if (hostMost < 0) throw'),
      edit(
        'driver/configure.ts',
        'needInteger(field, wanted, 0, queueLimit(hostMost),',
        'needInteger(field, wanted, 0, queueLimit(hostMost === 0 ? MAX_QUEUES : hostMost),',
      ),
    ],
  },
  {
    id: 'negotiate-all-transmit-queues',
    row: null,
    what: 'requests all transmit queues that the host has',
    fails: ['negotiate/8'],
    edits: [
      edit(
        'driver/configure.ts',
        'negotiate(port, wishes, false)',
        '{ ...negotiate(port, { ...wishes, txQueues: loadPortMaxTxQueues(port.address) }, false), txQueues }',
      ),
    ],
  },
  {
    id: 'negotiate-four-queues',
    row: null,
    what: 'distributes FIFOs over at most four queues',
    fails: ['negotiate/9'],
    edits: [edit('driver/adopt.ts', 'queue < rxQueues ? share : 0', 'queue < rxQueues && queue < 4 ? share : 0')],
  },
  {
    id: 'negotiate-counts-before-answer',
    row: null,
    what: 'stores new queue counts before the host has accepted them',
    fails: ['negotiate/10'],
    edits: [
      edit(
        'driver/negotiate.ts',
        '  sendConfig(port, { txQueues: wishes.txQueues, rxFifos, features, up });',
        '  storePortRxQueues(port.address, wishes.rxQueues);\n  storePortTxQueues(port.address, wishes.txQueues);\n  mapRxFifos(port, rxFifos, wishes.rxQueues);\n  sendConfig(port, { txQueues: wishes.txQueues, rxFifos, features, up });',
      ),
    ],
  },
  {
    id: 'negotiate-needs-both-directions',
    row: null,
    what: 'refuses a port without queues in one direction',
    fails: ['negotiate/11', 'negotiate/13'],
    edits: [
      edit(
        'driver/configure.ts',
        'needInteger(field, wanted, 0, queueLimit(hostMost),',
        'needInteger(field, wanted, 1, queueLimit(hostMost),',
      ),
    ],
  },
  {
    id: 'negotiate-any-mtu',
    row: null,
    what: 'accepts an MTU equal to the longest packet, without room for header and CRC',
    fails: ['negotiate/12'],
    edits: [
      edit(
        'driver/configure.ts',
        'return loadPortMaxRxPktLen(port.address) - FRAME_OVERHEAD_BYTES;',
        'return loadPortMaxRxPktLen(port.address);',
      ),
    ],
  },
  {
    id: 'link-stop-unanswered-undone',
    row: null,
    what: 'after a stop without an answer, assumes that the host has not stopped the port',
    fails: ['link/7'],
    edits: [edit('driver/lifecycle.ts', '    return confirmLink(port);\n  }\n', '    return;\n  }\n')],
  },
  {
    id: 'link-up-with-any-config',
    row: null,
    what: 'reports the link up in every config request for a VLAN change',
    fails: ['link/5'],
    edits: [edit('driver/negotiate.ts', 'const up = loadPortLinkUp(port.address) !== 0;', 'const up = true;')],
  },
  {
    id: 'link-host-ignores-down',
    row: null,
    what: 'the host keeps delivering while the link is down',
    fails: ['link/6', 'link/3'],
    edits: [
      edit(
        'emulator/device/loops/toGuest.ts',
        'return loadHostPortLinkUp(port) === 0 ? PORT_COUNTERS_RX_DROP_LINK_DOWN : NO_FAULT;',
        'return NO_FAULT;',
      ),
    ],
  },
  {
    id: 'hotplug-absence-seen-by-bursts-only',
    row: null,
    what: 'checks whether the device is still there only while the port is running',
    fails: ['hotplug/10'],
    edits: [
      edit(
        'driver/context.ts',
        'if (!isPresent(port)) throw',
        'if (!isPresent(port) && loadPortState(port.address) === 3) throw',
      ),
    ],
  },
  {
    id: 'hotplug-all-ones-believed',
    row: null,
    what: 'takes what it reads of a device that has vanished for the answer to its request',
    fails: ['hotplug/6'],
    edits: [SILENCE_IS_SUCCESS],
  },
  {
    id: 'hotplug-one-gone-all-gone',
    row: null,
    what: 'marks every port as gone once one device has vanished',
    fails: ['hotplug/7'],
    edits: [
      edit(
        'driver/context.ts',
        'export function isPresent(port: PortContext): boolean {\n  return ',
        'let gone = false;\nexport function isPresent(port: PortContext): boolean {\n  if (!pciOf(port).present) gone = true;\n  return !gone && ',
      ),
    ],
  },
  {
    id: 'hotplug-released-under-request',
    row: 'C12',
    what: "removal releases the port's record while a request still uses it",
    fails: ['hotplug/8'],
    edits: [
      edit(
        'driver/lifetime.ts',
        '  leaveAll(port);\n  letGo(port);\n',
        '  leaveAll(port);\n  release(port.address);\n',
      ),
    ],
  },
];
