import { edit, type Race } from '../build/mutant';

const MIGRATION = 'emulator/device/migration/migration.ts';
const TO_GUEST = 'emulator/device/loops/toGuest.ts';
const FROM_GUEST = 'emulator/device/loops/fromGuest.ts';
const LEND = 'emulator/device/loops/lend.ts';
const TAKE_BACK = 'emulator/device/loops/takeBack.ts';
const FUNCTION = 'emulator/device/pci/deviceFunction.ts';
const LINE = 'emulator/device/pci/interruptLine.ts';
const CORE = 'emulator/device/core.ts';
const PORT_LIFE = 'emulator/device/control/portLife.ts';
const LOCK = 'driver/lock.ts';
const DRIVER_MIGRATION = 'driver/migration.ts';

const RAISE = '    this.pci.interrupts.raise(INTERRUPT_MIGRATION);\n';
const ACCEPT = `  const first: u32 = fillChain(port, queue, address, tagged, length, size);
  fillSlot(queue, first, 0);
  stage(port, queue, 1, segments);
`;
const LEND_ONE = `    lend(port, queue, buffer, (number + filled) >>> 0);
    fifoFill(queue + HOST_TX_QUEUE_ALLOC, filled, loadHostBufferDescLo(buffer), loadHostBufferDescHi(buffer));
`;
const LEND_PUBLISH = '  fifoPublishWrite(queue + HOST_TX_QUEUE_ALLOC, filled);\n';
const RIGHTS = `    protect(loadHostBufferDesc(buffer), DESC_BYTES, (DRIVER_READ | HOST_ONLY) >>> 0);
    protect(loadHostBufferData(buffer), loadHostPortMbufSize(port), (DRIVER_READ | HOST_ONLY) >>> 0);
`;
const REMOVED = '    storeRelease32(this.function.base + PCI_FUNCTION_REMOVED, 1);\n';

/** The host: rings, registers, interrupt, the end of a guest and of a device. */
export const hostRaces: readonly Race[] = [
  {
    id: 'race-host-rx-index-before-slot',
    what: 'the host publishes the write index of rx before it fills the slot',
    hunt: { check: 'rx-burst', memory: 'sc' },
    edits: [
      edit(
        TO_GUEST,
        ACCEPT,
        `  const first: u32 = fillChain(port, queue, address, tagged, length, size);
  stage(port, queue, 1, segments);
  flushRx(queue);
  fillSlot(queue, first, 0xffffffff);
`,
      ),
    ],
  },
  {
    id: 'race-host-rx-slot-before-packet',
    what: 'the host publishes a packet before it writes descriptor and data',
    hunt: { check: 'rx-burst', memory: 'sc' },
    edits: [
      edit(
        TO_GUEST,
        ACCEPT,
        `  const top: u32 = peekBuffer(port, 0);
  fillSlot(queue, top, 0);
  stage(port, queue, 1, segments);
  flushRx(queue);
  fillChain(port, queue, address, tagged, length, size);
`,
      ),
      edit(
        TO_GUEST,
        'import { countAt, lesser, restoreBuffer,',
        'import { countAt, lesser, peekBuffer, restoreBuffer,',
      ),
    ],
  },
  {
    id: 'race-host-rx-length-after-index',
    what: 'the host writes length and segment count of a packet after it has published the packet',
    hunt: { check: 'rx-burst', memory: 'sc' },
    edits: [
      edit(TO_GUEST, '    if (buffer === first) describePacket(first, address, tagged, length, size);\n', ''),
      edit(TO_GUEST, ACCEPT, `${ACCEPT}  flushRx(queue);\n  describePacket(first, address, tagged, length, size);\n`),
    ],
  },
  {
    id: 'race-host-rx-rights-after-index',
    what: 'the host grants the guest its rights to a packet after it has published the packet',
    hunt: { check: 'rx-burst', memory: 'sc' },
    edits: [
      edit(TO_GUEST, RIGHTS, ''),
      edit(TO_GUEST, ACCEPT, `${ACCEPT}  flushRx(queue);\n${RIGHTS.replaceAll('(buffer)', '(first)')}`),
    ],
  },
  {
    id: 'race-host-looks-at-rx-before-free',
    what: 'the host reads the guest index of rx before that of free, so that a chain seems to be on both',
    hunt: { check: 'rx-burst', memory: 'sc' },
    edits: [
      edit(
        TAKE_BACK,
        '  const filled: u32 = fifoCount(queue + HOST_RX_QUEUE_FREE);\n',
        '  const sound: bool = observeRx(queue);\n  const filled: u32 = fifoCount(queue + HOST_RX_QUEUE_FREE);\n',
      ),
      edit(TAKE_BACK, 'filled === 0 || !observeRx(queue)) return;', 'filled === 0 || !sound) return;'),
    ],
  },
  {
    id: 'race-host-looks-at-alloc-before-tx',
    what: 'the host reads the guest index of alloc before that of tx, so that a buffer seems to be on both',
    hunt: { check: 'tx-burst', memory: 'sc' },
    edits: [
      edit(
        FROM_GUEST,
        '  const filled: u32 = fifoCount(queue + HOST_TX_QUEUE_TX);\n',
        '  const sound: bool = observeAlloc(queue);\n  const filled: u32 = fifoCount(queue + HOST_TX_QUEUE_TX);\n',
      ),
      edit(FROM_GUEST, 'filled === 0 || !observeAlloc(queue)) return 0;', 'filled === 0 || !sound) return 0;'),
    ],
  },
  {
    id: 'race-host-alloc-index-before-slot',
    what: 'the host publishes the write index of alloc before it fills the slot',
    hunt: { check: 'tx-burst', memory: 'sc', packets: 6 },
    edits: [
      edit(
        LEND,
        LEND_ONE,
        `    lend(port, queue, buffer, (number + filled) >>> 0);
    fifoPublishWrite(queue + HOST_TX_QUEUE_ALLOC, 1);
    fifoFill(queue + HOST_TX_QUEUE_ALLOC, 0xffffffff, loadHostBufferDescLo(buffer), loadHostBufferDescHi(buffer));
`,
      ),
      edit(LEND, LEND_PUBLISH, ''),
    ],
  },
  {
    id: 'race-host-lends-after-index',
    what: 'the host empties a buffer and grants the guest its rights after it has put it on alloc',
    hunt: { check: 'tx-burst', memory: 'sc', packets: 6 },
    edits: [
      edit(
        LEND,
        LEND_ONE,
        `    fifoFill(queue + HOST_TX_QUEUE_ALLOC, 0, loadHostBufferDescLo(buffer), loadHostBufferDescHi(buffer));
    fifoPublishWrite(queue + HOST_TX_QUEUE_ALLOC, 1);
    lend(port, queue, buffer, (number + filled) >>> 0);
`,
      ),
      edit(LEND, LEND_PUBLISH, ''),
    ],
  },
  {
    id: 'race-host-tx-given-back-before-fetch',
    what: 'the host gives a slot of tx back before it has taken the packet',
    equivalent:
      'the slots of a burst are fetched before; a guest that sees the slot free has no buffer of that packet to fill again',
    edits: [
      edit(
        FROM_GUEST,
        '  while (at < count && to <= last) {\n',
        '  while (at < count && to <= last) {\n    fifoPublishRead(queue + HOST_TX_QUEUE_TX, 1);\n',
      ),
      edit(FROM_GUEST, '  if (taken !== 0) fifoPublishRead(queue + HOST_TX_QUEUE_TX, taken);\n', ''),
    ],
  },
  {
    id: 'race-host-interrupt-before-status',
    what: 'the host raises the interrupt of a migration before it sets the status',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [
      edit(MIGRATION, RAISE, ''),
      edit(
        MIGRATION,
        '    this.setStatus(host, status);\n    storeHostDeviceAckDue',
        `${RAISE}    this.setStatus(host, status);\n    storeHostDeviceAckDue`,
      ),
    ],
  },
  {
    id: 'race-host-ack-cleared-after-interrupt',
    what: 'the host clears the ack register after it has raised the interrupt, perhaps over the ack',
    hunt: { check: 'control-against-interrupt', memory: 'sc' },
    edits: [
      edit(MIGRATION, 'const ack = this.pci.takeMigrationAck();', 'const ack = this.pci.migrationAck;'),
      edit(MIGRATION, RAISE, `${RAISE}    this.pci.takeMigrationAck();\n`),
    ],
  },
  {
    id: 'race-host-status-not-released',
    what: 'the host sets the migration status by a plain store',
    equivalent: 'the compare-and-exchange on the interrupt status, which tells the guest to look, waits for all stores',
    edits: [
      edit(FUNCTION, 'loadAcquire32, storeRelease32 }', 'loadAcquire32, store32, storeRelease32 }'),
      edit(
        FUNCTION,
        'storeRelease32(this.register(REG_MIGRATION_STATUS), value);',
        'store32(this.register(REG_MIGRATION_STATUS), value);',
      ),
    ],
  },
  {
    id: 'race-host-interrupt-before-its-status',
    what: 'the host delivers an interrupt before it sets the bit of the interrupt status',
    hunt: { check: 'detach', memory: 'sc' },
    edits: [
      edit(
        LINE,
        '    this.setStatus((allowed | late) >>> 0);\n    if (allowed !== 0) this.send();\n',
        '    if (allowed !== 0) this.send();\n    this.setStatus((allowed | late) >>> 0);\n',
      ),
    ],
  },
  {
    id: 'race-host-interrupt-status-plain',
    what: 'the host sets a bit of the interrupt status by a plain store',
    hunt: { check: 'detach', memory: 'pso' },
    edits: [
      edit(
        LINE,
        `    for (let found = loadAcquire32(this.status); bits !== 0;) {
      const before = compareExchange32(this.status, found, (found | bits) >>> 0);
      if (before === found) return;
      found = before;
    }
`,
        '    store32(this.status, (loadAcquire32(this.status) | bits) >>> 0);\n',
      ),
      edit(LINE, 'loadAcquire32, storeRelease32 }', 'loadAcquire32, store32, storeRelease32 }'),
      edit(
        'shared/pci.ts',
        'storeRelease32(base + PCI_FUNCTION_INTERRUPT_PENDING, 1);',
        'store32(base + PCI_FUNCTION_INTERRUPT_PENDING, 1);',
      ),
      edit('shared/pci.ts', 'loadAcquire32, storeRelease32 }', 'loadAcquire32, store32, storeRelease32 }'),
    ],
  },
  {
    id: 'race-host-acks-looked-at-first',
    what: 'the host looks at the ack before the requests that the guest made before it',
    equivalent: 'a guest of this project acks only once its request is answered, so no round finds both',
    edits: [
      edit(
        'emulator/device/hostRound.ts',
        '  migration.looksAtReq();\n',
        '  migration.step(host);\n  migration.looksAtReq();\n',
      ),
      edit(
        'emulator/device/hostRound.ts',
        '  else migration.foundReqEmpty();\n  migration.step(host);\n',
        '  else migration.foundReqEmpty();\n',
      ),
    ],
  },
  {
    id: 'race-interrupt-status-read-late',
    what: 'the driver reads the migration status before it clears the interrupt status, and misses an event between the two',
    hunt: { check: 'control-against-interrupt', memory: 'sc' },
    edits: [
      edit(
        LOCK,
        '  const status = pciOf(port).read32(BAR_MMIO, REG_INTERRUPT_STATUS);\n',
        `  const wanted = pciOf(port).read32(BAR_MMIO, REG_MIGRATION_STATUS);
  const status = pciOf(port).read32(BAR_MMIO, REG_INTERRUPT_STATUS);
`,
      ),
      edit(LOCK, '  serveMigration(port);\n', '  serveMigration(port, wanted);\n'),
      edit(LOCK, 'REG_INTERRUPT_STATUS } from', 'REG_INTERRUPT_STATUS, REG_MIGRATION_STATUS } from'),
      edit(
        DRIVER_MIGRATION,
        `export function serveMigration(port: PortContext): void {
  const status = pciOf(port).read32(BAR_MMIO, REG_MIGRATION_STATUS);
`,
        'export function serveMigration(port: PortContext, status: number): void {\n',
      ),
    ],
  },
  {
    id: 'race-interrupt-taken-after-call',
    what: 'a pending interrupt is taken after its handler has run, together with one that came meanwhile',
    hunt: { check: 'control-against-interrupt', memory: 'sc' },
    edits: [
      edit(
        'shared/pci.ts',
        '    if (!this.takeInterrupt()) return false;\n    handler.call();\n',
        '    if (loadAcquire32(this.base + PCI_FUNCTION_INTERRUPT_PENDING) === 0) return false;\n    handler.call();\n    this.takeInterrupt();\n',
      ),
    ],
  },
  {
    id: 'race-host-ones-before-removed',
    what: 'the BARs of a device that vanishes read as all ones before the device counts as removed',
    hunt: { check: 'hot-unplug', memory: 'sc' },
    edits: [
      edit(FUNCTION, REMOVED, ''),
      edit(
        FUNCTION,
        '    fill(this.bar(BAR_DEVICE), ALL_ONES_BYTE, BAR_DEVICE_BYTES);\n',
        `    fill(this.bar(BAR_DEVICE), ALL_ONES_BYTE, BAR_DEVICE_BYTES);\n${REMOVED}`,
      ),
    ],
  },
  {
    id: 'race-host-vanishes-with-rights',
    what: 'a device vanishes without opening its memory to a burst that is under way',
    hunt: { check: 'hot-unplug', memory: 'sc' },
    edits: [edit(PORT_LIFE, '  protect(host.bar, host.plan.barBytes, BOTH);\n', '')],
  },
  {
    id: 'race-host-removed-not-fenced',
    what: 'a device that vanishes counts as removed by a store that its ones may overtake',
    hunt: { check: 'hot-unplug', memory: 'pso' },
    edits: [
      edit(
        FUNCTION,
        '    // A guest that reads ones looks whether the function is still there, and must not find that it is.\n    fence();\n',
        '',
      ),
    ],
  },
  {
    id: 'race-host-vanishes-and-withdraws',
    what: 'a device that vanishes takes its buffers back as from a guest that closes, before it opens its memory',
    hunt: { check: 'hot-unplug', memory: 'sc' },
    edits: [
      edit(
        PORT_LIFE,
        '  storeHostPortRemoved(host.port, 1);\n  protect(host.bar, host.plan.barBytes, BOTH);\n  endPort(host);\n',
        '  endPort(host);\n  storeHostPortRemoved(host.port, 1);\n  protect(host.bar, host.plan.barBytes, BOTH);\n',
      ),
    ],
  },
  {
    id: 'race-unplug-presence-not-checked-again',
    what: 'the driver takes all ones for a migration status, because it does not look again whether the device is there',
    hunt: { check: 'hot-unplug', memory: 'sc' },
    edits: [
      edit(LOCK, 'REG_INTERRUPT_STATUS);\n  if (!isPresent(port)) return;\n', 'REG_INTERRUPT_STATUS);\n'),
      edit(DRIVER_MIGRATION, '  if (!isPresent(port)) return;\n', ''),
    ],
  },
  {
    id: 'race-host-killed-fifos-before-buffers',
    what: 'the host empties the rings of a dead guest before it takes back the buffers on them',
    hunt: { check: 'two-guests-killed', memory: 'sc' },
    missed: 'PCT has not found it in some hundred schedules',
    edits: [
      edit(
        CORE,
        '    endGuest(this.host);\n    renewAllFifos(this.host);\n',
        '    renewAllFifos(this.host);\n    endGuest(this.host);\n',
      ),
    ],
  },
  {
    id: 'race-host-killed-registers-kept',
    what: 'the host leaves the registers of a dead guest as they are',
    hunt: { check: 'two-guests-killed', memory: 'sc' },
    missed: 'PCT has not found it in some hundred schedules',
    edits: [
      edit(
        CORE,
        '    this.migration.guestGone(this.host);\n    this.pci.reset();\n',
        '    this.migration.guestGone(this.host);\n',
      ),
    ],
  },
  {
    id: 'race-host-killed-answers-kept',
    what: 'the host answers the request of a dead guest to the next one',
    hunt: { check: 'two-guests-killed', memory: 'sc' },
    missed: 'PCT has not found it in some hundred schedules',
    edits: [
      edit(CORE, '    this.control.dropAnswers();\n    this.migration.guestGone', '    this.migration.guestGone'),
    ],
  },
];
