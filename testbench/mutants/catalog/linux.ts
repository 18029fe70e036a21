import { edit, type Mutant } from '../build/mutant';

/** Hosts that expect every guest to behave like DPDK's driver. */
export const linuxMutants: readonly Mutant[] = [
  {
    id: 'linux-type-refused',
    row: null,
    what: 'the host serves only DPDK drivers',
    fails: ['linux/1'],
    edits: [
      edit(
        'emulator/device/control/portLife.ts',
        'config.deviceId === deviceId',
        'config.deviceId === deviceId && config.driverType === 1',
      ),
    ],
  },
  {
    id: 'linux-success-not-written',
    row: null,
    what: 'the host writes the result of a request only if it is an error',
    fails: ['linux/2'],
    edits: [
      edit(
        'emulator/device/control/controlChannel.ts',
        'storeRequestResult(loadHostPortSync(port), answer.result >>> 0);',
        'if (answer.result !== 0) storeRequestResult(loadHostPortSync(port), answer.result >>> 0);',
      ),
    ],
  },
  {
    id: 'linux-hint-is-limit',
    row: null,
    what: 'the host refuses more receive queues than it recommends',
    fails: ['linux/3'],
    edits: [
      edit(
        'emulator/device/control/portLife.ts',
        'config.numRxQueues <= rxQueues.max',
        'config.numRxQueues <= rxQueues.recommended',
      ),
    ],
  },
  {
    id: 'linux-early-link-refused',
    row: null,
    what: 'the host refuses a link request before the first config request',
    fails: ['linux/4'],
    edits: [
      edit(
        'emulator/device/control/portLife.ts',
        'if (isLive(host)) storeHostPortLinkUp(host.port, ifUp === 0 ? 0 : 1);',
        'if (!isLive(host)) return REFUSED;\n  storeHostPortLinkUp(host.port, ifUp === 0 ? 0 : 1);',
      ),
    ],
  },
  {
    id: 'linux-rings-renewed-late',
    row: null,
    what: 'after a close the host initialises the rings only at request 3',
    fails: ['linux/5'],
    edits: [edit('emulator/device/hostRound.ts', '  if (pci.interruptMask !== 0) renewRings(host);\n', '')],
  },
  {
    id: 'linux-late-answer-forgotten',
    row: null,
    what: "the host drops an answer that it could not deliver within the time that DPDK's driver waits",
    fails: ['linux/6'],
    edits: [
      edit(
        'emulator/device/control/controlChannel.ts',
        'i < (plan.answers ?? 1)',
        'i < (dueMs - takenAtMs > 500 ? 0 : (plan.answers ?? 1))',
      ),
    ],
  },
  {
    id: 'linux-mtu-without-overhead',
    row: null,
    what: 'the host compares an MTU with the longest packet without adding header and tag',
    fails: ['linux/7'],
    edits: [
      edit(
        'emulator/device/control/portLife.ts',
        'host.settings.maxRxPacketBytes - MTU_OVERHEAD_BYTES',
        'host.settings.maxRxPacketBytes',
      ),
    ],
  },
  {
    id: 'linux-shortest-frame-dropped',
    row: null,
    what: 'the host drops frames to the guest that consist of a header only',
    fails: ['linux/9', 'linux/1'],
    edits: [
      edit('emulator/device/loops/toGuest.ts', 'if (bytes < MIN_PACKET_BYTES)', 'if (bytes <= MIN_PACKET_BYTES)'),
    ],
  },
  {
    id: 'linux-long-tag-left',
    row: null,
    what: 'the host strips a tag only if the frame fits one buffer',
    fails: ['linux/10'],
    edits: [
      edit(
        'emulator/device/loops/toGuest.ts',
        'const tagged: bool = negotiated && bytes >= MIN_TAGGED_BYTES',
        'const tagged: bool = negotiated && bytes <= loadHostPortMbufSize(port) && bytes >= MIN_TAGGED_BYTES',
      ),
    ],
  },
  {
    id: 'linux-cache-starves',
    row: null,
    what: 'the host refills alloc only after every buffer that the guest took has come back',
    fails: ['linux/11'],
    edits: [
      edit(
        'emulator/device/loops/lend.ts',
        'const most: u32 = lent < limit ?',
        'const most: u32 = lent < limit && lent === onAlloc(queue) ?',
      ),
    ],
  },
  {
    id: 'linux-pool-table-left-empty',
    row: null,
    what: 'the host fills mbuf_va and mbuf_phys and leaves the pool table empty',
    fails: ['linux/12'],
    edits: [
      edit(
        'emulator/device/memory/hostInfo.ts',
        'host.settings.pools.forEach(',
        'host.settings.pools.slice(0, 0).forEach(',
      ),
    ],
  },
  {
    id: 'linux-pool-table-cut-short',
    row: null,
    what: 'the host lists only its first pool',
    fails: ['linux/12'],
    edits: [
      edit(
        'emulator/device/memory/hostInfo.ts',
        'host.settings.pools.forEach(',
        'host.settings.pools.slice(0, 1).forEach(',
      ),
    ],
  },
  {
    id: 'linux-one-stride-for-all',
    row: null,
    what: 'the host reports the stride of tx for alloc as well',
    fails: ['linux/13'],
    edits: [
      edit(
        'emulator/device/memory/hostInfo.ts',
        "storeDeviceInfoAllocSize(bar, fifoStride(host.settings, 'alloc'))",
        "storeDeviceInfoAllocSize(bar, fifoStride(host.settings, 'tx'))",
      ),
    ],
  },
  {
    id: 'linux-alloc-kept-after-close',
    row: null,
    what: 'after a close the host leaves the buffers on alloc that the guest put back',
    fails: ['linux/14'],
    edits: [
      edit(
        'emulator/device/control/portLife.ts',
        'if (isQueueFifo(kind)) host.initFifo(kind, queue);',
        "if (isQueueFifo(kind) && kind !== 'alloc') host.initFifo(kind, queue);",
      ),
      edit('emulator/device/control/portLife.ts', "  host.initFifo('alloc', queue);\n", ''),
    ],
  },
  {
    id: 'linux-buffers-kept-after-ack',
    row: null,
    what: 'the host does not take back the buffers of a guest that has detached',
    fails: ['linux/15'],
    edits: [
      edit(
        'emulator/device/migration/machine.ts',
        'storeHostPortDetached(host.port, 1);\n      loseAll(host);',
        'storeHostPortDetached(host.port, 1);',
      ),
    ],
  },
  {
    id: 'linux-rx-kept-after-ack',
    row: null,
    what: 'the host does not initialise rx when it attaches a guest that has detached',
    fails: ['linux/16'],
    edits: [
      edit(
        'emulator/device/control/portLife.ts',
        'for (const { kind, queue } of host.fifos()) host.initFifo(kind, queue);',
        "for (const { kind, queue } of host.fifos()) if (kind !== 'rx') host.initFifo(kind, queue);",
      ),
    ],
  },
  {
    id: 'linux-shutdown-not-undone',
    row: null,
    what: 'the host stays shut down after the guest reports that it could not detach',
    fails: ['linux/17'],
    edits: [
      edit('emulator/device/control/portLife.ts', 'life === LIFE_SHUT_DOWN ? LIFE_LIVE : LIFE_NONE', 'LIFE_NONE'),
    ],
  },
  {
    id: 'linux-buffers-taken-at-shutdown',
    row: null,
    what: 'the host takes its buffers back at request 4 instead of waiting for the ack',
    fails: ['linux/17'],
    edits: [
      edit(
        'emulator/device/control/portLife.ts',
        '  if (closing) endGuest(host);',
        '  reclaimAll(host);\n  if (closing) endGuest(host);',
      ),
    ],
  },
  {
    id: 'linux-put-back-overlooked',
    row: null,
    what: 'a host that continues without an ack ignores the buffers that the guest put back on alloc',
    fails: ['linux/18'],
    edits: [edit('emulator/device/control/portLife.ts', '  if (isShutDown(host)) adoptAll(host);\n', '')],
  },
  {
    id: 'linux-config-without-link',
    row: null,
    what: 'the host ignores if_up in a config request',
    fails: ['linux/19', 'linux/4'],
    edits: [
      edit('emulator/device/control/portLife.ts', '  storeHostPortLinkUp(port, config.ifUp === 0 ? 0 : 1);\n', ''),
    ],
  },
  {
    id: 'linux-rings-renewed-under-guest',
    row: null,
    what: 'the host initialises all rings at each attach event, even if the guest has not detached',
    fails: ['linux/20'],
    edits: [
      edit(
        'emulator/device/migration/table.ts',
        "    attached: stay(),\n    detaching: to('attached', 'grantHeaders'),",
        "    attached: stay('renewFifos'),\n    detaching: to('attached', 'renewFifos', 'grantHeaders'),",
      ),
    ],
  },
  {
    id: 'linux-former-device-id',
    row: null,
    what: 'the destination host shows the device_id of the source',
    fails: ['linux/21'],
    edits: [
      edit(
        'emulator/device/memory/hostInfo.ts',
        'store64(bar + DEVICE_INFO_DEVICE_ID, settings.deviceId);',
        'store64(bar + DEVICE_INFO_DEVICE_ID, 1n);',
      ),
    ],
  },
];
