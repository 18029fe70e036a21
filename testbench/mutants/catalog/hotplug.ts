import { edit, type Mutant } from '../build/mutant';

/** Edits after which nothing is asked of a device that has vanished. */
export const NOTHING_ASKED = [
  edit(
    'driver/control.ts',
    '  const what = `request ${id} (${REQUEST_NAMES[id]})`;\n',
    '  if (!isPresent(port)) return;\n  const what = `request ${id} (${REQUEST_NAMES[id]})`;\n',
  ),
  edit('driver/control.ts', "} from './context';", ", isPresent } from './context';"),
];

/** An edit after which the silence of a device that has vanished passes for an answer. */
export const SILENCE_IS_SUCCESS = edit(
  'driver/control.ts',
  '  takeAnswerInTime(port, what);\n  checkResult(port, what);\n',
  "  try {\n    takeAnswerInTime(port, what);\n    checkResult(port, what);\n  } catch (error) {\n    if (require('./context').isPresent(port)) throw error;\n  }\n",
);

/** An edit after which control operations begin on a device that has vanished. */
export const ABSENCE_NO_ERROR = edit(
  'driver/context.ts',
  '  if (!isPresent(port)) throw',
  '  if (!isPresent(port) && port.address === 0) throw',
);

export const hotplugMutants: readonly Mutant[] = [
  {
    id: 'hotplug-first-mac-for-all',
    row: null,
    what: "uses the first device's MAC address for every later port",
    fails: ['hotplug/1', 'hotplug/4'],
    edits: [
      edit(
        'driver/probe.ts',
        'function adoptMac(port: number, mac: Uint8Array): void {',
        'let kept: Uint8Array | null = null;\nfunction adoptMac(port: number, own: Uint8Array): void {\n  const mac = (kept ??= own);',
      ),
    ],
  },
  {
    id: 'hotplug-absence-unnoticed',
    row: null,
    what: 'never checks whether the device is still there',
    fails: ['hotplug/10', 'hotplug/15'],
    edits: [edit('driver/context.ts', 'return !isRemoved(port) && pciOf(port).present;', 'return port.address > 0;')],
  },
  {
    id: 'hotplug-absence-is-success',
    row: null,
    what: 'asks a device that has vanished nothing, and says that all went well',
    fails: ['hotplug/2', 'hotplug/5', 'hotplug/6', 'migrate/23'],
    edits: [ABSENCE_NO_ERROR, ...NOTHING_ASKED, SILENCE_IS_SUCCESS],
  },
  {
    id: 'hotplug-removed-under-traffic',
    row: 'C12',
    what: 'removal releases the record but leaves the device running',
    fails: ['hotplug/3'],
    edits: [edit('driver/probe.ts', '      port.close();\n', '')],
  },
  {
    id: 'hotplug-first-life-served',
    row: 'C8',
    what: "keeps the first port's interrupt handler for every later port",
    fails: ['hotplug/9'],
    edits: [
      edit(
        'driver/lock.ts',
        '  pciOf(port).setInterruptHandler(() => noteInterrupt(port));',
        '  const kept = (first ??= port);\n  pciOf(port).setInterruptHandler(() => noteInterrupt(kept));',
      ),
      edit('driver/lock.ts', 'const RETRY_MS = 1;', 'const RETRY_MS = 1;\nlet first: PortContext | null = null;'),
    ],
  },
  {
    id: 'hotplug-claim-kept-after-death',
    row: null,
    what: 'claims a device at probe, and gives it back only where it is removed in order',
    fails: ['hotplug/11'],
    edits: [
      edit(
        'driver/probe.ts',
        '  const host = readHost(pci);\n',
        "  if (claimed.has(pci.bdf)) throw new ErrnoError('EBUSY', 'the device is taken');\n  const host = readHost(pci);\n",
      ),
      edit(
        'driver/probe.ts',
        '  unlock(port);\n  return port;',
        '  unlock(port);\n  claimed.add(pci.bdf);\n  return port;',
      ),
      edit(
        'driver/probe.ts',
        '      removePort(port);\n',
        '      claimed.delete(port.name);\n      removePort(port);\n',
      ),
      edit(
        'driver/probe.ts',
        '/** The AVP poll-mode driver, for a PCI bus. */',
        'const claimed = new Set<string>();\n/** The AVP poll-mode driver, for a PCI bus. */',
      ),
    ],
  },
  {
    id: 'hotplug-port-numbers-used-up',
    row: null,
    what: 'gives each port a number of its own, never one that is free again, and has 64',
    fails: ['hotplug/13'],
    edits: [
      edit(
        'driver/probe.ts',
        '  const host = readHost(pci);\n',
        "  if (numbers++ >= 64) throw new ErrnoError('ENOMEM', 'no port number is left');\n  const host = readHost(pci);\n",
      ),
      edit(
        'driver/probe.ts',
        '/** The AVP poll-mode driver, for a PCI bus. */',
        'let numbers = 0;\n/** The AVP poll-mode driver, for a PCI bus. */',
      ),
    ],
  },
  {
    id: 'hotplug-eight-macs',
    row: null,
    what: 'has room for the MAC addresses of eight ports, and begins anew with the ninth',
    fails: ['hotplug/14'],
    edits: [
      edit(
        'driver/probe.ts',
        'function adoptMac(port: number, mac: Uint8Array): void {',
        'const macs: Uint8Array[] = [];\nlet probes = 0;\nfunction adoptMac(port: number, own: Uint8Array): void {\n  const mac = (macs[probes++ % 8] ??= own);',
      ),
    ],
  },
  {
    id: 'hotplug-detached-is-removed',
    row: null,
    what: 'says that the device has been removed while it is detached for a migration',
    fails: ['hotplug/15'],
    edits: [edit('driver/port.ts', 'return !isPresent(this);', 'return !isPresent(this) || isDetached(this);')],
  },
];
