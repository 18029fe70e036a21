import { edit, type Race } from '../build/mutant';
import { COMPARE_EXCHANGE_DRAINS } from './raceReasons';

const LIFECYCLE = 'driver/lifecycle.ts';
const LIFETIME = 'driver/lifetime.ts';
const LOCK = 'driver/lock.ts';

const CLOSE_DRAIN = `  blockPort(port.address, BLOCKED_STOPPED);
  if (!drainBursts(port)) {
    if (state`;
const REMOVE = `    pciOf(port).setInterruptHandler(null);
    blockPort(port.address, BLOCKED_REMOVED);
    markRemoved(port);
    drainBursts(port);
    if (lockWithin(port, LAST_OPERATION_MS)) unlock(port);
`;
const LOCK_IMPORT = "import { compareExchange32, exchange32, fence, loadAcquire32, storeRelease32 } from '#mem';";
const LOCK_IMPORT_PLAIN =
  "import { compareExchange32, exchange32, fence, load32, loadAcquire32, store32, storeRelease32 } from '#mem';";
const UNLOCK = `export function unlock(port: PortContext): void {
  storeRelease32(port.address + PORT_LOCK, 0);
  fence();
  serveNotes(port);
}`;
const NOTE = `    storeRelease32(port.address + PORT_INTERRUPT_WAITING, 1);
    fence();
    serveNotes(port);
`;
const SERVE_NOTE = `      const due = exchange32(port.address + PORT_INTERRUPT_WAITING, 0) !== 0;
      if (due && loadPortState(port.address) !== STATE_CLOSED) serveInterrupt(port);
`;

/** Close and remove in the driver, the control lock, and who may still use a port's record. */
export const lifeRaces: readonly Race[] = [
  {
    id: 'race-close-drain-before-block',
    what: 'a close waits for bursts before it blocks them',
    hunt: { check: 'close', memory: 'sc' },
    edits: [
      edit(
        LIFECYCLE,
        CLOSE_DRAIN,
        `  const drained = drainBursts(port);
  blockPort(port.address, BLOCKED_STOPPED);
  if (!drained) {
    if (state`,
      ),
    ],
  },
  {
    id: 'race-close-no-block',
    what: 'a close waits for bursts and does not block them',
    hunt: { check: 'close', memory: 'sc' },
    edits: [edit(LIFECYCLE, CLOSE_DRAIN, CLOSE_DRAIN.replace('  blockPort(port.address, BLOCKED_STOPPED);\n', ''))],
  },
  {
    id: 'race-close-no-drain',
    what: 'a close does not wait for bursts',
    hunt: { check: 'close', memory: 'sc' },
    edits: [edit(LIFECYCLE, CLOSE_DRAIN, CLOSE_DRAIN.replace('!drainBursts(port)', 'state < 0'))],
  },
  {
    id: 'race-close-shutdown-before-drain',
    what: 'a close shuts the device down before it waits for bursts',
    hunt: { check: 'close', memory: 'sc' },
    edits: [
      edit(
        LIFECYCLE,
        CLOSE_DRAIN,
        `  silence(port);\n  if (isPresent(port) && !isDetached(port)) shutDown(port);\n${CLOSE_DRAIN}`,
      ),
      edit(
        LIFECYCLE,
        '  silence(port);\n  if (isPresent(port) && !isDetached(port)) shutDown(port);\n  forget',
        '  forget',
      ),
    ],
  },
  {
    id: 'race-close-forgets-before-drain',
    what: 'a close forgets the queues before it waits for bursts',
    hunt: { check: 'close', memory: 'sc' },
    edits: [
      edit(LIFECYCLE, CLOSE_DRAIN, `  forgetEverything(port);\n${CLOSE_DRAIN}`),
      edit(LIFECYCLE, 'shutDown(port);\n  forgetEverything(port);\n', 'shutDown(port);\n'),
    ],
  },
  {
    id: 'race-close-mask-after-shutdown',
    what: 'a close shuts the device down before it masks interrupts, as a detach would',
    equivalent:
      'the host keeps the rings until its next round, finds the mask closed then, and ends the guest as a shutdown under a closed mask does',
    edits: [
      edit(
        LIFECYCLE,
        '  silence(port);\n  if (isPresent(port) && !isDetached(port)) shutDown(port);\n',
        '  if (isPresent(port) && !isDetached(port)) shutDown(port);\n  silence(port);\n',
      ),
    ],
  },
  {
    id: 'race-close-unblocks-while-closing',
    what: 'a close lifts the block of a detach before it has forgotten the queues',
    equivalent: 'the block of the close itself stands meanwhile, and stays',
    edits: [
      edit(
        LIFECYCLE,
        '  forgetEverything(port);\n  storePortLinkUp',
        '  unblockPort(port.address, BLOCKED_DETACHED);\n  forgetEverything(port);\n  storePortLinkUp',
      ),
      edit(LIFECYCLE, 'STATE_CLOSED);\n  unblockPort(port.address, BLOCKED_DETACHED);\n', 'STATE_CLOSED);\n'),
    ],
  },
  {
    id: 'race-close-notes-served',
    what: 'an interrupt that came during a close is served on the closed port',
    hunt: { check: 'close-against-interrupt', memory: 'sc' },
    edits: [edit(LOCK, 'if (due && loadPortState(port.address) !== STATE_CLOSED) serve', 'if (due) serve')],
  },
  {
    id: 'race-remove-drain-before-block',
    what: 'a removal waits for bursts before it blocks them',
    hunt: { check: 'removal-unclosed', memory: 'sc' },
    edits: [
      edit(
        LOCK,
        REMOVE,
        REMOVE.replace('    drainBursts(port);\n', '').replace(
          '    blockPort',
          '    drainBursts(port);\n    blockPort',
        ),
      ),
    ],
  },
  {
    id: 'race-remove-no-block',
    what: 'a removal does not block bursts',
    hunt: { check: 'removal-unclosed', memory: 'sc' },
    edits: [edit(LOCK, REMOVE, REMOVE.replace('    blockPort(port.address, BLOCKED_REMOVED);\n', ''))],
  },
  {
    id: 'race-remove-no-drain',
    what: 'a removal does not wait for bursts',
    hunt: { check: 'removal-unclosed', memory: 'sc' },
    edits: [edit(LOCK, REMOVE, REMOVE.replace('    drainBursts(port);\n', ''))],
  },
  {
    id: 'race-remove-no-last-operation',
    what: 'a removal does not wait for the control operation under way',
    hunt: { check: 'removal-unclosed', memory: 'sc' },
    edits: [edit(LOCK, REMOVE, REMOVE.replace('    if (lockWithin(port, LAST_OPERATION_MS)) unlock(port);\n', ''))],
  },
  {
    id: 'race-remove-last-operation-no-wait',
    what: 'a removal tries the lock once, without waiting for the control operation under way',
    hunt: { check: 'removal-unclosed', memory: 'sc' },
    edits: [edit(LOCK, 'const LAST_OPERATION_MS = 20;', 'const LAST_OPERATION_MS = 0;')],
  },
  {
    id: 'race-remove-marks-after-the-wait',
    what: 'a removal marks the port as removed after it has waited for the control operation under way',
    hunt: { check: 'removal-unclosed', memory: 'sc' },
    missed: 'it shows only in how long the removal waits, which a schedule that keeps out the operation makes as long',
    edits: [edit(LOCK, REMOVE, `${REMOVE.replace('    markRemoved(port);\n', '')}    markRemoved(port);\n`)],
  },
  {
    id: 'race-remove-handler-last',
    what: 'a removal takes the interrupt handler away after it has waited for everything',
    equivalent: 'a handler that runs meanwhile finds the port marked as removed, and touches nothing of it',
    edits: [
      edit(
        LOCK,
        REMOVE,
        `${REMOVE.replace('    pciOf(port).setInterruptHandler(null);\n', '')}    pciOf(port).setInterruptHandler(null);\n`,
      ),
    ],
  },
  {
    id: 'race-life-frees-under-a-burst',
    what: 'the last user frees the record of a port without waiting for bursts',
    equivalent:
      'a thread that makes bursts has a view of the port until they have ended, and counts as a user that long',
    edits: [edit(LIFETIME, '  if (drainBursts(port)) release(port.address);', '  release(port.address);')],
  },
  {
    id: 'race-life-calls-not-counted',
    what: 'a call does not count as a user of the port, which another thread may free meanwhile',
    equivalent:
      'a thread that makes a call has a view of the port, and counts as a user; only a listener that ends the views of its own thread in the middle of a call would tell, in any order of accesses',
    edits: [
      edit(LIFETIME, '  add32(port.address + PORT_USERS, 1);\n  try {', '  try {'),
      edit(LIFETIME, '    } finally {\n      letGo(port);\n    }\n', '    } finally {\n      void port;\n    }\n'),
    ],
  },
  {
    id: 'race-life-count-loses-users',
    what: 'users of a port are counted down by a load and a store',
    hunt: { check: 'removal-unclosed', memory: 'sc' },
    edits: [
      edit(
        LIFETIME,
        "import { add32, storeRelease32 } from '#mem';",
        "import { add32, loadAcquire32, storeRelease32 } from '#mem';",
      ),
      edit(
        LIFETIME,
        '  if (add32(port.address + PORT_USERS, 0xffff_ffff) !== 1) return;\n',
        `  const users = loadAcquire32(port.address + PORT_USERS);
  storeRelease32(port.address + PORT_USERS, users - 1);
  if (users !== 1) return;
`,
      ),
    ],
  },
  {
    id: 'race-lock-not-atomic',
    what: 'the control lock is taken by a load and a store',
    hunt: { check: 'control', memory: 'sc' },
    edits: [
      edit(
        LOCK,
        '  return compareExchange32(port.address + PORT_LOCK, 0, 1) === 0;',
        `  if (loadAcquire32(port.address + PORT_LOCK) !== 0) return false;
  storeRelease32(port.address + PORT_LOCK, 1);
  fence();
  return true;`,
      ),
    ],
  },
  {
    id: 'race-lock-not-released',
    what: 'the control lock is given up by a plain store',
    hunt: { check: 'close-against-interrupt', memory: 'pso' },
    missed:
      'PCT has not found it in 1,000 schedules; a thread that waits for the lock sleeps, and stores drain while time passes',
    edits: [
      edit(LOCK, LOCK_IMPORT, LOCK_IMPORT_PLAIN),
      edit(LOCK, UNLOCK, UNLOCK.replace('storeRelease32', 'store32')),
    ],
  },
  {
    id: 'race-lock-no-wait',
    what: 'a control operation fails if another one holds the lock, without waiting for it',
    hunt: { check: 'close-against-interrupt', memory: 'sc' },
    edits: [edit(LOCK, 'const LOCK_WAIT_MS = 3_000;', 'const LOCK_WAIT_MS = 0;')],
  },
  {
    id: 'race-lock-looks-for-notes-unfenced',
    what: 'looks for notes of interrupts without a fence after it has given up the lock',
    hunt: { check: 'control-against-interrupt', memory: 'tso' },
    edits: [edit(LOCK, UNLOCK, UNLOCK.replace('  fence();\n', ''))],
  },
  {
    id: 'race-lock-looks-again-unfenced',
    what: 'looks for further notes of interrupts without a fence after it has given up the lock',
    hunt: { check: 'control-against-interrupt', memory: 'tso' },
    missed: 'PCT has not found it in 10,000 schedules',
    edits: [
      edit(
        LOCK,
        '      storeRelease32(port.address + PORT_LOCK, 0);\n      fence();\n',
        '      storeRelease32(port.address + PORT_LOCK, 0);\n',
      ),
    ],
  },
  {
    id: 'race-lock-notes-before-unlock',
    what: 'looks for notes of interrupts before it gives up the lock',
    hunt: { check: 'control-against-interrupt', memory: 'sc' },
    edits: [
      edit(
        LOCK,
        UNLOCK,
        `export function unlock(port: PortContext): void {
  const due = loadAcquire32(port.address + PORT_INTERRUPT_WAITING) !== 0;
  storeRelease32(port.address + PORT_LOCK, 0);
  fence();
  if (due) serveNotes(port);
}`,
      ),
    ],
  },
  {
    id: 'race-lock-note-after-the-try',
    what: 'the interrupt handler leaves its note only after it has found the lock taken',
    hunt: { check: 'control-against-interrupt', memory: 'sc' },
    edits: [
      edit(
        LOCK,
        NOTE,
        `    if (!tryLock(port)) {
      storeRelease32(port.address + PORT_INTERRUPT_WAITING, 1);
      fence();
      return;
    }
    storeRelease32(port.address + PORT_INTERRUPT_WAITING, 1);
    unlock(port);
`,
      ),
    ],
  },
  {
    id: 'race-lock-note-unfenced',
    what: 'the interrupt handler tries the lock without a fence after its note',
    equivalent: COMPARE_EXCHANGE_DRAINS,
    edits: [edit(LOCK, NOTE, NOTE.replace('    fence();\n', ''))],
  },
  {
    id: 'race-lock-note-cleared-late',
    what: 'the note of an interrupt is cleared only after it has been served',
    hunt: { check: 'control-against-interrupt', memory: 'sc' },
    missed: 'PCT has not found it in 10,000 schedules',
    edits: [
      edit(
        LOCK,
        SERVE_NOTE,
        `      if (loadPortState(port.address) !== STATE_CLOSED) serveInterrupt(port);
      storeRelease32(port.address + PORT_INTERRUPT_WAITING, 0);
`,
      ),
    ],
  },
];
