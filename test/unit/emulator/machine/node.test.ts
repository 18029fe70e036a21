import { storeRelease32 } from '#mem';
import { expect } from 'chai';
import { asHost } from '../../../../shared/actors';
import { extents, resetArena } from '../../../../shared/arena';
import { RealClock, VirtualClock } from '../../../../shared/clock';
import { ErrnoError, UsageError } from '../../../../shared/errors';
import { isGroupMac, parseMac } from '../../../../shared/ethernet';
import { resetInterruptHandlers } from '../../../../shared/pci';
import { probeFlow } from '../../../../testbench/traffic/probeFrame';
import { PCI_FUNCTION_INTERRUPT_PENDING } from '../../../../shared/loops/records';
import { AvpDevice } from '../../../../emulator/device/device';
import { ComputeNode } from '../../../../emulator/machine/node';
import { TrafficGenerator } from '../../../../testbench/traffic/trafficGenerator';
import { TrafficOracle } from '../../../../testbench/traffic/trafficOracle';
import { FakeDriver, isAvp } from './drivers';
import { BROADCAST, frame, mac, Station } from '../network/endpoints';

/** Settings of small devices: these tests are about the node. */
const deviceDefaults = { pools: [{ buffers: 64 }], fifoSlots: { tx: 16, rx: 16, alloc: 16, free: 16 } };
const THREE = ['net-id=A', 'net-id=B,vif-model=avp', 'vif-model=avp,net-id=C'];

describe('compute node', () => {
  let clock: VirtualClock;
  let node: ComputeNode;
  let driver: FakeDriver;

  beforeEach(() => {
    resetArena();
    resetInterruptHandlers();
    clock = new VirtualClock();
    node = new ComputeNode({ name: 'node-1', clock, seed: 7, deviceDefaults });
    driver = new FakeDriver('net_avp', isAvp);
  });

  it('boots an instance with one virtio and two AVP NICs, of which the AVP driver binds the latter', () => {
    const instance = node.boot('my-instance1', THREE, { drivers: [driver] });
    expect(instance.bus.listing().map((line) => [line.bdf, line.identity.device, line.driver])).to.deep.equal([
      ['0000:00:03.0', 0x1000, null],
      ['0000:00:04.0', 0x1110, 'net_avp'],
      ['0000:00:05.0', 0x1110, 'net_avp'],
    ]);
    expect(instance.nics.map(({ name, bdf, model, network }) => [name, bdf, model, network])).to.deep.equal([
      ['my-instance1.nic0', '0000:00:03.0', 'virtio', 'A'],
      ['my-instance1.nic1', '0000:00:04.0', 'avp', 'B'],
      ['my-instance1.nic2', '0000:00:05.0', 'avp', 'C'],
    ]);
    expect(instance.nics.map(({ device }) => device instanceof AvpDevice)).to.deep.equal([false, true, true]);
    expect(instance.portOf(instance.nics[0]!, driver)).to.equal(null);
    expect(instance.portOf(instance.nics[1]!, driver)!.device.bdf).to.equal('0000:00:04.0');
    const sizes = node.switch.networks().map(({ id, ports }) => [id, ports.length]);
    expect(sizes).to.deep.equal([
      ['A', 1],
      ['B', 1],
      ['C', 1],
    ]);
    expect(node.instances).to.deep.equal([instance]);
  });

  it('joins NICs of several instances to one network', () => {
    const nics = ['net-id=A', 'net-id=A,vif-model=avp'];
    const [left, right] = ['left', 'right'].map((name) => node.boot(name, nics, { drivers: [] }));
    const station = new Station('station');
    node.connect(station, 'A');
    station.send(frame(BROADCAST, mac(1)));
    for (const instance of [left!, right!])
      expect(instance.nics.map(({ port }) => port.stats().out)).to.deep.equal([1, 1]);
  });

  it('gives each NIC its own MAC address, which follows from the seed', () => {
    const addresses = (on: VirtualClock, names: readonly string[]): string[] =>
      names.flatMap((name) => {
        const other = new ComputeNode({ name, clock: on, seed: 7, deviceDefaults });
        return other.boot('i', Array<string>(8).fill('net-id=A'), { drivers: [] }).nics.map((nic) => nic.mac);
      });
    const first = addresses(new VirtualClock(), ['a', 'b', 'a']);
    expect(new Set(first).size).to.equal(24);
    for (const text of first) {
      expect(text).to.match(/^fa:16:3e:/);
      expect(isGroupMac(parseMac(text))).to.equal(false);
    }
    expect(addresses(new VirtualClock(), ['a', 'b', 'a'])).to.deep.equal(first);
  });

  it("applies the settings of a NIC's spec over the node's defaults, field by field", () => {
    const spec = { network: 'A', model: 'avp', settings: { mbufSize: 1_024, fifoSlots: { rx: 32 } } } as const;
    const given = { network: 'A', model: 'avp', mac: '02:00:00:00:00:AA' } as const;
    const { nics } = node.boot('i', [spec, given], { drivers: [] });
    const { settings } = nics[0]!.device!;
    expect(settings).to.include({ mbufSize: 1_024, ifname: 'avp0', mac: nics[0]!.mac });
    expect(settings.fifoSlots).to.include({ rx: 32, tx: 16 });
    expect(settings.pools).to.deep.equal([{ buffers: 64 }]);
    expect(nics[1]!.device!.settings).to.include({ mac: '02:00:00:00:00:aa', mbufSize: 2_048 });
    expect(nics[1]!.device!.settings.deviceId).to.not.equal(settings.deviceId);
  });

  const refusals: readonly [why: string, nics: Parameters<ComputeNode['boot']>[1]][] = [
    ['net-id is missing', ['net-id=A', 'vif-model=avp']],
    ['expected at most 16', Array<string>(17).fill('net-id=A')],
    ['VLAN 5000', ['net-id=A,vif-model=avp', { network: 'A', vlan: { access: 5_000 } }]],
    ['setting mbufSize', ['net-id=A,vif-model=avp', { network: 'A', model: 'avp', settings: { mbufSize: 1 } }]],
    ["MAC address '01:", [{ network: 'A', mac: '01:00:5e:00:00:01' }]],
    ["MAC address 'xyz'", ['net-id=A', { network: 'A', mac: 'xyz' }]],
    ["belongs to 'i.nic0' already", ['02:00:00:00:00:0a', '02:00:00:00:00:0A'].map((mac) => ({ network: 'A', mac }))],
  ];
  for (const [why, nics] of refusals)
    it(`boots nothing if it refuses a NIC: ${why}`, () => {
      node.boot('there', ['net-id=A'], { drivers: [driver] });
      const before = extents();
      expect(() => node.boot('i', nics, { drivers: [driver] })).to.throw(UsageError, why);
      expect(extents()).to.deep.equal(before);
      expect(node.instances.map(({ name }) => name)).to.deep.equal(['there']);
      expect(node.switch.network('A').ports).to.have.length(1);
      node.boot('i', ['net-id=A'], { drivers: [driver] });
    });

  it('refuses a NIC that is plugged in with the address of another one on its network, and takes it on another network', () => {
    const nic = { network: 'A', mac: '02:00:00:00:00:0a' } as const;
    const there = node.boot('there', [nic], { drivers: [] });
    const late = node.boot('late', [], { drivers: [driver] });
    const before = extents();
    const plug = (): unknown => late.hotPlug({ ...nic, model: 'avp' });
    expect(plug).to.throw(UsageError, "network 'A': MAC address 02:00:00:00:00:0a belongs to 'there.nic0' already");
    expect([extents(), late.nics]).to.deep.equal([before, []]);
    late.hotPlug({ ...nic, network: 'B' });
    there.hotUnplug(there.nics[0]!);
    plug();
  });

  it('refuses a second instance of the same name', () => {
    node.boot('i', [], { drivers: [] });
    const again = (): unknown => node.boot('i', [], { drivers: [] });
    expect(again).to.throw(UsageError, "instance 'i' runs on node 'node-1' already");
  });

  it('boots an instance even if the driver refuses a device, and keeps the reason', () => {
    driver.refusal = new ErrnoError('EINVAL', 'version 1.3.0');
    const instance = node.boot('i', THREE, { drivers: [driver] });
    const errors = instance.bus.listing().map(({ error }) => error?.message ?? null);
    expect(errors).to.deep.equal([null, 'version 1.3.0', 'version 1.3.0']);
    expect(instance.portOf(instance.nics[1]!, driver)).to.equal(null);
  });

  it('steps devices and endpoints while virtual time passes', () => {
    const oracle = new TrafficOracle();
    const flows = [probeFlow({ id: 1, sourceMac: mac(1), destinationMac: mac(2) })];
    const paced = { framesPerFlow: 5, framesPerStep: 1 };
    const generator = new TrafficGenerator({ name: 'generator', seed: 1, flows, oracle, ...paced });
    node.connect(generator, 'A');
    const { nics } = node.boot('i', ['net-id=A'], { drivers: [] });
    clock.sleepMs(3);
    expect(nics[0]!.port.stats().out).to.equal(3);
    clock.sleepMs(9);
    expect(generator.done).to.equal(true);
  });

  it("delivers interrupts to the guest's handlers while virtual time passes", () => {
    const instance = node.boot('i', ['net-id=A,vif-model=avp'], { drivers: [driver] });
    const nic = instance.nics[0]!;
    const raise = (): void => {
      asHost(() => storeRelease32(nic.owner.function.base + PCI_FUNCTION_INTERRUPT_PENDING, 1));
    };
    raise();
    clock.sleepMs(1);
    raise();
    instance.step();
    instance.step();
    expect(instance.portOf(nic, driver)!.interrupts).to.equal(2);
  });

  it('releases everything at shutdown, and is no longer stepped', () => {
    const steps: string[] = [];
    const endpoint = {
      ...{ name: 'endpoint', uplink: null, deliver: () => {} },
      ...{ step: () => steps.push('step'), destroy: () => steps.push('destroy') },
    };
    node.connect(endpoint, 'A', { vlan: { access: 4 } });
    node.boot('i', THREE, { drivers: [driver] });
    node.boot('j', THREE, { drivers: [driver] });
    clock.step();
    node.shutdown();
    clock.sleepMs(5);
    expect(steps).to.deep.equal(['step', 'destroy']);
    expect(extents()).to.deep.equal([]);
    expect(driver.calls.filter((call) => call.startsWith('remove'))).to.have.length(4);
    expect(node.instances).to.deep.equal([]);
  });

  it('works with a real clock, stepped by hand', () => {
    node = new ComputeNode({ name: 'real', clock: new RealClock(), seed: 1, deviceDefaults });
    const instance = node.boot('i', THREE, { drivers: [driver] });
    node.step();
    instance.step();
    node.shutdown();
    expect(extents()).to.deep.equal([]);
  });
});

describe('instance, hot plug', () => {
  let node: ComputeNode;
  let driver: FakeDriver;

  beforeEach(() => {
    resetArena();
    resetInterruptHandlers();
    node = new ComputeNode({ name: 'node', clock: new VirtualClock(), seed: 7, deviceDefaults });
    driver = new FakeDriver('net_avp', isAvp);
  });

  it('adds a NIC to a running guest and removes it in order', () => {
    const instance = node.boot('i', THREE, { drivers: [driver] });
    const before = extents();
    const nic = instance.hotPlug('net-id=A,vif-model=avp');
    expect(nic).to.include({ name: 'i.nic3', bdf: '0000:00:06.0' });
    expect(instance.bus.listing()[3]).to.include({ driver: 'net_avp' });
    instance.hotUnplug(nic);
    expect(driver.calls.at(-1)).to.equal('remove 0000:00:06.0 present');
    expect(instance.nics).to.have.length(3);
    expect(extents()).to.deep.equal(before);
    expect(node.switch.network('A').ports).to.have.length(1);
    const again = (): void => instance.hotUnplug(nic);
    expect(again).to.throw(ErrnoError, "'i.nic3' is not attached").with.property('code', 'ENODEV');
    expect(() => instance.surpriseRemove(nic)).to.throw(ErrnoError);
    expect(instance.hotPlug('net-id=A')).to.include({ name: 'i.nic4', bdf: '0000:00:06.0' });
  });

  it('removes a NIC by surprise; the driver stays bound until the guest cleans up', () => {
    const instance = node.boot('i', THREE, { drivers: [driver] });
    const nic = instance.nics[1]!;
    instance.surpriseRemove(nic);
    expect(nic.device!.function.present).to.equal(false);
    expect(node.switch.network('B').ports).to.deep.equal([]);
    expect(instance.portOf(nic, driver)).to.not.equal(null);
    node.step();
    instance.step();
    instance.hotUnplug(nic);
    expect(driver.calls.at(-1)).to.equal('remove 0000:00:04.0 gone');
    expect(instance.nics.map(({ index }) => index)).to.deep.equal([0, 2]);
    node.shutdown();
    expect(extents()).to.deep.equal([]);
  });

  it('allows at most 16 NICs, not counting removed ones', () => {
    const instance = node.boot('i', Array<string>(16).fill('net-id=A'), { drivers: [] });
    const oneMore = (): unknown => instance.hotPlug('net-id=A');
    expect(oneMore).to.throw(ErrnoError, "instance 'i' has 16 NICs").with.property('code', 'EBUSY');
    instance.hotUnplug(instance.nics[4]!);
    expect(instance.hotPlug('net-id=A').bdf).to.equal('0000:00:07.0');
  });

  it('changes nothing if a NIC is refused', () => {
    const instance = node.boot('i', ['net-id=A'], { drivers: [] });
    const before = extents();
    expect(() => instance.hotPlug('net-id=A,vif-model=e1000')).to.throw(UsageError);
    expect(() => instance.hotPlug({ network: 'A', model: 'avp', settings: { mbufSize: 1 } })).to.throw(UsageError);
    expect(extents()).to.deep.equal(before);
    expect(instance.hotPlug('net-id=A').name).to.equal('i.nic1');
  });
});
