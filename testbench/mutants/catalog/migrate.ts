import { edit, type Mutant } from '../build/mutant';
import { ABSENCE_NO_ERROR, NOTHING_ASKED, SILENCE_IS_SUCCESS } from './hotplug';

const MIGRATE = 'driver/migration.ts';
const ADOPT = 'driver/adopt.ts';

/** Drivers that fail a live migration, most of them as released drivers do. */
export const migrateMutants: readonly Mutant[] = [
  {
    id: 'migrate-request-before-flag',
    row: 'M2',
    what: 'sends request 4 while bursts run, and blocks them only afterwards',
    fails: ['migrate/5', 'migrate/50'],
    edits: [
      edit(
        MIGRATE,
        '  blockPort(port.address, BLOCKED_DETACHED);\n  let cause = MIGRATION_COUNTERS_REFUSED_BURST;\n  try {\n    needDrained(port);\n',
        '  let cause = MIGRATION_COUNTERS_REFUSED_BURST;\n  try {\n',
      ),
      edit(
        MIGRATE,
        '    sendShutdown(port);\n',
        '    sendShutdown(port);\n    blockPort(port.address, BLOCKED_DETACHED);\n    needDrained(port);\n',
      ),
    ],
  },
  {
    id: 'migrate-burst-not-awaited',
    row: 'M1',
    what: 'detaches while a burst is running',
    fails: ['migrate/5', 'migrate/24', 'migrate/51'],
    edits: [
      edit(
        MIGRATE,
        '    needDrained(port);\n    cause = MIGRATION_COUNTERS_REFUSED_REQUEST;\n',
        '    cause = MIGRATION_COUNTERS_REFUSED_REQUEST;\n',
      ),
    ],
  },
  {
    id: 'migrate-ack-before-request',
    row: null,
    what: 'acks the detach before it sends request 4',
    fails: ['migrate/1'],
    edits: [
      edit(MIGRATE, '    sendShutdown(port);\n', '    ack(port, MIGRATION_DETACHED);\n    sendShutdown(port);\n'),
    ],
  },
  {
    id: 'migrate-bursts-go-on',
    row: 'M2',
    what: 'does not block bursts while detached',
    fails: ['migrate/3', 'migrate/4'],
    edits: [
      edit(
        'driver/loops/gate.ts',
        'if (loadAcquire32(port + PORT_BLOCKED) === 0) return true;',
        'if ((loadAcquire32(port + PORT_BLOCKED) & 5) === 0) return true;',
      ),
      edit(
        MIGRATE,
        '  forgetRings(port);\n  countMigration(port, MIGRATION_COUNTERS_DETACHED);',
        '  countMigration(port, MIGRATION_COUNTERS_DETACHED);',
      ),
    ],
  },
  {
    id: 'migrate-control-goes-on',
    row: null,
    what: 'does not refuse control operations while detached',
    fails: ['migrate/3'],
    edits: [edit('driver/context.ts', 'if (isDetached(port))', 'if (isDetached(port) && port.address === 0)')],
  },
  {
    id: 'migrate-attached-keeps-addresses',
    row: 'M3',
    what: 'acks an attach while attached without checking the device info',
    fails: ['migrate/10', 'migrate/11', 'migrate/56'],
    edits: [edit(MIGRATE, 'if (isAdoptedHost(port))', 'if (isAdoptedHost(port) || true)')],
  },
  {
    id: 'migrate-attached-again',
    row: 'M11',
    what: 'attaches again to a host to which it is already attached',
    fails: ['migrate/7', 'migrate/10'],
    edits: [edit(MIGRATE, 'if (isAdoptedHost(port))', 'if (!isAdoptedHost(port) && port.address === 0)')],
  },
  {
    id: 'migrate-back-to-source-ignored',
    row: null,
    what: 'acks an attach to the host that it left, without attaching',
    fails: ['migrate/22'],
    edits: [
      edit(
        MIGRATE,
        '  if (!isDetached(port)) {\n',
        '  if (isAdoptedHost(port)) return repeated(port, MIGRATION_ATTACHED);\n  if (!isDetached(port)) {\n',
      ),
    ],
  },
  {
    id: 'migrate-second-shutdown',
    row: null,
    what: 'sends request 4 again for a repeated detach event',
    fails: ['migrate/6'],
    edits: [
      edit(
        MIGRATE,
        'if (isDetached(port)) repeated(port, MIGRATION_DETACHED);',
        'if (isDetached(port) && port.address === 0) repeated(port, MIGRATION_DETACHED);',
      ),
    ],
  },
  {
    id: 'migrate-any-status-acked',
    row: null,
    what: 'acks an unknown status with its own value instead of reporting failure',
    fails: ['migrate/8'],
    edits: [
      edit(
        MIGRATE,
        '  countMigration(port, MIGRATION_COUNTERS_REFUSED_STATUS);\n  ack(port, MIGRATION_ERROR);',
        '  countMigration(port, MIGRATION_COUNTERS_REFUSED_STATUS);\n  ack(port, status);',
      ),
    ],
  },
  {
    id: 'migrate-any-interrupt',
    row: 'C10',
    what: 'treats any interrupt as a migration event',
    fails: ['migrate/9'],
    edits: [
      edit(
        'driver/lock.ts',
        'if ((status & INTERRUPT_MIGRATION) === 0) return;',
        'if ((status | INTERRUPT_MIGRATION) === 0) return;',
      ),
    ],
  },
  {
    id: 'migrate-flag-kept-after-refusal',
    row: null,
    what: 'stays blocked after the host has refused the detach',
    fails: ['migrate/15', 'migrate/16', 'migrate/24'],
    edits: [edit(MIGRATE, '    unblockPort(port.address, BLOCKED_DETACHED);\n    if (!(error', '    if (!(error')],
  },
  {
    id: 'migrate-refusal-unnoticed',
    row: 'M3',
    what: 'acks the detach although request 4 failed',
    fails: ['migrate/11', 'migrate/15', 'migrate/16', 'migrate/17'],
    edits: [
      edit(
        MIGRATE,
        "    return refuse(port, 'detach', cause, error);\n",
        '    ack(port, MIGRATION_DETACHED);\n    return;\n',
      ),
    ],
  },
  {
    id: 'migrate-debt-ignored',
    row: null,
    what: 'takes a late answer for the answer to the next request',
    fails: ['migrate/17'],
    edits: [
      edit(
        'driver/control.ts',
        'if (loadPortAnswerOwed(port.address) === 0) return;',
        'if (loadPortAnswerOwed(port.address) !== 2) return;',
      ),
    ],
  },
  {
    id: 'migrate-flag-lowered-after-failure',
    row: 'M12',
    what: 'continues as attached after a failed attach',
    fails: ['migrate/18', 'migrate/19', 'migrate/20', 'migrate/21'],
    edits: [
      edit(
        MIGRATE,
        "    return refuse(port, 'attach', cause, error);",
        "    unblockPort(port.address, BLOCKED_DETACHED);\n    return refuse(port, 'attach', cause, error);",
      ),
    ],
  },
  {
    id: 'migrate-failed-attach-acked',
    row: 'C2',
    what: 'acks a failed attach as successful',
    fails: ['migrate/18', 'migrate/19', 'migrate/20', 'migrate/21'],
    edits: [
      edit(MIGRATE, "    return refuse(port, 'attach', cause, error);", '    return ack(port, MIGRATION_ATTACHED);'),
    ],
  },
  {
    id: 'migrate-flag-lowered-early',
    row: 'M10',
    what: 'unblocks bursts before it has opened the rings of the new host',
    fails: ['migrate/49'],
    edits: [
      edit(
        MIGRATE,
        '      const terms = negotiate(port, wishesOf(port), up);',
        '      openRings(port, wishesOf(port).rxQueues, loadPortTxQueues(port.address));\n      unblockPort(port.address, BLOCKED_DETACHED);\n      const terms = negotiate(port, wishesOf(port), up);',
      ),
      edit(MIGRATE, 'isAdoptedHost }', 'isAdoptedHost, openRings }'),
    ],
  },
  {
    id: 'migrate-handler-beside-request',
    row: null,
    what: 'handles a migration event while a control operation waits for its answer',
    fails: ['migrate/27'],
    edits: [edit('driver/lock.ts', '    if (!tryLock(port)) return;\n', '    tryLock(port);\n')],
  },
  {
    id: 'migrate-close-tells',
    row: null,
    what: 'sends request 4 on a close while detached',
    fails: ['migrate/28', 'migrate/30', 'migrate/52'],
    edits: [
      edit(
        'driver/lifecycle.ts',
        'if (isPresent(port) && !isDetached(port)) shutDown(port);',
        'if (isPresent(port)) shutDown(port);',
      ),
    ],
  },
  {
    id: 'migrate-close-keeps',
    row: 'M8',
    what: 'releases nothing on a close while detached',
    fails: ['migrate/28', 'migrate/52'],
    edits: [
      edit(
        'driver/lifecycle.ts',
        '  if (state === STATE_CLOSED) return;\n',
        '  if (state === STATE_CLOSED || isDetached(port)) return;\n',
      ),
    ],
  },
  {
    id: 'migrate-closed-serves',
    row: null,
    what: 'handles a migration event on a closed port',
    fails: ['migrate/29'],
    edits: [
      edit(
        'driver/lock.ts',
        'if (due && loadPortState(port.address) !== STATE_CLOSED) serveInterrupt(port);',
        'if (due) serveInterrupt(port);',
      ),
      edit('driver/lifecycle.ts', '  silence(port);\n', ''),
    ],
  },
  {
    id: 'migrate-detached-probed',
    row: null,
    what: 'probes a device that is being migrated',
    fails: ['migrate/25', 'migrate/31'],
    edits: [
      edit(
        'driver/probe.ts',
        '  pci.write32(BAR_MMIO, REG_MIGRATION_ACK, MIGRATION_DETACHED);\n  throw',
        '  if (pci.present) return;\n  throw',
      ),
    ],
  },
  {
    id: 'migrate-last-probed-only',
    row: null,
    what: 'handles the interrupts of the last probed port only',
    fails: ['migrate/14'],
    edits: [
      edit(
        'driver/lock.ts',
        '  pciOf(port).setInterruptHandler(() => noteInterrupt(port));',
        '  last = port;\n  pciOf(port).setInterruptHandler(() => noteInterrupt(last));',
      ),
      edit('driver/lock.ts', 'const RETRY_MS = 1;', 'const RETRY_MS = 1;\nlet last: PortContext;'),
    ],
  },
  {
    id: 'migrate-vanished-unnoticed',
    row: null,
    what: 'takes the silence of a device that has vanished for an answer',
    fails: ['migrate/23'],
    edits: [ABSENCE_NO_ERROR, ...NOTHING_ASKED, SILENCE_IS_SUCCESS],
  },
  {
    id: 'migrate-start-forgets',
    row: null,
    what: 'keeps using the control rings of its first host',
    fails: ['migrate/2', 'migrate/33'],
    edits: [
      edit(
        ADOPT,
        '  storePortSync(port, host.sync);',
        '  if (loadPortSync(port) === 0) storePortSync(port, host.sync);',
      ),
      edit(ADOPT, '  storePortSync,\n', '  loadPortSync,\n  storePortSync,\n'),
    ],
  },
  {
    id: 'migrate-host-keeps-buffers',
    row: 'F4',
    what: 'the host does not take back the buffers of a detached guest',
    fails: ['migrate/1', 'migrate/41'],
    edits: [
      edit(
        'emulator/device/migration/machine.ts',
        '      loseAll(host);\n      host.ringRights = RINGS_WITHDRAWN;',
        '      host.ringRights = RINGS_WITHDRAWN;',
      ),
    ],
  },
];
