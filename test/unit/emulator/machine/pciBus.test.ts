import { actAs, storeRelease32 } from '#mem';
import { expect } from 'chai';
import { asHost } from '../../../../shared/actors';
import { allocate, extents, resetArena } from '../../../../shared/arena';
import { VirtualClock } from '../../../../shared/clock';
import { ErrnoError, UsageError } from '../../../../shared/errors';
import { ACTOR_HOST, DRIVER_ONLY } from '../../../../shared/loops/rights';
import { ALL_ONES, resetInterruptHandlers } from '../../../../shared/pci';
import { PCI_FUNCTION_INTERRUPT_PENDING } from '../../../../shared/loops/records';
import { PciBus } from '../../../../emulator/machine/pciBus';
import { IVSHMEM_IDENTITY, VIRTIO_NET_IDENTITY, VirtioNic } from '../../../../emulator/machine/virtioNic';
import { busy, FakeDriver, isAvp, isVirtio, loadFrom } from './drivers';

const FIVE = '0000:00:05.0';

describe('PCI bus', () => {
  const clock = new VirtualClock();
  let avp: FakeDriver;
  let virtio: FakeDriver;
  let bus: PciBus;
  let nic: VirtioNic;

  beforeEach(() => {
    resetArena();
    resetInterruptHandlers();
    avp = new FakeDriver('avp', isAvp);
    virtio = new FakeDriver('virtio', isVirtio);
    bus = new PciBus({ clock, drivers: [avp, virtio] });
    nic = new VirtioNic({ name: 'nic', deviceNumber: 5 });
  });

  const history = (): string[] =>
    bus.events.map(({ kind, bdf, driver, error }) =>
      [kind, bdf.slice(8), driver, error?.message].filter(Boolean).join(' '),
    );

  it('asks each driver in order, and probes with the one that matches', () => {
    expect(bus.plug(nic)).to.equal(FIVE);
    expect(avp.calls).to.deep.equal(['matches 1000']);
    expect(virtio.calls).to.deep.equal(['matches 1000', `probe ${FIVE}`]);
    expect(virtio.platform?.clock).to.equal(clock);
    expect(bus.listing()).to.deep.equal([
      { bdf: FIVE, identity: VIRTIO_NET_IDENTITY, present: true, driver: 'virtio', error: null },
    ]);
    expect(bus.portOf(FIVE, virtio)!.device.bdf).to.equal(FIVE);
    expect(history()).to.deep.equal(['plugged 05.0', 'bound 05.0 virtio']);
  });

  it('leaves a device unbound that no driver matches', () => {
    bus.plug(new VirtioNic({ name: 'shm', deviceNumber: 6, identity: IVSHMEM_IDENTITY }));
    expect(bus.listing()).to.deep.equal([
      { bdf: '0000:00:06.0', identity: IVSHMEM_IDENTITY, present: true, driver: null, error: null },
    ]);
    expect(bus.portOf('0000:00:06.0', virtio)).to.equal(null);
    expect(history()).to.deep.equal(['plugged 06.0']);
  });

  it('keeps the error of a refused probe, asks the next driver, and tries again at a rescan', () => {
    virtio.refusal = busy();
    const late = new FakeDriver('late', () => false);
    bus.register(late);
    bus.plug(nic);
    expect(late.calls).to.deep.equal(['matches 1000']);
    expect(bus.listing()[0]).to.include({ driver: null, error: virtio.refusal });
    expect(history()).to.deep.equal(['plugged 05.0', 'refused 05.0 virtio the device is migrating']);
    virtio.refusal = null;
    bus.rescan();
    expect(bus.listing()[0]).to.include({ driver: 'virtio', error: null });
    bus.rescan();
    expect(virtio.calls.filter((call) => call.startsWith('probe'))).to.have.length(2);
  });

  it('offers present devices to a driver that is registered later', () => {
    bus = new PciBus({ clock });
    bus.plug(nic);
    expect(bus.listing()[0]!.driver).to.equal(null);
    bus.register(virtio);
    expect(bus.listing()[0]!.driver).to.equal('virtio');
    expect(() => bus.register(virtio)).to.throw(UsageError, "'virtio' is registered already");
  });

  it('calls the driver before an orderly removal, and then removes the function', () => {
    bus.plug(nic);
    const heard: string[] = [];
    const stop = bus.onEvent(({ kind }) => heard.push(`${kind} ${bus.listing().length}`));
    bus.unplug(FIVE);
    expect(virtio.calls.at(-1)).to.equal(`remove ${FIVE} present`);
    expect(heard).to.deep.equal(['removed 1', 'unplugged 0']);
    stop();
    expect(() => bus.unplug(FIVE))
      .to.throw(ErrnoError, `PCI slot ${FIVE} is empty`)
      .with.property('code', 'ENODEV');
    bus.plug(nic);
    expect(heard).to.have.length(2);
    expect(bus.listing()[0]!.driver).to.equal('virtio');
  });

  it('lets a function vanish while its driver stays bound until the guest cleans up', () => {
    bus.plug(nic);
    bus.surpriseRemove(FIVE);
    expect(nic.function.read32(0, 0)).to.equal(ALL_ONES);
    expect(bus.listing()[0]).to.include({ present: false, driver: 'virtio' });
    expect(virtio.calls.at(-1)).to.equal(`probe ${FIVE}`);
    bus.unplug(FIVE);
    expect(virtio.calls.at(-1)).to.equal(`remove ${FIVE} gone`);
    expect(history()).to.deep.equal([
      'plugged 05.0',
      'bound 05.0 virtio',
      'vanished 05.0',
      'removed 05.0 virtio',
      'unplugged 05.0',
    ]);
  });

  it('does not offer a function that has vanished', () => {
    virtio.refusal = busy();
    bus.plug(nic);
    bus.surpriseRemove(FIVE);
    virtio.refusal = null;
    bus.rescan();
    expect(bus.listing()[0]).to.include({ driver: null, present: false });
  });

  it('goes on if a remove throws, and reports it', () => {
    bus.plug(nic);
    virtio.during = () => {
      throw new Error('remove is not to throw');
    };
    bus.unplug(FIVE);
    expect(history()).to.include('removed 05.0 virtio remove is not to throw');
    expect(bus.listing()).to.deep.equal([]);
  });

  it('refuses an address that is taken or outside the bus', () => {
    bus.plug(nic);
    expect(() => bus.plug(new VirtioNic({ name: 'other', deviceNumber: 5 }))).to.throw(
      ErrnoError,
      `PCI slot ${FIVE} is taken`,
    );
    for (const deviceNumber of [0, 2, 32])
      expect(() => bus.plug(new VirtioNic({ name: 'odd', deviceNumber })), `${deviceNumber}`).to.throw(
        ErrnoError,
        'expected device 3 to 31',
      );
    expect(bus.listing()).to.have.length(1);
    expect(history()).to.have.length(2);
  });

  it('hands out the lowest free device number until none is left', () => {
    for (let device = 3; device <= 31; device++) {
      expect(bus.freeDeviceNumber()).to.equal(device);
      bus.plug(new VirtioNic({ name: 'nic', deviceNumber: device }));
    }
    expect(() => bus.freeDeviceNumber()).to.throw(ErrnoError, 'no PCI slot is free');
    bus.unplug('0000:00:1e.0');
    expect(bus.freeDeviceNumber()).to.equal(30);
    bus.plug(new VirtioNic({ name: 'nic', deviceNumber: 30 }));
    const bdfs = bus.listing().map(({ bdf }) => bdf);
    expect(bdfs, 'listed by BDF').to.deep.equal([...bdfs].sort());
  });

  it('refuses to unplug or probe a function again while its driver is at work', () => {
    const met: string[] = [];
    virtio.during = () => {
      bus.rescan();
      try {
        bus.unplug(FIVE);
      } catch (error) {
        met.push((error as ErrnoError).code);
      }
    };
    bus.plug(nic);
    bus.unplug(FIVE);
    expect(met).to.deep.equal(['EBUSY', 'EBUSY']);
    expect(virtio.calls).to.deep.equal(['matches 1000', `probe ${FIVE}`, `remove ${FIVE} present`]);
  });

  it("runs drivers with the driver's rights, whoever plugs, and restores the actor", () => {
    const guests = allocate(4, { rights: DRIVER_ONLY, label: "guest's own" });
    virtio.during = () => loadFrom(guests);
    const former = actAs(ACTOR_HOST);
    bus.plug(nic);
    bus.unplug(FIVE);
    expect(actAs(former)).to.equal(ACTOR_HOST);
    expect(history()).to.deep.equal(['plugged 05.0', 'bound 05.0 virtio', 'removed 05.0 virtio', 'unplugged 05.0']);
  });

  it('delivers pending interrupts to present functions', () => {
    const other = new VirtioNic({ name: 'other', deviceNumber: 6 });
    bus.plug(nic);
    bus.plug(other);
    const interrupt = (of: VirtioNic): void => {
      asHost(() => storeRelease32(of.function.base + PCI_FUNCTION_INTERRUPT_PENDING, 1));
    };
    interrupt(nic);
    interrupt(other);
    bus.surpriseRemove('0000:00:06.0');
    expect(bus.dispatchInterrupts()).to.equal(1);
    expect(bus.dispatchInterrupts()).to.equal(0);
    expect(bus.portOf(FIVE, virtio)!.interrupts).to.equal(1);
    expect(bus.portOf('0000:00:06.0', virtio)!.interrupts).to.equal(0);
  });

  it('keeps no more than the last 1,024 events', () => {
    for (let round = 0; round < 300; round++) {
      bus.plug(nic);
      bus.unplug(FIVE);
    }
    expect(bus.events).to.have.length(1_024);
    expect(bus.events.at(-1)!.kind).to.equal('unplugged');
  });
});

describe('virtio NIC', () => {
  beforeEach(() => resetArena());

  it('looks to a guest like a virtio-net NIC with one small BAR that it can only read', () => {
    const nic = new VirtioNic({ name: 'nic', deviceNumber: 3 });
    const seen = nic.function;
    expect(seen.identity).to.deep.equal(VIRTIO_NET_IDENTITY);
    expect(seen.bdf).to.equal('0000:00:03.0');
    expect([0, 1, 2, 3, 4, 5].map((bar) => seen.barBytes(bar))).to.deep.equal([64, 0, 0, 0, 0, 0]);
    seen.write32(0, 0, 7);
    expect(seen.read32(0, 0)).to.equal(0);
    expect(seen.read32(0, 64)).to.equal(ALL_ONES);
    expect(seen.dispatchInterrupt()).to.equal(false);
  });

  it('counts frames, and releases its memory once', () => {
    const nic = new VirtioNic({ name: 'nic', deviceNumber: 3 });
    nic.deliver(0, 60);
    nic.deliver(0, 60);
    expect(nic.received).to.equal(2);
    nic.destroy();
    nic.destroy();
    nic.surpriseRemove();
    expect(extents()).to.deep.equal([]);
  });
});
