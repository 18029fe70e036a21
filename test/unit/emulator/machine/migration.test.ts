import { expect } from 'chai';
import { extents } from '../../../../shared/arena';
import { VirtualClock } from '../../../../shared/clock';
import { ErrnoError, UsageError } from '../../../../shared/errors';
import { parseMac } from '../../../../shared/ethernet';
import { ComputeNode } from '../../../../emulator/machine/node';
import { frame, mac, Station } from '../network/endpoints';
import { ATTACHED, Cloud, NICS, steps } from './migrating';

describe('live migration of an instance', () => {
  let cloud: Cloud;
  let clock: Cloud['clock'];
  let driver: Cloud['driver'];
  let source: Cloud['source'];
  let destination: Cloud['destination'];
  let vm: Cloud['vm'];

  beforeEach(() => {
    cloud = new Cloud();
    ({ clock, driver, source, destination, vm } = cloud);
  });

  it('moves an instance with all its NICs, and records each step', () => {
    const before = vm.nics.map((nic) => nic.device?.settings);
    const migration = cloud.migrate({ moveMs: 5 });
    expect(migration).to.include({ phase: 'detaching', done: false, outcome: null, cause: null, node: source });
    cloud.finish(migration);
    expect(migration).to.include({ phase: 'done', outcome: 'completed', cause: null, node: destination });
    expect(steps(migration)).to.deep.equal(['started', 'disconnected', 'connected', 'ended']);
    for (const nic of ['vm.nic1', 'vm.nic2'])
      expect(steps(migration, nic)).to.deep.equal(['detach-event', 'acked', 'host-replaced', 'attach-event', 'acked']);
    expect(destination.instances).to.deep.equal([vm]);
    expect(source.instances).to.deep.equal([]);
    expect(cloud.connectedAt(destination)).to.deep.equal([true, true, true]);
    expect(cloud.statuses()).to.deep.equal([ATTACHED, ATTACHED]);
    expect(driver.seen).to.deep.equal(['04 1', '05 1', '04 2', '05 2']);
    vm.nics.forEach(({ device, mac: address }, i) => {
      if (device === null) return;
      expect(device.settings).to.include({ mac: address, mbufSize: 1_024, ifname: before[i]!.ifname });
      expect(device.settings.deviceId).to.not.equal(before[i]!.deviceId);
      expect(device.settings.layout.seed).to.not.equal(before[i]!.layout.seed);
    });
    const times = migration.timeline.map(({ atMs }) => atMs);
    expect(times).to.deep.equal([...times].sort((a, b) => a - b));
    const [left, arrived] = ['disconnected', 'connected'].map(
      (step) => migration.timeline.find((event) => event.step === step)!.atMs,
    );
    expect(arrived! - left!).to.equal(5);
  });

  it('applies the requested settings of each NIC over the defaults of the destination', () => {
    const ask = ({ index }: { readonly index: number }): object =>
      index === 1 ? { mbufSize: 512 } : { rxQueues: { max: 2 } };
    cloud.finish(cloud.migrate({ destination: ask }));
    expect(vm.nics[1]!.device!.settings.mbufSize).to.equal(512);
    expect(vm.nics[2]!.device!.settings).to.include({ mbufSize: 1_024 });
    expect(vm.nics[2]!.device!.settings.rxQueues).to.include({ max: 2 });
  });

  it('goes there and back ten times with the same mask, and leaks nothing', () => {
    cloud.finish(cloud.migrate());
    cloud.finish(destination.migrate(vm, source));
    const before = extents()
      .map(({ label, bytes }) => `${label} ${bytes}`)
      .sort();
    for (let round = 0; round < 10; round++) {
      expect(cloud.finish(source.migrate(vm, destination)).outcome).to.equal('completed');
      expect(cloud.finish(destination.migrate(vm, source)).outcome).to.equal('completed');
    }
    expect(
      extents()
        .map(({ label, bytes }) => `${label} ${bytes}`)
        .sort(),
    ).to.deep.equal(before);
    expect(vm.nics[1]!.device!.inspect.interruptMask).to.equal(0xffff_ffff);
  });

  it('makes new devices even if an instance migrates to its own node', () => {
    const { deviceId } = vm.nics[1]!.device!.settings;
    expect(cloud.finish(source.migrate(vm, source)).outcome).to.equal('completed');
    expect(vm.nics[1]!.device!.settings.deviceId).to.not.equal(deviceId);
    expect(source.instances).to.deep.equal([vm]);
  });

  it('is refused where a NIC at the destination has an address of the instance, and one that comes meanwhile is refused', () => {
    const twin = { network: 'A', mac: vm.nics[0]!.mac } as const;
    const apart = new ComputeNode({ name: 'apart', clock, seed: 7 });
    const other = apart.boot('twin', [twin], { drivers: [] });
    expect(() => source.migrate(vm, apart)).to.throw(UsageError, "belongs to 'twin.nic0' already");
    expect([vm.migration, source.instances.includes(vm)]).to.deep.equal([null, true]);
    apart.stop(other);
    const migration = cloud.migrate({ moveMs: 5 });
    cloud.reach(migration, 'moving');
    for (const at of [source, destination])
      expect(() => at.boot('twin', [twin], { drivers: [] })).to.throw(UsageError, 'already: choose another one');
    expect(cloud.finish(migration).outcome).to.equal('completed');
    expect(() => source.boot('twin', [twin], { drivers: [] })).to.throw(UsageError, "belongs to 'vm.nic0' already");
  });

  it('keeps the addresses of the instance at both nodes until it ends, without a fabric too', () => {
    const [left, right] = ['left', 'right'].map((name) => new ComputeNode({ name, clock, seed: 7 }));
    const mac = '02:00:00:00:00:0a';
    const moving = left!.boot('moving', [{ network: 'A', model: 'avp', mac }], { drivers: [cloud.driver] });
    const twin = [{ network: 'A', mac }] as const;
    for (const phase of ['detaching', 'moving', 'attaching'] as const) {
      const migration = left!.migrate(moving, right!, { moveMs: 5, ackTimeoutMs: 50 });
      cloud.reach(migration, phase);
      for (const at of [left!, right!])
        expect(() => at.boot('twin', twin, { drivers: [] })).to.throw(UsageError, "belongs to 'moving.nic0' already");
      left!.boot('other', [{ network: 'B', mac }], { drivers: [] });
      left!.stop(left!.instances.at(-1)!);
      migration.cancel();
      expect(cloud.finish(migration).outcome).to.equal('cancelled');
      expect(left!.instances).to.deep.equal([moving]);
    }
    expect(cloud.finish(left!.migrate(moving, right!)).outcome).to.equal('completed');
    left!.boot('twin', twin, { drivers: [] });
    expect(() => right!.migrate(moving, left!)).to.throw(UsageError, "belongs to 'twin.nic0' already");
  });

  it('does not wait for NICs without a driver', () => {
    const idle = source.boot('idle', NICS, { drivers: [] });
    const migration = cloud.finish(source.migrate(idle, destination));
    expect(migration.outcome).to.equal('completed');
    expect(steps(migration, 'idle.nic1')).to.deep.equal([
      'detach-event',
      'not-driven',
      'host-replaced',
      'attach-event',
      'not-driven',
    ]);
  });

  describe('the network', () => {
    let peer: Station;

    beforeEach(() => {
      peer = new Station('peer');
      source.switch.network('A').connect(peer, { mac: mac(1) });
    });

    const send = (nic: number): void => void peer.send(frame(parseMac(vm.nics[nic]!.mac), mac(1)));
    const drops = (): number =>
      source.switch
        .network('A')
        .ports.find(({ endpoint }) => endpoint === peer)!
        .stats().dropped.moving;
    const delivered = (nic: number): number => vm.nics[nic]!.port.stats().out;

    it('sends frames to the new node without an announcement, even for virtio NICs', () => {
      for (const nic of [0, 1]) send(nic);
      const migration = cloud.finish(cloud.migrate());
      for (const nic of [0, 1]) send(nic);
      expect(migration.outcome).to.equal('completed');
      expect([delivered(0), delivered(1)]).to.deep.equal([2, 2]);
      expect(peer.received).to.deep.equal([]);
    });

    it('drops and counts frames that arrive while the instance moves', () => {
      const migration = cloud.migrate({ moveMs: 20 });
      cloud.reach(migration, 'moving');
      send(0);
      send(1);
      expect(drops()).to.equal(2);
      cloud.finish(migration);
      expect([delivered(0), delivered(1)]).to.deep.equal([0, 0]);
    });

    it('forgets an instance that was stopped while it moved', () => {
      const address = vm.nics[0]!.mac;
      const migration = cloud.migrate({ moveMs: 20 });
      cloud.reach(migration, 'moving');
      source.stop(vm);
      peer.send(frame(parseMac(address), mac(1)));
      expect(drops()).to.equal(0);
    });
  });

  describe('ends in a defined way', () => {
    it('when a NIC is unplugged, in each phase: the others go on', () => {
      for (const phase of ['detaching', 'moving', 'attaching'] as const) {
        const name = `vm-${phase}`;
        const other = source.boot(name, NICS, { drivers: [driver] });
        const migration = source.migrate(other, destination, { moveMs: 5 });
        cloud.reach(migration, phase);
        const [, nic] = other.nics;
        other.hotUnplug(nic!);
        cloud.finish(migration);
        expect(migration.outcome, phase).to.equal('completed');
        expect(other.nics, phase).to.have.length(2);
        expect(destination.instances).to.include(other);
      }
    });

    it('when a NIC vanishes: nobody waits for it or connects it', () => {
      driver.ackFor = () => null;
      const migration = cloud.migrate({ ackTimeoutMs: 500 });
      clock.sleepMs(3);
      for (const nic of vm.nics.slice(1)) vm.surpriseRemove(nic);
      cloud.finish(migration);
      expect(migration.outcome).to.equal('completed');
      expect(cloud.connectedAt(destination)).to.deep.equal([true, false, false]);
      for (const nic of [...vm.nics.slice(1)]) vm.hotUnplug(nic);
      expect(vm.nics).to.have.length(1);
    });

    it('when the guest dies: nobody waits for it, and the device is attached at the destination', () => {
      driver.ackFor = () => null;
      const migration = cloud.migrate({ ackTimeoutMs: 500 });
      clock.sleepMs(3);
      for (const { device } of vm.nics) device?.guestDied();
      cloud.finish(migration);
      expect(migration.outcome).to.equal('completed');
      expect(vm.nics[1]!.device!.migration.status).to.equal(ATTACHED);
    });

    it('when the driver is removed', () => {
      driver.ackFor = () => null;
      const migration = cloud.migrate({ ackTimeoutMs: 500 });
      clock.sleepMs(3);
      for (const { owner } of vm.nics.slice(1)) driver.remove(owner.function);
      cloud.finish(migration);
      expect(migration.outcome).to.equal('completed');
    });

    it('when the instance is stopped, in each phase', () => {
      for (const phase of ['detaching', 'moving', 'attaching'] as const) {
        const other = source.boot(`vm-${phase}`, NICS, { drivers: [driver] });
        const migration = source.migrate(other, destination, { moveMs: 5 });
        cloud.reach(migration, phase);
        (migration.node as ComputeNode).stop(other);
        expect(migration, phase).to.include({ outcome: 'failed', done: true });
        expect(migration.cause).to.contain(`instance 'vm-${phase}' was stopped`);
        expect([...source.instances, ...destination.instances]).to.deep.equal([vm]);
      }
      source.shutdown();
      destination.shutdown();
      expect(extents()).to.deep.equal([]);
    });
  });

  it('probes a device again whose probe was refused while it was detached', () => {
    const other = source.boot('other', ['net-id=A,vif-model=avp'], { drivers: [] });
    const migration = source.migrate(other, destination);
    other.bus.register(driver);
    expect(driver.refused).to.deep.equal(['0000:00:03.0']);
    cloud.finish(migration);
    clock.sleepMs(2);
    expect(other.bus.listing()[0]!.driver).to.equal('net_avp');
  });

  it('refuses a hot plug, an instance of the same name and a second migration meanwhile', () => {
    const migration = cloud.migrate();
    expect(() => vm.hotPlug('net-id=A'))
      .to.throw(ErrnoError, 'is migrating')
      .with.property('code', 'EBUSY');
    for (const place of [source, destination])
      expect(() => place.boot('vm', [], { drivers: [] })).to.throw(UsageError, "instance 'vm' runs on node");
    expect(() => source.migrate(vm, destination)).to.throw(UsageError, "instance 'vm' is migrating already");
    cloud.finish(migration);
    vm.hotPlug('net-id=A,vif-model=avp');
    expect(destination.switch.network('A').ports.includes(vm.nics[3]!.port)).to.equal(true);
  });

  it('refuses impossible migrations, and changes nothing', () => {
    const elsewhere = new ComputeNode({ name: 'elsewhere', clock: new VirtualClock(), seed: 1 });
    destination.boot('twin', [], { drivers: [] });
    const twin = source.boot('twin', [], { drivers: [] });
    const cases: [() => unknown, string][] = [
      [() => destination.migrate(vm, source), "does not run on node 'destination'"],
      [() => source.migrate(vm, elsewhere), 'have different clocks'],
      [() => source.migrate(twin, destination), "instance 'twin' runs on node 'destination' already"],
      [() => cloud.migrate({ ackTimeoutMs: 0 }), 'ackTimeoutMs of a migration is 0'],
      [() => cloud.migrate({ moveMs: -1 }), 'moveMs of a migration is -1'],
      [() => cloud.migrate({ destination: { mbufSize: 1 } }), 'setting mbufSize'],
    ];
    for (const [call, why] of cases) expect(call, why).to.throw(UsageError, why);
    expect(vm.migration).to.equal(null);
    expect(cloud.statuses()).to.deep.equal([0, 0]);
    destination.shutdown();
    expect(() => cloud.migrate()).to.throw(UsageError, "node 'destination' has been shut down");
  });
});
