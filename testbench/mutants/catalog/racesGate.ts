import { edit, type Race } from '../build/mutant';
import { COMPARE_EXCHANGE_DRAINS, LOADS_STAY_IN_ORDER } from './raceReasons';

const GATE = 'driver/loops/gate.ts';
const CONTEXT = 'driver/context.ts';

const BLOCK = `  while (before !== found) {
    found = before;
    before = compareExchange32(port + PORT_BLOCKED, found, (found | bits) >>> 0);
  }
  fence();
`;

/** Entry and exit of a burst, against a control operation that blocks bursts and waits for them. */
export const gateRaces: readonly Race[] = [
  {
    id: 'race-entry-no-fence',
    what: 'a burst looks whether the port is blocked without a fence after it has set its busy word',
    hunt: { check: 'detach', memory: 'tso' },
    edits: [edit(GATE, '  store32(busy, 1);\n  fence();\n', '  store32(busy, 1);\n')],
  },
  {
    id: 'race-entry-release-for-fence',
    what: 'a burst sets its busy word by a release store in place of a store and a fence',
    hunt: { check: 'detach', memory: 'tso' },
    edits: [edit(GATE, '  store32(busy, 1);\n  fence();\n', '  storeRelease32(busy, 1);\n')],
  },
  {
    id: 'race-entry-looks-before-busy',
    what: 'a burst looks whether the port is blocked before it sets its busy word',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [
      edit(
        GATE,
        '  store32(busy, 1);\n  fence();\n  if (loadAcquire32(port + PORT_BLOCKED) === 0) return true;\n',
        `  const blocked: u32 = loadAcquire32(port + PORT_BLOCKED);
  store32(busy, 1);
  fence();
  if (blocked === 0) return true;
`,
      ),
    ],
  },
  {
    id: 'race-entry-not-busy',
    what: 'a burst does not set its busy word',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [edit(GATE, '  store32(busy, 1);\n  fence();\n', '')],
  },
  {
    id: 'race-entry-unblocked-assumed',
    what: 'a burst does not look whether the port is blocked',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [edit(GATE, 'if (loadAcquire32(port + PORT_BLOCKED) === 0) return true;', 'if (busy !== 0) return true;')],
  },
  {
    id: 'race-entry-blocked-not-acquired',
    what: 'a burst looks by a plain load whether the port is blocked',
    equivalent: LOADS_STAY_IN_ORDER,
    edits: [edit(GATE, 'if (loadAcquire32(port + PORT_BLOCKED) === 0)', 'if (load32(port + PORT_BLOCKED) === 0)')],
  },
  {
    id: 'race-entry-refused-stays-busy',
    what: 'a burst that finds the port blocked leaves its busy word set',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [edit(GATE, '  storeRelease32(busy, 0);\n  return false;\n', '  return false;\n')],
  },
  {
    id: 'race-entry-refused-not-released',
    what: 'a burst that finds the port blocked clears its busy word by a plain store',
    equivalent: 'the burst has stored nothing but its busy word, and stores to one word stay in order',
    edits: [edit(GATE, '  storeRelease32(busy, 0);\n  return false;\n', '  store32(busy, 0);\n  return false;\n')],
  },
  {
    id: 'race-entry-busy-for-the-look',
    what: 'a burst clears its busy word once it has found the port unblocked',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [
      edit(
        GATE,
        'if (loadAcquire32(port + PORT_BLOCKED) === 0) return true;\n  storeRelease32(busy, 0);\n  return false;',
        'const blocked: u32 = loadAcquire32(port + PORT_BLOCKED);\n  storeRelease32(busy, 0);\n  return blocked === 0;',
      ),
    ],
  },
  {
    id: 'race-exit-not-released',
    what: 'a burst clears its busy word at its end by a plain store',
    hunt: { check: 'detach', memory: 'pso' },
    missed:
      'PCT has not found it in some hundred schedules; the stores drain while time passes, and before the thread frees what it got',
    edits: [
      edit(
        GATE,
        'export function leaveBurst(busy: u32): void {\n  storeRelease32(busy, 0);',
        'export function leaveBurst(busy: u32): void {\n  store32(busy, 0);',
      ),
    ],
  },
  {
    id: 'race-exit-before-rx',
    what: 'a receive burst clears its busy word before it serves its rings',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [
      edit(
        'driver/loops/rx.ts',
        '  const delivered: u32 = serveNext(',
        '  leaveBurst(q + RX_QUEUE_BUSY);\n  const delivered: u32 = serveNext(',
      ),
    ],
  },
  {
    id: 'race-exit-before-tx',
    what: 'a transmit burst clears its busy word before it serves its rings',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [
      edit(
        'driver/loops/tx.ts',
        '  const taken: u32 = sendAll(',
        '  leaveBurst(q + TX_QUEUE_BUSY);\n  const taken: u32 = sendAll(',
      ),
    ],
  },
  {
    id: 'race-block-no-fence',
    what: 'blocks bursts without a fence afterwards',
    equivalent: COMPARE_EXCHANGE_DRAINS,
    edits: [edit(GATE, BLOCK, BLOCK.replace('  fence();\n', ''))],
  },
  {
    id: 'race-block-plain',
    what: 'blocks bursts by a plain store without a fence',
    hunt: { check: 'detach', memory: 'tso' },
    edits: [
      edit(
        GATE,
        `  let before: u32 = compareExchange32(port + PORT_BLOCKED, found, (found | bits) >>> 0);
${BLOCK}`,
        '  store32(port + PORT_BLOCKED, (found | bits) >>> 0);\n',
      ),
      edit(
        GATE,
        'let found: u32 = load32(port + PORT_BLOCKED);\n  store32',
        'const found: u32 = load32(port + PORT_BLOCKED);\n  store32',
      ),
    ],
  },
  {
    id: 'race-block-loses-bits',
    what: 'blocks bursts by a load and a store, which lose bits that another thread sets between them',
    hunt: { check: 'removal-unclosed', memory: 'sc' },
    edits: [
      edit(
        GATE,
        `  let before: u32 = compareExchange32(port + PORT_BLOCKED, found, (found | bits) >>> 0);
${BLOCK}`,
        '  store32(port + PORT_BLOCKED, (found | bits) >>> 0);\n  fence();\n',
      ),
    ],
  },
  {
    id: 'race-unblock-plain',
    what: 'unblocks bursts by a plain store, so that they may not see yet what the port has opened before',
    hunt: { check: 'attach', memory: 'pso' },
    edits: [
      edit(
        GATE,
        `  let before: u32 = compareExchange32(port + PORT_BLOCKED, found, (found & ~bits) >>> 0);
  while (before !== found) {
    found = before;
    before = compareExchange32(port + PORT_BLOCKED, found, (found & ~bits) >>> 0);
  }
`,
        '  store32(port + PORT_BLOCKED, (found & ~bits) >>> 0);\n',
      ),
    ],
  },
  {
    id: 'race-unblock-loses-bits',
    what: 'unblocks bursts by a load and a release store, which lose bits that another thread sets between them',
    hunt: { check: 'hot-unplug-unclosed', memory: 'sc' },
    edits: [
      edit(
        GATE,
        `  let before: u32 = compareExchange32(port + PORT_BLOCKED, found, (found & ~bits) >>> 0);
  while (before !== found) {
    found = before;
    before = compareExchange32(port + PORT_BLOCKED, found, (found & ~bits) >>> 0);
  }
`,
        '  storeRelease32(port + PORT_BLOCKED, (found & ~bits) >>> 0);\n  fence();\n',
      ),
    ],
  },
  {
    id: 'race-drain-busy-not-acquired',
    what: 'looks by plain loads whether a burst runs',
    equivalent: LOADS_STAY_IN_ORDER,
    edits: [
      edit(CONTEXT, "import { loadAcquire32 } from '#mem';", "import { load32, loadAcquire32 } from '#mem';"),
      edit(CONTEXT, 'loadAcquire32(rxQueueAt(', 'load32(rxQueueAt('),
      edit(CONTEXT, 'loadAcquire32(txQueueAt(', 'load32(txQueueAt('),
    ],
  },
  {
    id: 'race-drain-receive-forgotten',
    what: 'waits for transmit bursts only',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [edit(CONTEXT, '    if (loadAcquire32(rxQueueAt(port, queue) + RX_QUEUE_BUSY) !== 0) return true;\n', '')],
  },
  {
    id: 'race-drain-transmit-forgotten',
    what: 'waits for receive bursts only',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [edit(CONTEXT, '    if (loadAcquire32(txQueueAt(port, queue) + TX_QUEUE_BUSY) !== 0) return true;\n', '')],
  },
  {
    id: 'race-drain-first-queue-only',
    what: 'waits for the bursts of the first queue pair only',
    hunt: { check: 'detach', memory: 'sc', queues: 2 },
    edits: [
      edit(
        CONTEXT,
        'for (let queue = 0; queue < MAX_QUEUES; queue++) {\n    if (loadAcquire32(rx',
        'for (let queue = 0; queue < 1; queue++) {\n    if (loadAcquire32(rx',
      ),
    ],
  },
  {
    id: 'race-drain-waits-once',
    what: 'looks once whether bursts run, sleeps 1 ms if they do, and goes on',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [edit(CONTEXT, '  while (burstsRun(port.address)) {', '  if (burstsRun(port.address)) {')],
  },
  {
    id: 'race-drain-no-wait',
    what: 'does not wait for bursts',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [edit(CONTEXT, '  while (burstsRun(port.address)) {', '  while (untilMs < 0) {')],
  },
  {
    id: 'race-drain-gives-up-at-once',
    what: 'refuses a control operation as soon as it finds a burst under way',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [edit(CONTEXT, 'const DRAIN_WAIT_MS = 1_000;', 'const DRAIN_WAIT_MS = 0;')],
  },
  {
    id: 'race-drain-goes-on-after-the-wait',
    what: 'waits 1 ms for bursts, and then takes them for ended',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [
      edit(CONTEXT, 'const DRAIN_WAIT_MS = 1_000;', 'const DRAIN_WAIT_MS = 1;'),
      edit(CONTEXT, 'if (clock.nowMs() >= untilMs) return false;', 'if (clock.nowMs() >= untilMs) return true;'),
    ],
  },
];
