import { edit, type Mutant } from '../build/mutant';

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
    fails: ['hotplug/2'],
    edits: [edit('driver/context.ts', 'return !isRemoved(port) && pciOf(port).present;', 'return port.address > 0;')],
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
];
