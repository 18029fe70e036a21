import { type Clause, clause } from '../clause';

const ALL = 0xffff_ffff;

export const pciClauses: readonly Clause[] = [
  clause({
    id: 'pci/1',
    title: 'the driver binds to the AVP identity',
    level: 'MUST',
    section: '2',
    goal: 'A guest finds the driver for the device',
    steps: ['plug an AVP device', 'ask whether the driver takes it', 'probe it'],
    requirement: 'The driver binds to 1af4:1110 with subsystem 1af4:1104',
    run: async (t) => {
      const nic = t.plug();
      t.expect.equal('binds', await t.guest.binds(nic), true);
      t.expect.success('probe', await t.guest.probe(nic));
    },
  }),
  clause({
    id: 'pci/2',
    title: 'ivshmem and virtio functions are left alone',
    level: 'MUST',
    section: '2',
    goal: 'The same vendor, or vendor and device, is not enough',
    steps: ['plug an ivshmem function and virtio-net functions of both kinds', 'ask whether the driver takes them'],
    requirement: 'A driver must not bind to ivshmem (another subsystem) nor to virtio-net',
    run: async (t) => {
      for (const kind of ['ivshmem', 'virtio', 'virtio-modern'] as const)
        t.expect.equal(`binds to ${kind}`, await t.guest.binds(t.host.plugOther(kind)), false);
    },
  }),
  clause({
    id: 'pci/3',
    title: 'a device without one of its BARs is refused',
    level: 'MUST',
    section: '14',
    faults: ['C2'],
    goal: 'No address of nothing is used',
    steps: ['plug devices that lack BAR 0, 2, 4 and 5, one at a time', 'probe'],
    requirement: 'probe checks the BARs and refuses the device with EFAULT or EINVAL',
    run: async (t) => {
      for (const bar of [0, 2, 4, 5]) {
        const nic = t.plug();
        nic.withoutBar(bar);
        t.expect.refusal(`probe without BAR ${bar}`, await t.guest.probe(nic), 'EFAULT', 'EINVAL');
      }
    },
  }),
  clause({
    id: 'pci/4',
    title: 'probe enables the interrupt and close disables it',
    level: 'MUST',
    section: '3',
    goal: 'The mask tells the host whether a guest listens',
    steps: ['probe', 'look at the mask', 'close', 'look again'],
    requirement: 'The mask is written at probe and at close',
    run: async (t) => {
      const { nic, port } = await t.configured();
      t.expect.equal('mask after probe', nic.interruptMask, ALL);
      await t.must('close', port.close());
      t.expect.equal('mask after close', nic.interruptMask, 0);
    },
  }),
  clause({
    id: 'pci/5',
    title: 'an interrupt bit other than migration changes nothing',
    level: 'MUST',
    section: '3',
    faults: ['C10'],
    goal: 'The status test looks at the migration bit alone',
    steps: ['set the migration status to detached', 'raise all bits but the migration bit', 'look at ack and traffic'],
    requirement: 'Other bits than bit 1 are logged, nothing else: no ack follows',
    run: async (t) => {
      const running = await t.started();
      running.nic.setMigrationStatus(1);
      for (const bits of [0x1, 0x4, 0x8000_0000, 0xffff_fffd]) {
        await running.nic.raiseInterrupt(bits);
        await t.settle();
        t.expect.equal(`ack after bits 0x${bits.toString(16)}`, running.nic.migrationAck, 0);
      }
      running.nic.setMigrationStatus(0);
      await t.expectTraffic(running);
    },
  }),
  clause({
    id: 'pci/6',
    title: 'a device that is being migrated is refused until the migration is over',
    level: 'MUST',
    section: '14',
    goal: 'A probe in the middle of a migration takes no address of the source',
    steps: ['set the migration status to detached', 'probe', 'set it to attached', 'probe again'],
    requirement: 'Migration status 1 at probe: ack 1 and EBUSY, to be tried again; only 1 keeps a driver from probing',
    run: async (t) => {
      const nic = t.plug();
      nic.setMigrationStatus(1);
      t.expect.refusal('probe while detached', await t.guest.probe(nic), 'EBUSY');
      t.expect.equal('ack', nic.migrationAck, 1);
      nic.setMigrationStatus(2);
      t.expect.success('probe after the migration', await t.guest.probe(nic));
    },
  }),
];
