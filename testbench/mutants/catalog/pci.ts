import { edit, type Mutant } from '../build/mutant';

export const pciMutants: readonly Mutant[] = [
  {
    id: 'pci-subsystem-swapped',
    row: null,
    what: 'compares the subsystem vendor with the subsystem device, so that it never binds',
    fails: ['pci/1', 'hotplug/4'],
    edits: [edit('driver/probe.ts', '=== SUBSYSTEM_VENDOR_ID', '=== SUBSYSTEM_DEVICE_ID')],
  },
  {
    id: 'pci-any-subsystem',
    row: null,
    what: 'binds by vendor and device only, and so to ivshmem as well',
    fails: ['pci/2'],
    edits: [
      edit('driver/probe.ts', 'identity.subsystemVendor === SUBSYSTEM_VENDOR_ID', 'true'),
      edit('driver/probe.ts', 'identity.subsystemDevice === SUBSYSTEM_DEVICE_ID', 'true'),
    ],
  },
  {
    id: 'pci-any-of-the-vendor',
    row: null,
    what: 'binds to every function of the vendor, virtio-net included',
    fails: ['pci/2', 'hotplug/4'],
    edits: [
      edit('driver/probe.ts', 'identity.device === DEVICE_ID', 'true'),
      edit('driver/probe.ts', 'identity.subsystemVendor === SUBSYSTEM_VENDOR_ID', 'true'),
      edit('driver/probe.ts', 'identity.subsystemDevice === SUBSYSTEM_DEVICE_ID', 'true'),
    ],
  },
  {
    id: 'pci-memmap-bar-unchecked',
    row: 'C2',
    what: 'reads the memory map without checking that BAR 4 exists',
    fails: ['pci/3'],
    edits: [edit('driver/host.ts', "  [BAR_MEMMAP, 'avp-memmap', MEMMAP_INFO_MAPS + MEMMAP_BYTES],\n", '')],
  },
  {
    id: 'pci-interrupt-left-on',
    row: null,
    what: 'close does not write the interrupt mask',
    fails: ['pci/4', 'control/10', 'hotplug/3'],
    edits: [edit('driver/lifecycle.ts', 'pci.write32(BAR_MMIO, REG_INTERRUPT_MASK, INTERRUPT_MASK_NONE);', '')],
  },
  {
    id: 'pci-interrupt-never-on',
    row: null,
    what: 'probe does not enable the interrupt',
    fails: ['pci/4'],
    edits: [edit('driver/probe.ts', 'pci.write32(BAR_MMIO, REG_INTERRUPT_MASK, INTERRUPT_MASK_ALL);', '')],
  },
  {
    id: 'pci-any-interrupt-migrates',
    row: 'C10',
    what: 'tests the migration bit with OR instead of AND',
    fails: ['pci/5'],
    edits: [edit('driver/lock.ts', '(status & INTERRUPT_MIGRATION) === 0', '(status | INTERRUPT_MIGRATION) === 0')],
  },
  {
    id: 'pci-detached-not-acked',
    row: null,
    what: 'refuses a device that is being migrated without writing an ack',
    fails: ['pci/6'],
    edits: [edit('driver/probe.ts', 'pci.write32(BAR_MMIO, REG_MIGRATION_ACK, MIGRATION_DETACHED);', '')],
  },
  {
    id: 'pci-attached-refused',
    row: null,
    what: 'refuses every device that was ever migrated',
    fails: ['pci/6'],
    edits: [
      edit(
        'driver/probe.ts',
        'if (pci.read32(BAR_MMIO, REG_MIGRATION_STATUS) !== MIGRATION_DETACHED) return;',
        'if (pci.read32(BAR_MMIO, REG_MIGRATION_STATUS) === 0) return;',
      ),
    ],
  },
  {
    id: 'pci-handler-left-by-probe',
    row: 'C8',
    what: 'a failed probe leaves the interrupt handler registered',
    fails: ['pci/8'],
    edits: [
      edit(
        'driver/probe.ts',
        '  checkBars(pci);\n',
        '  checkBars(pci);\n  pci.setInterruptHandler(() => pci.write32(BAR_MMIO, REG_MIGRATION_ACK, 3));\n',
      ),
    ],
  },
];
