import { hex } from '../../../shared/hex';
import { type Clause, clause } from '../clause';
import type { AvpNic } from '../../targets/host';

const ALL = 0xffff_ffff;

export const pciClauses: readonly Clause[] = [
  clause({
    id: 'pci/1',
    title: 'the driver binds to the AVP identity',
    level: 'MUST',
    section: '2',
    basis: 'protocol',
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
    basis: 'protocol',
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
    basis: 'safety',
    faults: ['C2'],
    goal: 'No address of nothing is used',
    steps: ['plug devices that lack BAR 2, 4, 5 and 0, one at a time', 'probe'],
    requirement: 'probe checks the BARs and refuses the device with EFAULT or EINVAL',
    host: 'wrong',
    note: 'Without the check a driver reads the missing BAR through a null pointer. The kernel driver checks each BAR that it uses. net_avp has the same checks and skips them for a BAR that is absent.',
    run: async (t) => {
      for (const bar of [2, 4, 5, 0]) {
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
    basis: 'protocol',
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
    basis: 'protocol',
    faults: ['C10'],
    goal: 'The status test looks at the migration bit alone',
    steps: ['set the migration status to detached', 'raise all bits but the migration bit', 'look at ack and traffic'],
    requirement: 'Bits other than bit 1 are logged, and nothing else happens: no ack follows',
    host: 'wrong',
    note: 'RTE_AVP_MIGRATION_INTERRUPT_MASK in the header of the device is bit 1 alone.',
    run: async (t) => {
      const running = await t.started();
      running.nic.setMigrationStatus(1);
      for (const bits of [0x1, 0x4, 0x8000_0000, 0xffff_fffd]) {
        await running.nic.raiseInterrupt(bits);
        await t.settle();
        t.expect.equal(`ack after bits ${hex(bits)}`, running.nic.migrationAck, 0);
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
    basis: 'protocol',
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
  clause({
    id: 'pci/7',
    title: 'an interrupt without a status bit changes nothing',
    level: 'MUST',
    section: '3',
    basis: 'protocol',
    faults: ['C10'],
    goal: 'Reading the status clears it, so that an interrupt may find nothing left',
    steps: [
      'set the migration status to detached',
      'deliver an interrupt while no bit of the status is set, three times',
      'look at ack and traffic',
    ],
    requirement: 'Only bit 1 of the interrupt status is a migration event: no ack follows where it is not set',
    note: 'RTE_AVP_MIGRATION_INTERRUPT_MASK in the header of the device is bit 1 alone.',
    run: async (t) => {
      const running = await t.started();
      running.nic.setMigrationStatus(1);
      for (let i = 0; i < 3; i++) {
        await running.nic.lateInterrupt();
        await t.settle();
        t.expect.equal('ack', running.nic.migrationAck, 0);
      }
      running.nic.setMigrationStatus(0);
      await t.expectTraffic(running);
    },
  }),
  clause({
    id: 'pci/8',
    title: 'a refused probe leaves nothing behind',
    level: 'MUST',
    section: '14',
    basis: 'ethdev',
    faults: ['C8', 'C11'],
    needs: ['guest-memory'],
    goal: 'Neither memory nor interrupt stays with a device that was not taken',
    steps: [
      'spoil one thing at a time: BARs, magic, version, queue limit, FIFO, address, map',
      'probe each device three times',
      'look at memory, mask, ack and requests',
    ],
    requirement: 'A probe that fails has changed nothing',
    host: 'wrong',
    note: 'The head of rte_ethdev.h says of a device init that does not succeed: "both the rte_eth_dev structure and the port identifier are freed". A handler that stays would be called with them.',
    run: async (t) => {
      const spoilt: readonly ((nic: AvpNic) => void)[] = [
        (nic) => nic.withoutBar(4),
        (nic) => nic.withoutBar(5),
        (nic) => nic.overwrite({ struct: 'device_info' }, 'magic', 0),
        (nic) => nic.overwrite({ struct: 'device_info' }, 'version', 0xff00_0000),
        (nic) => nic.overwrite({ struct: 'device_info' }, 'min_rx_queues', 200),
        (nic) => nic.overwrite({ struct: 'fifo', fifo: 'free', queue: 3 }, 'len', 3),
        (nic) => nic.overwrite({ struct: 'device_info' }, 'sync_phys', 0n),
        (nic) => nic.overwrite({ struct: 'memmap_info' }, 'magic', 0),
      ];
      for (const [index, spoil] of spoilt.entries()) {
        const nic = t.plug();
        spoil(nic);
        const before = t.host.guestMemoryInUse();
        for (let i = 0; i < 3; i++)
          t.expect.refusal(`probe of device ${index}`, await t.guest.probe(nic), 'EINVAL', 'EFAULT');
        t.expect.equal(`memory in use after the refusals of device ${index}`, t.host.guestMemoryInUse(), before);
        t.expect.equal('handler ran', (await nic.lateInterrupt()).dispatched, false);
        t.expect.equal('mask, ack and requests', [nic.interruptMask, nic.migrationAck, nic.requests.length], [0, 0, 0]);
      }
    },
  }),
];
