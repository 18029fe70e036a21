import { expect } from 'chai';
import type { AnswerPlan } from '../../../emulator/device/control/controlChannel';
import { ErrnoError } from '../../../shared/errors';
import { withVlanTag } from '../../../shared/ethernet';
import { makeFrame } from './frames';
import { Guest, type Received } from './guest';
import { checkAgreement, checkAll } from './invariants';
import { OWN_MAC } from './oracle';
import { Rig, SMALL } from './rig';

const TCI = 0x123;
const OFF = { rxQueues: 2, txQueues: 2 };
const ON = { ...OFF, vlanStrip: true, vlanInsert: true };

/** What a host may have done with a request that it never answered. */
const OUTCOMES: Readonly<Record<string, AnswerPlan>> = {
  'has carried it out': { answers: 0 },
  'has not carried it out': { answers: 0, result: -16 },
};

function frame(number: number): Uint8Array {
  return makeFrame({ to: 'own', bytes: 300, tci: null, flow: 0 }, number, OWN_MAC);
}

class Bench {
  readonly rig = new Rig(SMALL);
  readonly guest: Guest;

  constructor(options: typeof OFF) {
    this.guest = new Guest(this.rig.probe(), options).setUp().start();
    this.rig.settle();
  }

  /** The next request, `call`, gets no answer. */
  unanswered(plan: AnswerPlan, call: () => void): void {
    this.rig.device.tamper.planAnswer(plan);
    expect(call).to.throw(ErrnoError, 'did not answer');
  }

  /** Sends an untagged frame and one that asks for a tag. */
  send(): Uint8Array[] {
    this.guest.offer(0, frame(1));
    this.guest.offer(0, frame(2), { vlanTci: TCI });
    expect(this.guest.send(0, 64), 'packets taken').to.equal(2);
    this.rig.settle();
    return this.rig.wire.take();
  }

  /** Receives a tagged frame; gives it as it was on the wire, as far as the guest can tell. */
  receive(): Uint8Array[] {
    this.rig.wire.send(withVlanTag(frame(3), TCI));
    this.rig.settle();
    return this.guest
      .receiveAll()
      .map(({ bytes, vlanTci }: Received) => (vlanTci === null ? bytes : withVlanTag(bytes, vlanTci)));
  }

  get dropped(): number {
    return this.guest.port.xstatsGet()['tx_q0_dropped_vlan_off']!;
  }

  expectWhole(features: number): void {
    checkAgreement(this.rig.device, this.guest.port, { rxFifos: 2, txQueues: 2, features });
    checkAll(this.rig.device, this.guest);
  }
}

const TAGGED = [frame(1), withVlanTag(frame(2), TCI)];
const RECEIVED = [withVlanTag(frame(3), TCI)];

for (const [what, plan] of Object.entries(OUTCOMES))
  describe(`a request that got no answer, and the host ${what}`, () => {
    it('switching VLAN offload off: no frame goes without its tag, and the former setting can be had back', () => {
      const bench = new Bench(ON);
      const { port } = bench.guest;
      bench.unanswered(plan, () => port.vlanOffloadSet({ strip: false, insert: false }));
      expect([bench.send(), bench.dropped], 'on the wire, dropped').to.deep.equal([[frame(1)], 1]);
      expect(bench.receive()).to.deep.equal(RECEIVED);
      port.vlanOffloadSet({ strip: true, insert: true });
      expect([bench.send(), bench.dropped], 'on the wire, dropped').to.deep.equal([TAGGED, 1]);
      expect(bench.receive()).to.deep.equal(RECEIVED);
      bench.expectWhole(1);
    });

    it('switching it on: no tag is lost in either direction, and it can be asked for again', () => {
      const bench = new Bench(OFF);
      const { port } = bench.guest;
      bench.unanswered(plan, () => port.vlanOffloadSet({ strip: true, insert: true }));
      expect([bench.send(), bench.dropped], 'on the wire, dropped').to.deep.equal([[frame(1)], 1]);
      expect(bench.receive()).to.deep.equal(RECEIVED);
      port.vlanOffloadSet({ strip: true, insert: true });
      expect(bench.send()).to.deep.equal(TAGGED);
      expect(bench.receive()).to.deep.equal(RECEIVED);
      bench.expectWhole(1);
    });

    it('start on the running port brings both sides together again', () => {
      const bench = new Bench(ON);
      bench.unanswered(plan, () => bench.guest.port.vlanOffloadSet({ strip: false, insert: false }));
      bench.guest.port.start();
      expect(bench.send()).to.deep.equal(TAGGED);
      expect(bench.receive()).to.deep.equal(RECEIVED);
      bench.expectWhole(1);
    });

    it('a change that leaves the features as they are costs no tag', () => {
      const bench = new Bench({ ...ON, vlanInsert: false } as typeof ON);
      bench.unanswered(plan, () => bench.guest.port.vlanOffloadSet({ insert: true }));
      expect(bench.send()).to.deep.equal(TAGGED);
      expect(bench.receive()).to.deep.equal(RECEIVED);
    });

    it('stop: the port stays started, and start makes sure of the link', () => {
      const bench = new Bench(OFF);
      const { port } = bench.guest;
      bench.unanswered(plan, () => port.stop());
      expect([port.state, port.linkGet().up]).to.deep.equal(['started', true]);
      port.start();
      expect(bench.rig.device.inspect.linkUp, 'link at the host').to.equal(true);
      expect(bench.receive()).to.deep.equal(RECEIVED);
      bench.expectWhole(0);
    });

    it('start: the port stays stopped, and stop makes sure of the link', () => {
      const bench = new Bench(OFF);
      const { port } = bench.guest;
      port.stop();
      bench.unanswered(plan, () => port.start());
      expect([port.state, port.linkGet().up]).to.deep.equal(['stopped', false]);
      port.stop();
      expect(bench.rig.device.inspect.linkUp, 'link at the host').to.equal(false);
      port.start();
      expect(bench.receive()).to.deep.equal(RECEIVED);
      bench.expectWhole(0);
    });
  });

describe('a request that could not be sent', () => {
  it('leaves VLAN offload as it is: the host knows nothing of it', () => {
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
