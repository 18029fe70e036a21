import { edit, type Mutant } from '../build/mutant';

/** Returns every buffer on rx to the host, unread. */
const DISCARD = `
function discardRx(port: number): void {
  const fifo = require('../shared/loops/fifo');
  const { loadPortRxFifos, RX_PAIR_RX, RX_PAIR_FREE } = require('./loops/records');
  for (let pair = 0; pair < loadPortRxFifos(port); pair++) {
    const rx = require('./loops/rx').rxPairAt(port, pair) + RX_PAIR_RX;
    const free = rx - RX_PAIR_RX + RX_PAIR_FREE;
    const entries = fifo.fifoCount(rx);
    for (let i = 0; i < entries; i++) fifo.fifoFill(free, i, fifo.fifoPeekLo(rx, i), fifo.fifoPeekHi(rx, i));
    fifo.fifoPublishRead(rx, entries);
    fifo.fifoPublishWrite(free, entries);
  }
}
`;

/** Receives what lies on rx into mbufs, which nobody gets. */
const SWALLOW = `
function swallowRx(port: number): void {
  for (let queue = 0; queue < 8; queue++) require('./loops/rx').receiveBurst(port, queue, require('./loops/rx').rxQueueAt(port, queue) + require('./loops/records').RX_QUEUE_SLOTS, 64);
}
`;

/**
 * Drivers that lose what lies on the rings at a certain moment, or that lose buffers which nobody misses. With an
 * application that polls, packets lie there only if a clause sees to it.
 */
export const onTheRingsMutants: readonly Mutant[] = [
  {
    id: 'fifo-buffer-lost',
    row: null,
    what: 'loses a host buffer with every burst of several packets',
    fails: ['fifo/8', 'migrate/13', 'migrate/42', 'migrate/46', 'migrate/47', 'migrate/48'],
    edits: [
      edit(
        'driver/loops/rx.ts',
        'fifoPublishWrite(free, entries);',
        'fifoPublishWrite(free, entries > 1 ? entries - 1 : entries);',
      ),
    ],
  },
  {
    id: 'link-stop-empties-rx',
    row: null,
    what: 'throws away what lies on rx when the port is stopped',
    application: 'polling',
    fails: ['link/6'],
    edits: [
      edit(
        'driver/lifecycle.ts',
        '  sendLink(port, false);\n',
        '  sendLink(port, false);\n  discardRx(port.address);\n',
      ),
      edit('driver/lifecycle.ts', 'function needQueuesSetUp', `${DISCARD}\nfunction needQueuesSetUp`),
    ],
  },
  {
    id: 'stats-reset-empties-rx',
    row: null,
    what: 'throws away what lies on rx when the statistics are reset',
    application: 'polling',
    fails: ['stats/6'],
    edits: [
      edit(
        'driver/stats.ts',
        'export function resetStats(port: PortContext): void {\n',
        `${DISCARD}\nexport function resetStats(port: PortContext): void {\n  discardRx(port.address);\n`,
      ),
    ],
  },
  {
    id: 'migrate-repeated-attach-empties-rx',
    row: null,
    what: 'throws away what lies on rx when an attach is repeated',
    application: 'polling',
    fails: ['migrate/7'],
    edits: [
      edit(
        'driver/migration.ts',
        '    if (isAdoptedHost(port)) return repeated(port, MIGRATION_ATTACHED);\n',
        '    if (isAdoptedHost(port)) {\n      discardRx(port.address);\n      return repeated(port, MIGRATION_ATTACHED);\n    }\n',
      ),
      edit('driver/migration.ts', 'function isConfigured', `${DISCARD}\nfunction isConfigured`),
    ],
  },
  {
    id: 'hotplug-rx-swallowed-at-close',
    row: 'C12',
    what: 'receives what lies on rx when it closes, and frees none of it',
    application: 'polling',
    fails: ['hotplug/3'],
    edits: [
      edit(
        'driver/lifecycle.ts',
        '  blockPort(port.address, BLOCKED_STOPPED);\n  if (!drainBursts(port)) {\n    if (state',
        '  unblockPort(port.address, BLOCKED_STOPPED);\n  swallowRx(port.address);\n  blockPort(port.address, BLOCKED_STOPPED);\n  if (!drainBursts(port)) {\n    if (state',
      ),
      edit('driver/lifecycle.ts', 'function needQueuesSetUp', `${SWALLOW}\nfunction needQueuesSetUp`),
    ],
  },
  {
    id: 'migrate-rx-swallowed-at-detach',
    row: null,
    what: 'receives what lies on rx when it detaches, and frees none of it',
    application: 'polling',
    fails: ['migrate/13', 'migrate/42', 'migrate/46', 'migrate/47', 'migrate/48'],
    edits: [
      edit(
        'driver/migration.ts',
        '  blockPort(port.address, BLOCKED_DETACHED);\n  let cause',
        '  swallowRx(port.address);\n  blockPort(port.address, BLOCKED_DETACHED);\n  let cause',
      ),
      edit('driver/migration.ts', 'function isConfigured', `${SWALLOW}\nfunction isConfigured`),
    ],
  },
  {
    id: 'migrate-transmit-fifos-unchecked',
    row: 'M5',
    what: 'leaves it to the host whether there are FIFOs for all transmit queues',
    fails: ['migrate/21'],
    edits: [edit('driver/migration.ts', '    needTxFifos(port, host);\n', '')],
  },
  {
    id: 'migrate-removed-keeps-record',
    row: 'M8',
    what: 'does not release the record of a port that is removed while detached',
    fails: ['migrate/30'],
    edits: [
      edit(
        'driver/lifetime.ts',
        'export function endLife(port: PortContext): void {\n',
        'export function endLife(port: PortContext): void {\n  if (loadPortRxQueues(port.address) === 0 && wasDetached.delete(port.address)) return leaveAll(port);\n',
      ),
      edit(
        'driver/lifetime.ts',
        "import { PORT_REMOVED, PORT_USERS } from './loops/records';",
        "import { loadPortRxQueues, PORT_REMOVED, PORT_USERS } from './loops/records';\nexport const wasDetached = new Set<number>();",
      ),
      edit(
        'driver/lifecycle.ts',
        '  silence(port);\n',
        "  if (isDetached(port)) require('./lifetime').wasDetached.add(port.address);\n  silence(port);\n",
      ),
    ],
  },
  {
    id: 'info-magic-unnamed',
    row: null,
    what: 'refuses a device info with a wrong magic without a word on what is wrong',
    fails: ['info/6'],
    edits: [
      edit(
        'driver/deviceInfo.ts',
        "throw refusal('EINVAL', 'device_info.magic', hex32(magic), hex32(DEVICE_MAGIC));",
        "throw refusal('EINVAL', 'the device', 'no good', 'another one');",
      ),
    ],
  },
  {
    id: 'rx-stale-flags-of-chains',
    row: null,
    what: 'resets the flags of an mbuf only where the packet is no chain',
    fails: ['rx/12'],
    edits: [
      edit(
        'driver/loops/rx.ts',
        '    mbufReset(mbuf, port, bytes);\n',
        '    const flags: u32 = loadMbufOlFlags(mbuf);\n    mbufReset(mbuf, port, bytes);\n    if (mbufs > 1) storeMbufOlFlags(mbuf, flags);\n',
      ),
      edit('driver/loops/rx.ts', '  loadPortMaxRxPktLen,\n', '  loadMbufOlFlags,\n  loadPortMaxRxPktLen,\n'),
    ],
  },
];
