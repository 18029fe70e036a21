import { expect } from 'chai';
import { ownFrame } from './frames';
import { Guest } from './guest';
import { checkAll } from './invariants';
import { Rig, SMALL } from './rig';

describe('packet lengths', () => {
  it('from 0 to 9,239 bytes pass both ways or are refused by the side that must refuse them', () => {
    const rig = new Rig({ ...SMALL, rxQueues: { min: 1, max: 1 }, txQueues: { min: 1, max: 1 } });
    const guest = new Guest(rig.probe(), { rxQueues: 1, txQueues: 1 }).setUp().start();
    rig.settle();
    for (let bytes = 0; bytes <= 9_239; bytes += bytes < 2_100 || bytes > 8_190 ? 1 : 13) {
      const sent = ownFrame(bytes, { bytes, flow: bytes % 8 });
      rig.wire.send(sent);
      guest.offer(0, sent);
      expect(guest.send(0, 1), `${bytes} bytes taken`).to.equal(1);
      rig.clock.step();
      const received = guest.receive(0, 64).map((packet) => packet.bytes);
      const onWire = rig.wire.take();
      const passes = bytes >= 14;
      if (received.length !== (passes && bytes <= 9_238 ? 1 : 0) || onWire.length !== (passes ? 1 : 0))
        expect.fail(`${bytes} bytes: ${received.length} to the guest, ${onWire.length} to the wire`);
      if ([...received, ...onWire].some((arrived) => Buffer.compare(arrived, sent) !== 0))
        expect.fail(`${bytes} bytes arrived changed`);
    }
    rig.settle();
    checkAll(rig.device, guest);
  });
});
