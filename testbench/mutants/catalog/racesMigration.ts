import { edit, type Race } from '../build/mutant';

const MIGRATION = 'driver/migration.ts';

const BLOCK = '  blockPort(port.address, BLOCKED_DETACHED);\n';
const DETACH = `${BLOCK}  let cause = MIGRATION_COUNTERS_REFUSED_BURST;
  try {
    needDrained(port);
    cause = MIGRATION_COUNTERS_REFUSED_REQUEST;
    sendShutdown(port);
`;
const LET_GO = `  forgetRings(port);
  countMigration(port, MIGRATION_COUNTERS_DETACHED);
  recordEvent(port.address, 'detached');
  ack(port, MIGRATION_DETACHED);
`;
const UNBLOCK = '  unblockPort(port.address, BLOCKED_DETACHED);\n';
const ATTACHED = `${UNBLOCK}  countMigration(port, MIGRATION_COUNTERS_ATTACHED);`;

function detachAs(steps: string): ReturnType<typeof edit> {
  return edit(MIGRATION, DETACH, steps);
}

/** Order of the steps of a detach and of an attach in the driver. */
export const migrationRaces: readonly Race[] = [
  {
    id: 'race-detach-drain-before-block',
    what: 'a detach waits for bursts before it blocks them',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [
      detachAs(`  let cause = MIGRATION_COUNTERS_REFUSED_BURST;
  try {
    needDrained(port);
  ${BLOCK}    cause = MIGRATION_COUNTERS_REFUSED_REQUEST;
    sendShutdown(port);
`),
    ],
  },
  {
    id: 'race-detach-no-block',
    what: 'a detach blocks bursts only after the shutdown',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [
      detachAs(`  let cause = MIGRATION_COUNTERS_REFUSED_BURST;
  try {
    needDrained(port);
    cause = MIGRATION_COUNTERS_REFUSED_REQUEST;
    sendShutdown(port);
  ${BLOCK}`),
    ],
  },
  {
    id: 'race-detach-no-drain',
    what: 'a detach does not wait for bursts',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [detachAs(DETACH.replace('    needDrained(port);\n', ''))],
  },
  {
    id: 'race-detach-shutdown-before-drain',
    what: 'a detach sends the shutdown before it waits for bursts',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [
      detachAs(`${BLOCK}  let cause = MIGRATION_COUNTERS_REFUSED_REQUEST;
  try {
    sendShutdown(port);
    cause = MIGRATION_COUNTERS_REFUSED_BURST;
    needDrained(port);
`),
    ],
  },
  {
    id: 'race-detach-shutdown-before-block',
    what: 'a detach sends the shutdown before it blocks bursts and waits for them',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [
      detachAs(`  let cause = MIGRATION_COUNTERS_REFUSED_REQUEST;
  try {
    sendShutdown(port);
  ${BLOCK}    cause = MIGRATION_COUNTERS_REFUSED_BURST;
    needDrained(port);
`),
    ],
  },
  {
    id: 'race-detach-drain-after-forgetting',
    what: 'a detach forgets the rings before it waits for bursts',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [
      detachAs(`${BLOCK}  let cause = MIGRATION_COUNTERS_REFUSED_BURST;
  try {
    forgetRings(port);
    needDrained(port);
    cause = MIGRATION_COUNTERS_REFUSED_REQUEST;
    sendShutdown(port);
`),
    ],
  },
  {
    id: 'race-detach-ack-before-drain',
    what: 'a detach acks before it waits for bursts',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [
      detachAs(DETACH.replace('    needDrained', '    ack(port, MIGRATION_DETACHED);\n    needDrained')),
      edit(MIGRATION, LET_GO, LET_GO.replace('  ack(port, MIGRATION_DETACHED);\n', '')),
    ],
  },
  {
    id: 'race-detach-ack-before-block',
    what: 'a detach acks before it blocks bursts',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [
      detachAs(`  ack(port, MIGRATION_DETACHED);\n${DETACH}`),
      edit(MIGRATION, LET_GO, LET_GO.replace('  ack(port, MIGRATION_DETACHED);\n', '')),
    ],
  },
  {
    id: 'race-detach-forgets-after-ack',
    what: 'a detach acks before it forgets the rings',
    equivalent:
      'bursts are blocked, only they use what is forgotten, and the attach that opens rings again is served by the same thread',
    edits: [
      edit(
        MIGRATION,
        LET_GO,
        `  ack(port, MIGRATION_DETACHED);\n${LET_GO.replace('  ack(port, MIGRATION_DETACHED);\n', '')}`,
      ),
    ],
  },
  {
    id: 'race-detach-unblocks-after-refusal',
    what: 'a detach that fails acks 3 before it unblocks bursts',
    equivalent: 'a blocked burst does nothing, and a host that has its ack 3 waits for none',
    edits: [
      edit(
        MIGRATION,
        `    unblockPort(port.address, BLOCKED_DETACHED);
    if (!(error instanceof ErrnoError)) throw error;
    return refuse(port, 'detach', cause, error);
`,
        `    if (!(error instanceof ErrnoError)) throw error;
    refuse(port, 'detach', cause, error);
    return unblockPort(port.address, BLOCKED_DETACHED);
`,
      ),
    ],
  },
  {
    id: 'race-attach-unblocks-first',
    what: 'an attach unblocks bursts before it adopts the host',
    hunt: { check: 'attach', memory: 'sc' },
    edits: [
      edit(MIGRATION, '    forgetRings(port);\n    adoptHost(', `  ${UNBLOCK}    forgetRings(port);\n    adoptHost(`),
      edit(MIGRATION, ATTACHED, ATTACHED.replace(UNBLOCK, '')),
    ],
  },
  {
    id: 'race-attach-unblocks-before-request',
    what: 'an attach unblocks bursts before the host has accepted the terms',
    hunt: { check: 'attach', memory: 'sc' },
    edits: [
      edit(
        MIGRATION,
        '      const terms = negotiate(',
        '      unblockPort(port.address, BLOCKED_DETACHED);\n      const terms = negotiate(',
      ),
      edit(MIGRATION, ATTACHED, ATTACHED.replace(UNBLOCK, '')),
    ],
  },
  {
    id: 'race-attach-unblocks-before-terms',
    what: 'an attach unblocks bursts before it opens the rings',
    hunt: { check: 'attach', memory: 'sc' },
    edits: [
      edit(
        MIGRATION,
        '      applyTerms(port, terms);',
        '      unblockPort(port.address, BLOCKED_DETACHED);\n      applyTerms(port, terms);',
      ),
      edit(MIGRATION, ATTACHED, ATTACHED.replace(UNBLOCK, '')),
    ],
  },
  {
    id: 'race-attach-maps-before-opening',
    what: 'an attach unblocks bursts after it has mapped the FIFOs, and opens the rings then',
    hunt: { check: 'attach', memory: 'sc' },
    edits: [
      edit(
        'driver/negotiate.ts',
        '  openRings(port, terms.rxFifos, terms.txQueues);\n  mapRxFifos(port, terms.rxFifos, terms.rxQueues);\n',
        `  mapRxFifos(port, terms.rxFifos, terms.rxQueues);
  unblockPort(port.address, BLOCKED_DETACHED);
  openRings(port, terms.rxFifos, terms.txQueues);
`,
      ),
      edit(
        'driver/negotiate.ts',
        'import {\n  loadPortFeatures,',
        "import { unblockPort } from './loops/gate';\nimport {\n  BLOCKED_DETACHED,\n  loadPortFeatures,",
      ),
    ],
  },
  {
    id: 'race-attach-opens-before-request',
    what: 'an attach opens the rings before the host has accepted the terms and granted them',
    hunt: { check: 'attach', memory: 'sc' },
    edits: [
      edit(
        MIGRATION,
        `      const terms = negotiate(port, wishesOf(port), up);
      cause = MIGRATION_COUNTERS_REFUSED_HOST;
      applyTerms(port, terms);`,
        `      const wishes = wishesOf(port);
      applyTerms(port, { ...wishes, rxFifos: wishes.rxQueues, features: 0 });
      unblockPort(port.address, BLOCKED_DETACHED);
      negotiate(port, wishes, up);
      cause = MIGRATION_COUNTERS_REFUSED_HOST;`,
      ),
    ],
  },
  {
    id: 'race-attach-ack-before-unblock',
    what: 'an attach acks before it unblocks bursts',
    equivalent: 'a blocked burst does nothing, and a host that has its ack waits for no burst',
    edits: [
      edit(MIGRATION, ATTACHED, `  ack(port, MIGRATION_ATTACHED);\n${ATTACHED}`),
      edit(MIGRATION, 'lostWishes(port));\n  ack(port, MIGRATION_ATTACHED);\n', 'lostWishes(port));\n'),
    ],
  },
  {
    id: 'race-attach-ack-before-request',
    what: 'an attach acks before it has negotiated with the host',
    hunt: { check: 'attach', memory: 'sc' },
    edits: [
      edit(
        MIGRATION,
        '    if (isConfigured(port)) {\n',
        '    ack(port, MIGRATION_ATTACHED);\n    if (isConfigured(port)) {\n',
      ),
      edit(MIGRATION, 'lostWishes(port));\n  ack(port, MIGRATION_ATTACHED);\n', 'lostWishes(port));\n'),
    ],
  },
  {
    id: 'race-attach-unannounced-no-block',
    what: 'an attach that follows no detach adopts the other host without blocking bursts',
    hunt: { check: 'attach-unannounced', memory: 'sc' },
    edits: [edit(MIGRATION, '    blockPort(port.address, BLOCKED_DETACHED);\n    recordEvent(', '    recordEvent(')],
  },
  {
    id: 'race-attach-no-drain',
    what: 'an attach does not wait for bursts that began before',
    hunt: { check: 'attach-unannounced', memory: 'sc' },
    edits: [
      edit(
        MIGRATION,
        '    needDrained(port);\n    cause = MIGRATION_COUNTERS_REFUSED_HOST;',
        '    cause = MIGRATION_COUNTERS_REFUSED_HOST;',
      ),
    ],
  },
];
