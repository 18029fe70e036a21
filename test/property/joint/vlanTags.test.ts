import { expect } from 'chai';
import { withVlanTag } from '../../../shared/ethernet';
import { ownFrame } from './frames';
import { configOf, Guest } from './guest';
import { Rig, SMALL } from './rig';

const OPTIONS = { rxQueues: 2, txQueues: 2 };

describe('tags of packets on tx', () => {
  it('are still inserted when VLAN insertion is switched off afterwards', () => {
    const rig = new Rig(SMALL);
    const guest = new Guest(rig.probe(), { ...OPTIONS, vlanInsert: true }).setUp().start();
    rig.settle();
    for (let i = 0; i < 5; i++) guest.offer(0, ownFrame(i), { vlanTci: 7 });
    expect(guest.send(0, 64)).to.equal(5);
    guest.port.vlanOffloadSet({ insert: false });
    rig.settle();
    expect(rig.wire.take().map((f) => f.length)).to.deep.equal([304, 304, 304, 304, 304]);
  });

  it('are still inserted when the port is stopped and configured without insertion, even by a slow host', () => {
    const rig = new Rig({ ...SMALL, budget: { tx: 1 } });
    const guest = new Guest(rig.probe(), { ...OPTIONS, vlanInsert: true }).setUp().start();
    rig.settle();
    for (let i = 0; i < 5; i++) guest.offer(0, ownFrame(i), { vlanTci: 7 });
    expect(guest.send(0, 64)).to.equal(5);
    guest.port.stop();
    guest.port.configure(configOf(OPTIONS));
    rig.settle();
    expect(rig.wire.take().map((f) => f.length)).to.deep.equal([304, 304, 304, 304, 304]);
  });
});

describe('packets on rx whose tag was stripped', () => {
  it('still have their tag after a detach and an attach to the same host, which keeps the rings', () => {
    const rig = new Rig(SMALL);
    const guest = new Guest(rig.probe(), { ...OPTIONS, vlanStrip: true }).setUp().start();
    rig.settle();
    for (let i = 0; i < 3; i++) rig.wire.send(withVlanTag(ownFrame(i), 7));
    rig.settle();
    guest.port.vlanOffloadSet({ strip: false });
    // The attach event comes before the ack of the detach.
    rig.device.inspect.onMigration(({ what }) => void (what === 'answered' && rig.device.beginAttach()));
    rig.device.beginDetach();
    rig.settle();
    expect(guest.receiveAll().map(({ vlanTci }) => vlanTci)).to.deep.equal([7, 7, 7]);
  });

  it('still have their tag when the port is stopped and configured without VLAN offload', () => {
    const rig = new Rig(SMALL);
    const guest = new Guest(rig.probe(), { ...OPTIONS, vlanStrip: true }).setUp().start();
    rig.settle();
    for (let i = 0; i < 5; i++) rig.wire.send(withVlanTag(ownFrame(i), 7));
    rig.settle();
    guest.port.stop();
    guest.port.configure(configOf(OPTIONS));
    guest.rxPools.forEach((mempool, queue) => guest.port.rxQueueSetup(queue, { mempool }));
    guest.port.start();
    rig.wire.send(withVlanTag(ownFrame(5), 7));
    rig.settle();
    expect(guest.receiveAll().map(({ vlanTci }) => vlanTci)).to.deep.equal([7, 7, 7, 7, 7, null]);
  });
});
