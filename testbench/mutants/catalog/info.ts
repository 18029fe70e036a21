import { edit, type Mutant } from '../build/mutant';

export const infoMutants: readonly Mutant[] = [
  {
    id: 'info-magic-unchecked',
    row: null,
    what: 'accepts any content of BAR 5 as device info',
    fails: ['info/1'],
    edits: [edit('driver/deviceInfo.ts', 'if (magic !== DEVICE_MAGIC)', 'if (magic < 0)')],
  },
  {
    id: 'info-version-unchecked',
    row: null,
    what: 'accepts a host of any version',
    fails: ['info/2'],
    edits: [edit('driver/deviceInfo.ts', 'if (version >>> 8 > DRIVER_VERSION >>> 8)', 'if (version < 0)')],
  },
  {
    id: 'info-minor-version-counts',
    row: null,
    what: 'refuses a host with a newer minor version',
    fails: ['info/2'],
    edits: [edit('driver/deviceInfo.ts', 'version >>> 8 > DRIVER_VERSION >>> 8', 'version > DRIVER_VERSION')],
  },
  {
    id: 'info-queue-limits-unchecked',
    row: 'R6',
    what: 'accepts a minimum number of queues above the maximum and above 8',
    fails: ['info/3'],
    edits: [edit('driver/deviceInfo.ts', 'fewest > MAX_QUEUES || fewest > most', 'fewest < 0')],
  },
  {
    id: 'info-eight-queues-unchecked',
    row: 'R6',
    what: "accepts a host that needs more receive queues than the driver's tables hold",
    fails: ['info/3'],
    edits: [edit('driver/deviceInfo.ts', 'fewest > MAX_QUEUES || fewest > most', 'fewest > most')],
  },
  {
    id: 'info-host-limits-shown',
    row: null,
    what: 'reports more queues to the application than the driver supports',
    fails: ['info/4'],
    edits: [edit('driver/configure.ts', 'return Math.min(hostMost, MAX_QUEUES);', 'return hostMost;')],
  },
  {
    id: 'info-buffer-size-assumed',
    row: null,
    what: 'assumes that every host buffer holds 2,048 bytes',
    fails: ['info/5'],
    edits: [edit('driver/adopt.ts', 'storePortMbufSize(port, info.mbufSize);', 'storePortMbufSize(port, 2_048);')],
  },
  {
    id: 'info-any-mtu-promised',
    row: null,
    what: 'promises an MTU of 65,535 whatever the host allows',
    fails: ['info/10'],
    edits: [edit('driver/configure.ts', '    maxMtu: maxMtu(port),', '    maxMtu: 65_535,')],
  },
  {
    id: 'info-limits-of-the-first-host',
    row: null,
    what: 'shows the queue limits of the host at which it was probed',
    fails: ['info/11'],
    edits: [
      edit('driver/adopt.ts', '  loadPortRxBase,\n', '  loadPortMaxRxQueues,\n  loadPortRxBase,\n'),
      edit(
        'driver/adopt.ts',
        'storePortMaxRxQueues(port, info.maxRxQueues);',
        'storePortMaxRxQueues(port, loadPortMaxRxQueues(port) || info.maxRxQueues);',
      ),
    ],
  },
];
