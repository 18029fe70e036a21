import { expect } from 'chai';
import type { AnswerPlan } from '../../../emulator/device/control/controlChannel';
import { ErrnoError } from '../../../shared/errors';
import { withVlanTag } from '../../../shared/ethernet';
import { ownFrame } from './frames';
import { Guest, type Received } from './guest';
import { checkAgreement, checkAll } from './invariants';
import { Rig, SMALL } from './rig';

const TCI = 0x123;
const OFF = { rxQueues: 2, txQueues: 2 };
const ON = { ...OFF, vlanStrip: true, vlanInsert: true };

/** Possible treatments of a request that the host never answered. */
const OUTCOMES: Readonly<Record<string, AnswerPlan>> = {
  'has carried it out': { answers: 0 },
  'has not carried it out': { answers: 0, result: -16 },
};

class Bench {
  readonly rig = new Rig(SMALL);
  readonly guest: Guest;

  constructor(options: typeof OFF) {
    this.guest = new Guest(this.rig.probe(), options).setUp().start();
    this.rig.settle();
  }

  /** Makes a call whose request gets no answer. */
  withoutAnswer(plan: AnswerPlan, call: () => void): void {
    this.rig.device.tamper.planAnswer(plan);
    expect(call).to.throw(ErrnoError, 'did not answer');
  }

  /** Sends an untagged frame and one that asks for a tag. */
  send(): Uint8Array[] {
    this.guest.offer(0, ownFrame(1));
    this.guest.offer(0, ownFrame(2), { vlanTci: TCI });
    expect(this.guest.send(0, 64), 'packets taken').to.equal(2);
    this.rig.settle();
    return this.rig.wire.take();
  }

  /** Receives a tagged frame. Returns it as it was on the wire, as far as the guest can tell. */
  receive(): Uint8Array[] {
    this.rig.wire.send(withVlanTag(ownFrame(3), TCI));
    this.rig.settle();
    return this.guest
      .receiveAll()
      .map(({ bytes, vlanTci }: Received) => (vlanTci === null ? bytes : withVlanTag(bytes, vlanTci)));
  }

  get dropped(): number {
    return this.guest.port.xstatsGet()['tx_q0_dropped_vlan_off']!;
  }

  expectIntact(features: number): void {
    checkAgreement(this.rig.device, this.guest.port, { rxFifos: 2, txQueues: 2, features });
    checkAll(this.rig.device, this.guest);
  }
}

const TAGGED = [ownFrame(1), withVlanTag(ownFrame(2), TCI)];
const RECEIVED = [withVlanTag(ownFrame(3), TCI)];

for (const [what, plan] of Object.entries(OUTCOMES))
  describe(`a request without an answer that the host ${what}`, () => {
    it('VLAN offload off: no frame is sent without its tag, and the former setting can be restored', () => {
      const bench = new Bench(ON);
      const { port } = bench.guest;
      bench.withoutAnswer(plan, () => port.vlanOffloadSet({ strip: false, insert: false }));
      expect([bench.send(), bench.dropped], 'on the wire, dropped').to.deep.equal([[ownFrame(1)], 1]);
      expect(bench.receive()).to.deep.equal(RECEIVED);
      port.vlanOffloadSet({ strip: true, insert: true });
      expect([bench.send(), bench.dropped], 'on the wire, dropped').to.deep.equal([TAGGED, 1]);
      expect(bench.receive()).to.deep.equal(RECEIVED);
      bench.expectIntact(1);
    });

    it('VLAN offload on: no tag is lost in either direction, and the request can be repeated', () => {
      const bench = new Bench(OFF);
      const { port } = bench.guest;
      bench.withoutAnswer(plan, () => port.vlanOffloadSet({ strip: true, insert: true }));
      expect([bench.send(), bench.dropped], 'on the wire, dropped').to.deep.equal([[ownFrame(1)], 1]);
      expect(bench.receive()).to.deep.equal(RECEIVED);
      port.vlanOffloadSet({ strip: true, insert: true });
      expect(bench.send()).to.deep.equal(TAGGED);
      expect(bench.receive()).to.deep.equal(RECEIVED);
      bench.expectIntact(1);
    });

    it('VLAN offload off: start on the running port makes both sides agree again', () => {
      const bench = new Bench(ON);
      bench.withoutAnswer(plan, () => bench.guest.port.vlanOffloadSet({ strip: false, insert: false }));
      bench.guest.port.start();
      expect(bench.send()).to.deep.equal(TAGGED);
      expect(bench.receive()).to.deep.equal(RECEIVED);
      bench.expectIntact(1);
    });

    it('VLAN insertion on without a change of features: no tag is lost', () => {
      const bench = new Bench({ ...ON, vlanInsert: false } as typeof ON);
      bench.withoutAnswer(plan, () => bench.guest.port.vlanOffloadSet({ insert: true }));
      expect(bench.send()).to.deep.equal(TAGGED);
      expect(bench.receive()).to.deep.equal(RECEIVED);
    });

    it('stop: the port stays started, and start confirms the link', () => {
      const bench = new Bench(OFF);
      const { port } = bench.guest;
      bench.withoutAnswer(plan, () => port.stop());
      expect([port.state, port.linkGet().up]).to.deep.equal(['started', true]);
      port.start();
      expect(bench.rig.device.inspect.linkUp, 'link at the host').to.equal(true);
      expect(bench.receive()).to.deep.equal(RECEIVED);
      bench.expectIntact(0);
    });

    it('start: the port stays stopped, and stop confirms the link', () => {
      const bench = new Bench(OFF);
      const { port } = bench.guest;
      port.stop();
      bench.withoutAnswer(plan, () => port.start());
      expect([port.state, port.linkGet().up]).to.deep.equal(['stopped', false]);
      port.stop();
      expect(bench.rig.device.inspect.linkUp, 'link at the host').to.equal(false);
      port.start();
      expect(bench.receive()).to.deep.equal(RECEIVED);
      bench.expectIntact(0);
    });
  });

describe('a request that could not be sent', () => {
  it('leaves VLAN offload unchanged, because the host never saw it', () => {
    const bench = new Bench(ON);
    const { port } = bench.guest;
    bench.rig.device.tamper.pause();
    expect(() => port.stop()).to.throw(ErrnoError, 'did not answer');
    expect(() => port.vlanOffloadSet({ strip: false, insert: false })).to.throw(
      ErrnoError,
      'not taken the former request',
    );
    bench.rig.device.tamper.resume();
    expect(bench.send()).to.deep.equal(TAGGED);
  });
});
