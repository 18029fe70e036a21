import { expect } from 'chai';
import { withVlanTag } from '../../../shared/ethernet';
import { makeFrame } from './frames';
import { Guest } from './guest';
import { OWN_MAC } from './oracle';
import { Rig, SMALL } from './rig';

const OPTIONS = { rxQueues: 2, txQueues: 2 };

function frame(number: number): Uint8Array {
  return makeFrame({ to: 'own', bytes: 300, tci: null, flow: 0 }, number, OWN_MAC);
}

describe('tags of packets that wait on tx', () => {
  it('stay when VLAN insertion is switched off behind them', () => {
    const rig = new Rig(SMALL);
    const guest = new Guest(rig.probe(), { ...OPTIONS, vlanInsert: true }).setUp().start();
    rig.settle();
    for (let i = 0; i < 5; i++) guest.offer(0, frame(i), { vlanTci: 7 });
    expect(guest.send(0, 64)).to.equal(5);
    guest.port.vlanOffloadSet({ insert: false });
    rig.settle();
    expect(rig.wire.take().map((f) => f.length)).to.deep.equal([304, 304, 304, 304, 304]);
  });

  it('stay when the port is stopped and configured without it, however slow the host', () => {
    const rig = new Rig({ ...SMALL, budget: { tx: 1 } });
    const guest = new Guest(rig.probe(), { ...OPTIONS, vlanInsert: true }).setUp().start();
    rig.settle();
    for (let i = 0; i < 5; i++) guest.offer(0, frame(i), { vlanTci: 7 });
    expect(guest.send(0, 64)).to.equal(5);
    guest.port.stop();
    guest.port.configure(OPTIONS);
    rig.settle();
    expect(rig.wire.take().map((f) => f.length)).to.deep.equal([304, 304, 304, 304, 304]);
  });
});

describe('packets that wait on rx without their tag', () => {
  it('have it after an attach to the same host, whose rings stayed as they lay', () => {
    const rig = new Rig(SMALL);
    const guest = new Guest(rig.probe(), { ...OPTIONS, vlanStrip: true }).setUp().start();
    rig.settle();
    for (let i = 0; i < 3; i++) rig.wire.send(withVlanTag(frame(i), 7));
    rig.settle();
    guest.port.vlanOffloadSet({ strip: false });
    // The attach event comes before the ack of the detach can.
    rig.device.inspect.onMigration(({ what }) => void (what === 'answered' && rig.device.beginAttach()));
    rig.device.beginDetach();
    rig.settle();
    expect(guest.receiveAll().map(({ vlanTci }) => vlanTci)).to.deep.equal([7, 7, 7]);
  });

  it('have it when the port is stopped and configured without VLAN offload', () => {
    const rig = new Rig(SMALL);
    const guest = new Guest(rig.probe(), { ...OPTIONS, vlanStrip: true }).setUp().start();
    rig.settle();
    for (let i = 0; i < 5; i++) rig.wire.send(withVlanTag(frame(i), 7));
    rig.settle();
    guest.port.stop();
    guest.port.configure(OPTIONS);
    guest.rxPools.forEach((mempool, queue) => guest.port.rxQueueSetup(queue, { mempool }));
    guest.port.start();
    rig.wire.send(withVlanTag(frame(5), 7));
    rig.settle();
    expect(guest.receiveAll().map(({ vlanTci }) => vlanTci)).to.deep.equal([7, 7, 7, 7, 7, null]);
  });
});
