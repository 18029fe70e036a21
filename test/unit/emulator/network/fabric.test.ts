import { expect } from 'chai';
import { resetArena } from '../../../../shared/arena';
import { VirtualClock } from '../../../../shared/clock';
import { UsageError } from '../../../../shared/errors';
import { withVlanTag } from '../../../../shared/ethernet';
import { Fabric } from '../../../../emulator/network/fabric';
import type { ConnectOptions } from '../../../../emulator/network/network';
import { VirtualSwitch } from '../../../../emulator/network/switch';
import type { SwitchPort } from '../../../../emulator/network/switchPort';
import { Tap } from '../../../../testbench/traffic/tap';
import { BROADCAST, frame, mac, MULTICAST, Station } from './endpoints';

describe('fabric', () => {
  let fabric: Fabric;
  let switches: VirtualSwitch[];
  let stations: Station[];

  const node = (name: string): VirtualSwitch => {
    const bridge = new VirtualSwitch({ clock: new VirtualClock() });
    fabric.join({ name, switch: bridge });
    return bridge;
  };

  /** Connects a station. If it has a number, the controller learns its address. */
  const connect = (
    bridge: number,
    number: number | null,
    options: ConnectOptions = {},
    network = 'lan',
  ): [Station, SwitchPort] => {
    const station = new Station(`station ${number ?? '?'}`);
    stations.push(station);
    const port = switches[bridge]!.network(network).connect(station, {
      ...options,
      mac: number === null ? null : mac(number),
    });
    return [station, port];
  };

  /** Takes the frames of each station, and returns how many there were, in the order of connection. */
  const takeCounts = (): number[] => stations.map((station) => station.take().length);

  beforeEach(() => {
    resetArena();
    fabric = new Fabric();
    stations = [];
    switches = ['one', 'two', 'three'].map(node);
  });

  it('joins networks of the same name, and no others', () => {
    const [a] = connect(0, 1);
    connect(1, 2);
    connect(1, 2, {}, 'other');
    const sent = frame(mac(2), mac(1), 5, 1_200);
    a.send(sent);
    expect(stations[1]!.received).to.deep.equal([sent]);
    expect(takeCounts()).to.deep.equal([0, 1, 0]);
  });

  it('sends only to the node of the destination, even before that has sent a frame', () => {
    const [a, port] = connect(0, 1);
    for (const bridge of [0, 1, 1, 2]) connect(bridge, 10 + stations.length);
    a.send(frame(mac(12), mac(1)));
    expect(takeCounts()).to.deep.equal([0, 0, 1, 0, 0]);
    expect(port.stats()).to.include({ in: 1, forwarded: 1, flooded: 0 });
  });

  it('floods group and unknown addresses to all other ports, once each', () => {
    const [a, port] = connect(0, 1);
    for (const bridge of [0, 1, 1, 2]) connect(bridge, 10 + stations.length);
    for (const to of [BROADCAST, MULTICAST, mac(99)]) {
      a.send(frame(to, mac(1)));
      expect(takeCounts()).to.deep.equal([0, 1, 1, 1, 1]);
    }
    expect(port.stats()).to.include({ flooded: 3, forwarded: 0 });
  });

  it('learns addresses from frames on each node, as a switch does', () => {
    const [a] = connect(0, 1);
    const [b] = connect(1, 2);
    connect(1, 3);
    b.send(frame(BROADCAST, mac(77)));
    takeCounts();
    a.send(frame(mac(77), mac(1)));
    expect(takeCounts()).to.deep.equal([0, 1, 0]);
  });

  it('trusts the controller, not a frame with a forged source', () => {
    const [a] = connect(0, 1);
    connect(1, 2);
    const [liar] = connect(0, 3);
    liar.send(frame(BROADCAST, mac(2)));
    takeCounts();
    a.send(frame(mac(2), mac(1)));
    expect(takeCounts()).to.deep.equal([0, 1, 0]);
  });

  it('counts a frame that reaches no port on any node, at its sender', () => {
    const [a, port] = connect(0, 1);
    a.send(frame(mac(9), mac(1)));
    a.send(frame(BROADCAST, mac(1)));
    switches[1]!.network('lan');
    a.send(frame(mac(9), mac(1)));
    expect(port.stats().dropped.noReceiver).to.equal(3);
    expect(port.stats()).to.include({ in: 3, forwarded: 0, flooded: 0 });
  });

  it('separates VLANs across nodes, and strips tags at access ports', () => {
    const [a] = connect(0, 1, { vlan: { access: 5 } });
    connect(1, 2, { vlan: { access: 5 } });
    connect(1, 3, { vlan: { access: 6 } });
    connect(2, 4, { vlan: { trunk: 'all' } });
    const sent = frame(BROADCAST, mac(1), 7);
    a.send(sent);
    expect(stations.map(({ received }) => received)).to.deep.equal([[], [sent], [], [withVlanTag(sent, 5)]]);
    takeCounts();
    a.send(frame(mac(3), mac(1)));
    expect(takeCounts()[2], 'a port of another VLAN').to.equal(0);
  });

  it('floods every frame if the network is a hub on each node', () => {
    for (const bridge of switches) bridge.network('lan').learns = false;
    const [a] = connect(0, 1);
    connect(1, 2);
    connect(2, 3);
    a.send(frame(mac(2), mac(1)));
    expect(takeCounts()).to.deep.equal([0, 1, 1]);
  });

  describe('while a port moves', () => {
    let a: Station;
    let b: Station;
    let sender: SwitchPort;
    let port: SwitchPort;

    beforeEach(() => {
      [a, sender] = connect(0, 1);
      [b, port] = connect(1, 2);
      connect(2, 3);
    });

    const arrive = (bridge: number): SwitchPort =>
      switches[bridge]!.network('lan').connect(b, { mac: mac(2), former: port });

    it('drops frames for it, counts them at the sender, and floods nothing', () => {
      port.depart();
      a.send(frame(mac(2), mac(1)));
      expect(takeCounts()).to.deep.equal([0, 0, 0]);
      expect(sender.stats().dropped.moving).to.equal(1);
    });

    it('delivers to the new node at once without an announcement, and keeps the counters', () => {
      a.send(frame(mac(2), mac(1)));
      port.depart();
      port = arrive(2);
      a.send(frame(mac(2), mac(1)));
      expect(takeCounts()).to.deep.equal([0, 2, 0]);
      expect(port.stats().out).to.equal(2);
      port.disconnect();
      expect(sender.stats().forwarded).to.equal(2);
    });

    it('forgets the addresses behind it', () => {
      b.send(frame(BROADCAST, mac(77)));
      port.depart();
      arrive(0);
      takeCounts();
      a.send(frame(mac(77), mac(1)));
      expect(takeCounts(), 'unknown again').to.deep.equal([0, 1, 1]);
    });

    it('forgets it if it does not arrive', () => {
      port.depart();
      port.disconnect();
      a.send(frame(mac(2), mac(1)));
      expect(sender.stats().dropped).to.include({ moving: 0 });
      expect(takeCounts(), 'unknown').to.deep.equal([0, 0, 1]);
      port.disconnect();
    });

    for (const from of [0, 1])
      it(`delivers a frame once that is being flooded from node ${from} when it moves`, () => {
        const [sender] = connect(from, 4);
        const [watcher] = connect(1, 5);
        b.onFrame = () => {
          b.onFrame = () => {};
          port.depart();
          port = arrive(2);
        };
        sender.send(frame(BROADCAST, mac(4)));
        expect(b.received).to.have.length(1);
        expect(watcher.received).to.have.length(1);
        expect(stations[2]!.received, 'at the new node').to.have.length(1);
      });

    it('takes the taps of a port along', () => {
      let crossed = 0;
      const onFrame = (): boolean => {
        crossed++;
        return false;
      };
      const tap = Tap.insert(port, { onFrame })!;
      const { endpoint } = port;
      port.depart();
      const next = switches[2]!.network('lan').connect(endpoint!, { mac: mac(2), former: port });
      a.send(frame(mac(2), mac(1)));
      expect(crossed).to.equal(1);
      tap.remove();
      a.send(frame(mac(2), mac(1)));
      expect(crossed).to.equal(1);
      expect(next.endpoint).to.equal(b);
      expect(b.received).to.have.length(2);
    });
  });

  it('refuses an address that lives at another port, on the same node and on another one, until that is gone', () => {
    const [, port] = connect(1, 2);
    const refusal = /network 'lan': MAC address 02:.*:02 belongs to '.+' already: choose another one/;
    for (const bridge of [1, 2]) {
      const ports = switches[bridge]!.network('lan').ports.length;
      expect(() => connect(bridge, 2)).to.throw(UsageError, refusal);
      expect(switches[bridge]!.network('lan').ports).to.have.length(ports);
    }
    switches[2]!.network('another').connect(new Station('x'), { mac: mac(2) });
    port.depart();
    expect(() => connect(2, 2), 'on its way').to.throw(UsageError, refusal);
    port.disconnect();
    connect(2, 2);
  });

  it('does not join a node with an address that lives at another one', () => {
    connect(0, 5);
    const late = new VirtualSwitch({ clock: new VirtualClock() });
    late.network('lan').connect(new Station('there'), { mac: mac(5) });
    expect(() => fabric.join({ name: 'late', switch: late })).to.throw(
      UsageError,
      /node 'late', network 'lan': 'there' has the MAC address of '.+': give it another one/,
    );
    expect(late.controller).to.equal(null);
  });

  it('tells a node that joins later where all addresses are', () => {
    connect(0, 1);
    connect(0, 2);
    const late = new VirtualSwitch({ clock: new VirtualClock() });
    const there = new Station('there');
    late.network('lan').connect(there, { mac: mac(5) });
    fabric.join({ name: 'late', switch: late });
    there.send(frame(mac(2), mac(5)));
    expect(takeCounts()).to.deep.equal([0, 1]);
    stations[0]!.send(frame(mac(5), mac(1)));
    expect(there.received).to.have.length(1);
    expect(takeCounts()).to.deep.equal([0, 0]);
  });

  it('forgets a node that is shut down, and its addresses', () => {
    const [a, port] = connect(0, 1);
    connect(1, 2);
    switches[1]!.destroy();
    a.send(frame(mac(2), mac(1)));
    expect(port.stats().dropped.noReceiver).to.equal(1);
    switches[0]!.destroy();
  });

  it('refuses a node that is joined already', () => {
    const again = (): void => new Fabric().join({ name: 'one', switch: switches[0]! });
    expect(again).to.throw(UsageError, "node 'one' is part of a fabric already");
  });
});
