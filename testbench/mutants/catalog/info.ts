import { edit, type Mutant } from '../build/mutant';

export const infoMutants: readonly Mutant[] = [
  {
    id: 'info-magic-unchecked',
    row: null,
    what: 'takes whatever lies in BAR 5 for a device info',
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
    what: 'refuses a host whose minor version is newer',
    fails: ['info/2'],
    edits: [edit('driver/deviceInfo.ts', 'version >>> 8 > DRIVER_VERSION >>> 8', 'version > DRIVER_VERSION')],
  },
  {
    id: 'info-queue-limits-unchecked',
    row: 'R6',
    what: 'believes a least number of queues above the most, and above 8',
    fails: ['info/3'],
    edits: [edit('driver/deviceInfo.ts', 'fewest > MAX_QUEUES || fewest > most', 'fewest < 0')],
  },
  {
    id: 'info-eight-queues-unchecked',
    row: 'R6',
    what: 'believes that the host needs more receive queues than its tables have',
    fails: ['info/3'],
    edits: [edit('driver/deviceInfo.ts', 'fewest > MAX_QUEUES || fewest > most', 'fewest > most')],
  },
  {
    id: 'info-host-limits-shown',
    row: null,
    what: 'shows the application more queues than the driver has',
    fails: ['info/4'],
    edits: [edit('driver/configure.ts', 'return Math.min(hostMost, MAX_QUEUES);', 'return hostMost;')],
  },
  {
    id: 'info-buffer-size-assumed',
    row: null,
    what: 'takes every host buffer to hold 2,048 bytes',
    fails: ['info/5'],
    edits: [edit('driver/adopt.ts', 'storePortMbufSize(port, info.mbufSize);', 'storePortMbufSize(port, 2_048);')],
  },
];
