import { expect } from 'chai';
import { allocate, extents, resetArena } from '../../../../shared/arena';
import { VirtualClock } from '../../../../shared/clock';
import { UsageError } from '../../../../shared/errors';
import { withVlanTag } from '../../../../shared/ethernet';
import { HOST_ONLY } from '../../../../shared/loops/rights';
import type { Network } from '../../../../emulator/network/network';
import { VirtualSwitch } from '../../../../emulator/network/switch';
import { BROADCAST, frame, mac, MULTICAST, Station } from './endpoints';

describe('virtual switch', () => {
  let clock: VirtualClock;
  let bridge: VirtualSwitch;
  let network: Network;
  let stations: Station[];

  const join = (name: string): Station => {
    const station = new Station(name);
    network.connect(station);
    return station;
  };

  beforeEach(() => {
    resetArena();
    clock = new VirtualClock();
    bridge = new VirtualSwitch({ clock, ageingMs: 1_000, maxMacs: 4 });
    network = bridge.network('a');
    stations = ['one', 'two', 'three'].map(join);
  });

  const takeCounts = (): number[] => stations.map((station) => station.take().length);

  it('floods broadcast, multicast and unknown destinations to all other ports', () => {
    for (const destination of [BROADCAST, MULTICAST, mac(99)]) {
      stations[0]!.send(frame(destination, mac(1)));
      expect(takeCounts()).to.deep.equal([0, 1, 1]);
    }
    expect(network.ports[0]!.stats()).to.include({ in: 3, flooded: 3, forwarded: 0, out: 0 });
    expect(network.ports[1]!.stats()).to.include({ in: 0, out: 3 });
  });

  it('passes frames on in place, without a copy', () => {
    const sent = frame(mac(2), mac(1), 7, 9_022);
    const place = stations[0]!.send(sent);
    expect(stations[1]!.received).to.deep.equal([sent]);
    expect(stations[1]!.addresses).to.deep.equal([place]);
    expect(extents().map((extent) => extent.label)).to.not.include('switch: tag scratch');
  });

  it('learns the port of an address, and then sends only to that port', () => {
    stations[1]!.send(frame(BROADCAST, mac(2)));
    takeCounts();
    stations[0]!.send(frame(mac(2), mac(1)));
    expect(takeCounts()).to.deep.equal([0, 1, 0]);
    expect(network.ports[0]!.stats()).to.include({ forwarded: 1, flooded: 0 });
  });

  it('follows an address that moves', () => {
    stations[1]!.send(frame(BROADCAST, mac(2)));
    stations[2]!.send(frame(BROADCAST, mac(2)));
    takeCounts();
    stations[0]!.send(frame(mac(2), mac(1)));
    expect(takeCounts()).to.deep.equal([0, 0, 1]);
  });

  it('forgets an address after the ageing time, and not before', () => {
    stations[1]!.send(frame(BROADCAST, mac(2)));
    clock.sleepMs(900);
    stations[1]!.send(frame(BROADCAST, mac(2)));
    takeCounts();
    clock.sleepMs(1_000);
    stations[0]!.send(frame(mac(2), mac(1)));
    expect(takeCounts(), 'still known').to.deep.equal([0, 1, 0]);
    clock.sleepMs(1);
    stations[0]!.send(frame(mac(2), mac(1)));
    expect(takeCounts(), 'aged').to.deep.equal([0, 1, 1]);
    expect(network.stats()).to.deep.equal({ macs: 1, evicted: 0, aged: 1 });
  });

  it('never sends a frame back to its port, even if its destination is there', () => {
    stations[0]!.send(frame(BROADCAST, mac(1)));
    stations[0]!.send(frame(BROADCAST, mac(5)));
    takeCounts();
    stations[0]!.send(frame(mac(5), mac(1)));
    expect(takeCounts()).to.deep.equal([0, 0, 0]);
    expect(network.ports[0]!.stats().dropped.ownPort).to.equal(1);
  });

  it('does not learn a group address, but counts it and forwards the frame', () => {
    stations[0]!.send(frame(mac(9), MULTICAST));
    expect(takeCounts()).to.deep.equal([0, 1, 1]);
    expect(network.ports[0]!.stats().groupSource).to.equal(1);
    expect(network.stats().macs).to.equal(0);
  });

  it('evicts the address that was not seen for the longest time when the table is full', () => {
    for (const number of [1, 2, 3, 4, 1, 5]) {
      stations[0]!.send(frame(BROADCAST, mac(number)));
      clock.sleepMs(1);
    }
    takeCounts();
    expect(network.stats()).to.deep.equal({ macs: 4, evicted: 1, aged: 0 });
    for (const [number, reached] of [
      [1, [1, 0, 0]],
      [5, [1, 0, 0]],
      [2, [1, 0, 1]],
    ] as const) {
      stations[1]!.send(frame(mac(number), MULTICAST));
      expect(takeCounts(), `address ${number}`).to.deep.equal(reached);
    }
  });

  it('separates networks', () => {
    const stranger = new Station('stranger');
    bridge.network('b').connect(stranger);
    stranger.send(frame(BROADCAST, mac(2)));
    stations[0]!.send(frame(BROADCAST, mac(1)));
    stations[0]!.send(frame(mac(2), mac(1)));
    expect(stranger.received).to.deep.equal([]);
    expect(takeCounts()).to.deep.equal([0, 2, 2]);
    expect(bridge.network('b')).to.equal(bridge.networks()[1]);
  });

  it('refuses frames without a complete header, and frames above 65,535 bytes', () => {
    stations[0]!.sendRaw(13);
    stations[0]!.sendRaw(0);
    stations[0]!.sendRaw(65_536);
    expect(takeCounts()).to.deep.equal([0, 0, 0]);
    expect(network.ports[0]!.stats().dropped).to.include({ tooShort: 2, tooLong: 1 });
    stations[0]!.send(frame(BROADCAST, mac(1), 0, 14));
    expect(takeCounts()).to.deep.equal([0, 1, 1]);
  });

  it('accounts for every incoming frame', () => {
    stations[0]!.send(frame(BROADCAST, mac(1)));
    stations[1]!.send(frame(mac(1), mac(2)));
    stations[1]!.send(frame(mac(2), mac(2)));
    stations[1]!.sendRaw(3);
    const ports = [...network.ports];
    ports[0]!.disconnect();
    ports[2]!.disconnect();
    stations[1]!.send(frame(BROADCAST, mac(2)));
    expect(ports.map((port) => port.stats().in)).to.deep.equal([1, 4, 0]);
    for (const port of ports) {
      const { in: offered, forwarded, flooded, dropped } = port.stats();
      const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
      expect(offered).to.equal(forwarded + flooded + lost);
    }
  });
});

describe('virtual switch, ports that are added and removed', () => {
  let clock: VirtualClock;
  let network: Network;

  beforeEach(() => {
    resetArena();
    clock = new VirtualClock();
    network = new VirtualSwitch({ clock }).network('a');
  });

  it('forgets the addresses of a removed port, and drops frames that are still sent through it', () => {
    const [one, two, three] = ['one', 'two', 'three'].map((name) => new Station(name));
    const ports = [one!, two!, three!].map((station) => network.connect(station));
    two!.send(frame(BROADCAST, mac(2)));
    const stale = two!.uplink!;
    ports[1]!.disconnect();
    ports[1]!.disconnect();
    expect(two!.uplink).to.equal(null);
    two!.uplink = stale;
    two!.send(frame(BROADCAST, mac(2)));
    expect(ports[1]!.stats().dropped.disconnected).to.equal(1);
    one!.take();
    three!.take();
    one!.send(frame(mac(2), mac(1)));
    expect(three!.take(), 'flooded again').to.have.length(1);
    expect(two!.received).to.deep.equal([]);
    const newcomer = new Station('newcomer');
    network.connect(newcomer);
    one!.send(frame(mac(2), mac(1)));
    expect(newcomer.received).to.have.length(1);
  });

  it('counts a frame that has no other port to go to', () => {
    const lonely = new Station('lonely');
    const port = network.connect(lonely);
    lonely.send(frame(BROADCAST, mac(1)));
    expect(port.stats()).to.deep.include({ in: 1, flooded: 0 });
    expect(port.stats().dropped.noReceiver).to.equal(1);
  });

  it('keeps flooding if an endpoint disconnects another meanwhile', () => {
    const stations = ['one', 'two', 'three', 'four'].map((name) => new Station(name));
    const ports = stations.map((station) => network.connect(station));
    stations[1]!.onFrame = () => ports[2]!.disconnect();
    stations[0]!.send(frame(BROADCAST, mac(1)));
    expect(stations.map((station) => station.received.length)).to.deep.equal([0, 1, 0, 1]);
    expect(ports.map((port) => port.stats().out)).to.deep.equal([0, 1, 0, 1]);
  });

  it('delivers both frames intact if an endpoint answers at once', () => {
    const [asker, trunk, answerer, other] = ['asker', 'trunk', 'answerer', 'other'].map((name) => new Station(name));
    network.connect(asker!, { vlan: { access: 5 } });
    network.connect(trunk!);
    network.connect(answerer!, { vlan: { access: 5 } });
    network.connect(other!);
    const question = frame(BROADCAST, mac(1), 3);
    const answer = frame(BROADCAST, mac(2), 9);
    answerer!.onFrame = () => answerer!.send(answer);
    asker!.send(question);
    expect(trunk!.received).to.deep.equal([withVlanTag(question, 5), withVlanTag(answer, 5)]);
    expect(other!.received).to.deep.equal([withVlanTag(answer, 5), withVlanTag(question, 5)]);
    expect(asker!.received).to.deep.equal([answer]);
  });

  it('ends a broadcast storm between endpoints that repeat everything', () => {
    const [left, right, near, far] = ['left', 'right', 'near', 'far'].map((name) => new Station(name));
    for (const station of [left!, right!, near!, far!]) network.connect(station);
    left!.onFrame = (copy) => right!.send(copy);
    right!.onFrame = (copy) => left!.send(copy);
    near!.send(frame(BROADCAST, mac(1)));
    const looped = network.ports.reduce((sum, port) => sum + port.stats().dropped.loop, 0);
    expect(looped).to.be.greaterThan(0);
    expect(far!.take().length).to.be.greaterThan(1);
    near!.send(frame(BROADCAST, mac(1)));
    expect(far!.received.length, 'usable afterwards').to.be.greaterThan(0);
  });

  it('refuses a connected endpoint, bad VLANs and bad limits, in one line', () => {
    const station = new Station('one');
    network.connect(station);
    expect(() => network.connect(station)).to.throw(UsageError, "'one' is connected already");
    const other = new Station('two');
    for (const vlan of [{ access: 0 }, { access: 4_095 }, { access: 1.5 }, { trunk: [10, 5_000] }, { trunk: [-1] }])
      expect(() => network.connect(other, { vlan }), JSON.stringify(vlan)).to.throw(UsageError, 'expected');
    expect(other.uplink).to.equal(null);
    expect(network.ports).to.have.length(1);
    expect(() => new VirtualSwitch({ clock, ageingMs: 0 })).to.throw(UsageError, 'ageingMs 0');
    expect(() => new VirtualSwitch({ clock, maxMacs: 0 }).network('x')).to.throw(UsageError, 'maxMacs 0');
  });

  it('releases its memory', () => {
    allocate(64, { rights: HOST_ONLY, label: 'other' });
    const bridge = new VirtualSwitch({ clock });
    const before = extents().length;
    const station = { name: 'x', uplink: null, deliver: () => {} };
    bridge.network('n').connect(station, { vlan: { access: 7 } });
    expect(extents()).to.have.length(before + 1);
    bridge.destroy();
    expect(extents()).to.have.length(before);
    expect(station.uplink).to.equal(null);
  });
});
