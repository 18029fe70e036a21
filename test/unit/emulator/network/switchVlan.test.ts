import { expect } from 'chai';
import { resetArena } from '../../../../shared/arena';
import { VirtualClock } from '../../../../shared/clock';
import { withVlanTag } from '../../../../shared/ethernet';
import type { PortVlan } from '../../../../emulator/network/portVlan';
import type { Network } from '../../../../emulator/network/network';
import { VirtualSwitch } from '../../../../emulator/network/switch';
import { BROADCAST, frame, mac, Station } from './endpoints';

describe('virtual switch, VLANs', () => {
  let network: Network;

  beforeEach(() => {
    resetArena();
    network = new VirtualSwitch({ clock: new VirtualClock() }).network('a');
  });

  const join = (name: string, vlan: PortVlan): Station => {
    const station = new Station(name);
    network.connect(station, { vlan });
    return station;
  };
  const plain = frame(BROADCAST, mac(1), 11, 200);

  it('inserts the tag from an access port to a trunk, and strips it on the way back', () => {
    const access = join('access', { access: 10 });
    const trunk = join('trunk', { trunk: [10, 20] });
    access.send(plain);
    expect(trunk.take()).to.deep.equal([withVlanTag(plain, 10)]);
    const answer = frame(mac(1), mac(2), 12, 61);
    trunk.send(withVlanTag(answer, 0xa00a));
    expect(access.take()).to.deep.equal([answer]);
  });

  it('passes frames between access ports in place', () => {
    const from = join('from', { access: 10 });
    const to = join('to', { access: 10 });
    const place = from.send(plain);
    expect(to.received).to.deep.equal([plain]);
    expect(to.addresses).to.deep.equal([place]);
  });

  it('passes tags from trunk to trunk unchanged', () => {
    const from = join('from', { trunk: 'all' });
    const to = join('to', { trunk: [0, 30] });
    const tagged = withVlanTag(plain, 0x701e);
    const place = from.send(tagged);
    expect(to.received).to.deep.equal([tagged]);
    expect(to.addresses).to.deep.equal([place]);
    from.send(withVlanTag(plain, 31));
    from.send(plain);
    from.send(withVlanTag(plain, 0xe000));
    expect(to.received.slice(1)).to.deep.equal([plain, withVlanTag(plain, 0xe000)]);
  });

  it('separates the VLANs of a network, including their known addresses', () => {
    const ten = join('ten', { access: 10 });
    const otherTen = join('other ten', { access: 10 });
    const twenty = join('twenty', { access: 20 });
    const trunk = join('trunk', { trunk: 'all' });
    ten.send(frame(BROADCAST, mac(1)));
    expect([otherTen.take().length, twenty.take().length, trunk.take().length]).to.deep.equal([1, 0, 1]);
    twenty.send(frame(mac(1), mac(2)));
    expect([ten.take().length, otherTen.take().length, trunk.take().length], 'unknown on 20').to.deep.equal([0, 0, 1]);
    trunk.send(withVlanTag(frame(mac(1), mac(3)), 10));
    expect([ten.take().length, otherTen.take().length], 'known on 10').to.deep.equal([1, 0]);
  });

  it('drops frames of VLANs that a port does not carry', () => {
    const access = join('access', { access: 10 });
    const trunk = join('trunk', { trunk: [20] });
    const all = join('all', { trunk: 'all' });
    access.send(withVlanTag(plain, 10));
    access.send(withVlanTag(plain, 20));
    trunk.send(plain);
    trunk.send(withVlanTag(plain, 10));
    expect(all.received).to.deep.equal([]);
    expect(network.ports.map((port) => port.stats().dropped.vlan)).to.deep.equal([2, 2, 0]);
  });

  it('treats a priority tag at an access port as untagged, and keeps the priority', () => {
    const access = join('access', { access: 10 });
    const peer = join('peer', { access: 10 });
    const trunk = join('trunk', { trunk: 'all' });
    access.send(withVlanTag(plain, 0xe000));
    expect(peer.received).to.deep.equal([plain]);
    expect(trunk.received).to.deep.equal([withVlanTag(plain, 0xe00a)]);
  });

  it('handles the shortest frames', () => {
    const access = join('access', { access: 10 });
    const trunk = join('trunk', { trunk: 'all' });
    const shortest = frame(BROADCAST, mac(1), 0, 14);
    access.send(shortest);
    expect(trunk.take()).to.deep.equal([withVlanTag(shortest, 10)]);
    trunk.send(withVlanTag(frame(mac(1), mac(2), 0, 14), 10));
    expect(access.take()).to.deep.equal([frame(mac(1), mac(2), 0, 14)]);
  });

  it('treats a truncated tag as no tag', () => {
    const from = join('from', { trunk: 'all' });
    const to = join('to', { trunk: [0] });
    const cut = withVlanTag(plain, 10).subarray(0, 17);
    from.send(cut);
    expect(to.received).to.deep.equal([cut]);
  });

  it('handles the longest frames', () => {
    const access = join('access', { access: 10 });
    const trunk = join('trunk', { trunk: 'all' });
    const longest = frame(BROADCAST, mac(1), 5, 65_535);
    access.send(longest);
    expect(trunk.received).to.deep.equal([withVlanTag(longest, 10)]);
  });
});
