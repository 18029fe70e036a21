import { edit, type Mutant } from '../build/mutant';

const MIGRATE = 'driver/migration.ts';
const ADOPT = 'driver/adopt.ts';

/** Drivers that keep data of the source host after a live migration. */
export const migrateHostMutants: readonly Mutant[] = [
  {
    id: 'migrate-queues-share-a-fifo',
    row: 'M5',
    what: 'attaches to a host with fewer transmit FIFOs than queues',
    fails: ['migrate/21'],
    edits: [
      edit(
        MIGRATE,
        '  if (queues > Math.min(info.maxTxQueues, MAX_QUEUES))',
        '  if (queues > Math.max(info.maxTxQueues, MAX_QUEUES))',
      ),
      edit(
        MIGRATE,
        '      const terms = negotiate(port, wishesOf(port), up);',
        '      const wishes = wishesOf(port);\n      const fewer = { ...wishes, txQueues: Math.min(wishes.txQueues, 2) };\n      const terms = { ...negotiate(port, fewer, up), txQueues: wishes.txQueues };',
      ),
    ],
  },
  {
    id: 'migrate-fifos-not-capped',
    row: 'M5',
    what: 'requests more receive FIFOs than the new host has',
    fails: ['migrate/34', 'migrate/43'],
    edits: [
      edit(
        'driver/negotiate.ts',
        '  return Math.min(Math.max(loadPortMinRxQueues(port.address), rxQueues), most);',
        '  return Math.max(loadPortMinRxQueues(port.address), rxQueues, most - most);',
      ),
    ],
  },
  {
    id: 'migrate-mapping-kept',
    row: 'M9',
    what: "does not distribute the new host's FIFOs over the queues",
    fails: ['migrate/35', 'migrate/44'],
    edits: [
      edit(
        MIGRATE,
        '      applyTerms(port, terms);',
        '      applyTerms(port, { ...terms, rxFifos: Math.min(terms.rxFifos, terms.rxQueues) });',
      ),
    ],
  },
  {
    id: 'migrate-buffer-size-kept',
    row: 'M4',
    what: 'keeps using the buffer size of its first host',
    fails: ['migrate/36', 'migrate/45', 'migrate/46', 'migrate/53'],
    edits: [
      edit(
        ADOPT,
        '  storePortMbufSize(port, info.mbufSize);',
        '  if (loadPortMbufSize(port) === 0) storePortMbufSize(port, info.mbufSize);',
      ),
      edit(ADOPT, '  storePortMbufSize,\n', '  loadPortMbufSize,\n  storePortMbufSize,\n'),
    ],
  },
  {
    id: 'migrate-simple-kept',
    row: 'M7',
    what: 'does not choose between simple and scattered mode again',
    fails: ['migrate/37'],
    edits: [
      edit(
        'driver/negotiate.ts',
        "import { type PortContext, settleBursts } from './context';",
        "import { isDetached, type PortContext, settleBursts } from './context';",
      ),
      edit(
        'driver/negotiate.ts',
        '  storeWishes(port, terms);\n  decideScattered(port);\n',
        '  storeWishes(port, terms);\n  if (!isDetached(port)) decideScattered(port);\n',
      ),
    ],
  },
  {
    id: 'migrate-feature-insisted-on',
    row: 'M6',
    what: 'requests the former features from the new host',
    fails: ['migrate/38'],
    edits: [
      edit(
        'driver/negotiate.ts',
        "import { type PortContext, settleBursts } from './context';",
        "import { isDetached, type PortContext, settleBursts } from './context';",
      ),
      edit(
        'driver/negotiate.ts',
        '  const features = featuresFor(port, wishes.vlanStrip, wishes.vlanInsert);',
        '  const features = isDetached(port) ? loadPortFeatures(port.address) : featuresFor(port, wishes.vlanStrip, wishes.vlanInsert);',
      ),
    ],
  },
  {
    id: 'migrate-windows-kept',
    row: 'M3',
    what: 'translates buffer addresses as on its first host',
    fails: ['migrate/2', 'migrate/13', 'migrate/39', 'migrate/42', 'migrate/47', 'migrate/48'],
    edits: [
      edit(
        ADOPT,
        '  host.windows.forEach((window, index) => adoptWindow(port, index, window));',
        '  if (load32(port + PORT_WINDOW + 8) === 0) host.windows.forEach((window, index) => adoptWindow(port, index, window));',
      ),
      edit(ADOPT, '  fill(port.address + PORT_WINDOW, 0, MAX_POOLS * POOL_WINDOW_BYTES);\n', ''),
      edit(
        ADOPT,
        "import { fill, readBytes, writeBytes } from '#mem';",
        "import { fill, load32, readBytes, writeBytes } from '#mem';",
      ),
    ],
  },
  {
    id: 'migrate-ring-length-kept',
    row: null,
    what: 'keeps using the ring lengths of its first host',
    fails: ['migrate/40'],
    edits: [
      edit(ADOPT, 'storePortTxLen(port, i, len)))', '0))'),
      edit(
        ADOPT,
        '  storePortAnswerOwed(port, 0);',
        '  storePortAnswerOwed(port, 0);\n  if (tx0 === 0) tx0 = host.tx[0]!.len;\n  host.tx.forEach((_ring, i) => storePortTxLen(port, i, tx0));',
      ),
      edit(ADOPT, '/** Writes a checked host', 'let tx0 = 0;\n/** Writes a checked host'),
    ],
  },
  {
    id: 'migrate-limits-kept',
    row: null,
    what: 'checks a configuration against the limits of its first host',
    fails: ['migrate/32'],
    edits: [
      edit(
        ADOPT,
        '  storePortMaxRxQueues(port, info.maxRxQueues);',
        '  if (loadPortMaxRxQueues(port) === 0) storePortMaxRxQueues(port, info.maxRxQueues);',
      ),
      edit(ADOPT, '  storePortMaxRxQueues,\n', '  loadPortMaxRxQueues,\n  storePortMaxRxQueues,\n'),
    ],
  },
  {
    id: 'migrate-filter-reset',
    row: null,
    what: 'loses promiscuous mode and statistics on attach',
    fails: ['migrate/12'],
    edits: [
      edit(
        MIGRATE,
        '  unblockPort(port.address, BLOCKED_DETACHED);\n  countMigration(port, MIGRATION_COUNTERS_ATTACHED);',
        '  storePortPromiscuous(port.address, 0);\n  unblockPort(port.address, BLOCKED_DETACHED);\n  countMigration(port, MIGRATION_COUNTERS_ATTACHED);',
      ),
      edit(MIGRATE, '  STATE_PROBED,\n', '  STATE_PROBED,\n  storePortPromiscuous,\n'),
    ],
  },
  {
    id: 'migrate-link-always-up',
    row: null,
    what: 'sets the link up on every attach',
    fails: ['migrate/26'],
    edits: [
      edit(
        MIGRATE,
        '  const up = loadPortLinkUp(port.address) !== 0;',
        '  const up = loadPortLinkUp(port.address) !== 2;',
      ),
    ],
  },
  {
    id: 'migrate-attach-through-unready-queue',
    row: 'M13',
    what: 'deals the FIFOs of a new host out to queues that are not set up, through their null pointer',
    fails: ['migrate/54'],
    edits: [
      edit(
        'driver/adopt.ts',
        "import { pciOf, type PortContext } from './context';",
        "import { isDetached, pciOf, type PortContext } from './context';",
      ),
      edit('driver/adopt.ts', '  POOL_WINDOW_BYTES,\n', '  loadRxQueueMempool,\n  POOL_WINDOW_BYTES,\n'),
      edit(
        'driver/adopt.ts',
        '    const q = rxQueueAt(port.address, queue);',
        `    const record = rxQueueAt(port.address, queue);
    const q = isDetached(port) && queue < rxQueues && loadRxQueueMempool(record) === 0 ? 0 : record;`,
      ),
    ],
  },
  {
    id: 'migrate-detached-start-tried',
    row: null,
    what: 'asks a host that is away to bring the link up',
    fails: ['migrate/55'],
    edits: [
      edit(
        'driver/lifecycle.ts',
        'export function startPort(port: PortContext): void {\n  needAttached(port);',
        'export function startPort(port: PortContext): void {\n  if (!isPresent(port)) needAttached(port);',
      ),
    ],
  },
];
