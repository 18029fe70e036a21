import { store32 } from '#mem';
import { expect } from 'chai';
import * as abi from '../../../../shared/loops/layout';
import { frame, makeBench } from './bench';

const { REQ_CHANGE_MTU, REQ_SHUTDOWN } = abi;
const EINVAL = -22;
const ENOTSUP = -95;

describe('control channel of an AVP device', () => {
  it('accepts a config and reports what was negotiated', () => {
    const { device, guest } = makeBench();
    expect(device.configured).to.equal(false);
    expect(guest.configure({ rxQueues: 3, txQueues: 2, features: 1, ifUp: 0 })).to.equal(0);
    expect(device.inspect.negotiated).to.deep.equal({ rxQueues: 3, txQueues: 2, features: 1 });
    expect(device.configured).to.equal(true);
    expect(device.inspect.linkUp).to.equal(false);
  });

  const refusedConfigs = [
    ['too few receive queues', { rxQueues: 1 }],
    ['too many receive queues', { rxQueues: 5 }],
    ['too many transmit queues', { txQueues: 5, rxQueues: 2 }],
    ['a feature that is not offered', { features: 2, rxQueues: 2 }],
    ['another device', { deviceId: 7n, rxQueues: 2 }],
  ] as const;
  for (const [what, fields] of refusedConfigs)
    it(`refuses a config with ${what}, and changes nothing`, () => {
      const { device, guest } = makeBench({ rxQueues: { min: 2, max: 4 } });
      expect(guest.configure(fields)).to.equal(EINVAL);
      expect(device.configured).to.equal(false);
      guest.configure({ rxQueues: 2, features: 1 });
      guest.take('alloc');
      expect(guest.request(abi.REQ_CONFIG, guest.configRequest(fields))).to.equal(EINVAL);
      expect(device.inspect.negotiated).to.deep.equal({ rxQueues: 2, txQueues: 1, features: 1 });
      expect(device.inspect.buffers().guest).to.equal(1);
    });

  it('refuses the VLAN feature if the host lacks it', () => {
    const { guest } = makeBench({ vlanOffload: false });
    expect(guest.configure({ features: 1 })).to.equal(EINVAL);
    expect(guest.configure({ features: 0 })).to.equal(0);
  });

  it('accepts fewer transmit queues than the minimum, even none', () => {
    const { device, guest } = makeBench({ txQueues: { min: 2, max: 4 } });
    expect(guest.configure({ txQueues: 1 })).to.equal(0);
    expect(guest.configure({ txQueues: 0 })).to.equal(0);
    expect(device.inspect.negotiated.txQueues).to.equal(0);
    expect(device.inspect.buffers()).to.include({ hostPool: 64 });
  });

  it('sets the link, but accepts the request without effect before any config', () => {
    const { device, guest } = makeBench();
    expect(guest.link(1)).to.equal(0);
    expect(device.inspect.linkUp).to.equal(false);
    guest.configure({ ifUp: 0 });
    expect(device.inspect.linkUp).to.equal(false);
    expect(guest.link(7)).to.equal(0);
    expect(device.inspect.linkUp).to.equal(true);
    guest.link(0);
    expect(device.inspect.linkUp).to.equal(false);
    guest.configure({ ifUp: 1 });
    expect(device.inspect.linkUp).to.equal(true);
  });

  it('checks an MTU against the longest packet', () => {
    const { guest } = makeBench();
    const change = (mtu: number): number | null =>
      guest.request(REQ_CHANGE_MTU, (request) => abi.storeRequestNewMtu(request, mtu));
    expect([0, 1_500, 9_220, 9_221, 0xffff_ffff].map(change)).to.deep.equal([0, 0, 0, EINVAL, EINVAL]);
  });

  it('answers an unknown request with ENOTSUP', () => {
    const { guest } = makeBench();
    expect([0, 5, 0xffff_ffff].map((id) => guest.request(id))).to.deep.equal([ENOTSUP, ENOTSUP, ENOTSUP]);
  });

  it('ignores and counts entries on req that are not sync_va', () => {
    const { device, guest } = makeBench();
    guest.put('req', guest.syncVa + 8n);
    guest.put('req', guest.syncVa ^ (1n << 40n));
    device.step();
    expect(guest.answer()).to.equal(null);
    expect(device.inspect.stats().control).to.include({ ignored: 2, requests: 0, answers: 0 });
    expect(guest.configure()).to.equal(0);
  });

  it('survives indices of req and resp that are out of range, and goes on once they are right', () => {
    const { device, guest } = makeBench();
    store32(guest.fifo('req', 0) + abi.FIFO_WRITE, 4);
    device.step();
    expect(device.inspect.stats().refused).to.include({ reqIndex: 1 });
    store32(guest.fifo('req', 0) + abi.FIFO_WRITE, 0);
    store32(guest.fifo('resp', 0) + abi.FIFO_READ, 0xffff_ffff);
    guest.send(9);
    device.step();
    expect(device.inspect.stats().refused['respIndex']).to.be.greaterThan(0);
    expect(guest.answer()).to.equal(null);
    store32(guest.fifo('resp', 0) + abi.FIFO_READ, 0);
    device.step();
    expect(guest.answer()).to.equal(ENOTSUP);
    expect(device.inspect.stats().control).to.include({ answers: 1, answersBlocked: 1 });
  });

  it('takes a bounded number of requests per step', () => {
    const { device, guest } = makeBench({ budget: { requests: 2 } });
    for (let i = 0; i < 3; i++) guest.send(9);
    device.step();
    expect(device.inspect.stats().control).to.include({ requests: 2 });
    device.step();
    expect(device.inspect.stats().control).to.include({ requests: 3 });
  });

  it('logs requests, newest last, and forgets the oldest', () => {
    const { device, guest } = makeBench();
    guest.configure({ rxQueues: 2 });
    for (let i = 0; i < 300; i++) guest.request(9);
    guest.request(REQ_CHANGE_MTU, (request) => abi.storeRequestNewMtu(request, 1_500));
    expect(device.inspect.requests).to.have.length(256);
    expect(device.inspect.requests.at(-1)).to.include({ reqId: REQ_CHANGE_MTU, newMtu: 1_500, result: 0 });
    expect(device.inspect.requests[0]).to.include({ reqId: 9, result: ENOTSUP });
  });

  it('does nothing while paused, and answers after it is resumed', () => {
    const { device, guest, deliver } = makeBench();
    guest.configure();
    device.tamper.pause();
    guest.send(9);
    guest.transmit(frame(60));
    device.step();
    deliver(frame(60));
    expect(guest.answer()).to.equal(null);
    expect(guest.room('req')).to.equal(2);
    expect(device.inspect.stats().toGuest.dropped).to.include({ paused: 1 });
    device.tamper.resume();
    device.step();
    expect(guest.answer()).to.equal(ENOTSUP);
    expect(device.inspect.stats().fromGuest.forwarded).to.equal(1);
  });
});

describe('planned answers of an AVP device', () => {
  it('come late, as the clock says', () => {
    const { device, guest, clock } = makeBench();
    clock.onStep(() => device.step());
    device.tamper.planAnswer({ request: abi.REQ_CONFIG, delayMs: 20 });
    expect(guest.request(9)).to.equal(ENOTSUP);
    expect(guest.configure()).to.equal(null);
    expect(device.configured).to.equal(true);
    guest.sleep(19);
    expect(guest.answer()).to.equal(null);
    guest.sleep(1);
    expect(guest.answer()).to.equal(0);
    expect(device.inspect.requests.at(-1)).to.deep.include({ takenAtMs: 0, answeredAtMs: [20] });
  });

  it('are held back until they are released, and then come with the next request or after a time', () => {
    const { device, guest, clock } = makeBench();
    clock.onStep(() => device.step());
    device.tamper.planAnswer({ request: abi.REQ_CONFIG, times: 2, held: true, result: -5 });
    expect(guest.configure()).to.equal(null);
    guest.sleep(60_000);
    expect(guest.answer()).to.equal(null);
    device.tamper.releaseAnswers(30);
    guest.sleep(29);
    expect(guest.answer()).to.equal(null);
    guest.sleep(1);
    expect(guest.answer()).to.equal(-5);

    expect(guest.configure()).to.equal(null);
    device.tamper.releaseAnswers(30);
    device.tamper.planAnswer({ request: 9, delayMs: 10 });
    // The entry on resp is that of the held answer, which the next request overtakes.
    expect(guest.request(9)).to.equal(-5);
    expect(guest.answer()).to.equal(null);
    guest.sleep(10);
    expect(guest.answer()).to.equal(ENOTSUP);
  });

  it('never come, come twice, or carry another entry', () => {
    const { device, guest } = makeBench();
    device.tamper.planAnswer({ answers: 0 });
    device.tamper.planAnswer({ answers: 2 });
    device.tamper.planAnswer({ entry: 5n });
    expect(guest.request(9)).to.equal(null);
    expect(guest.request(9)).to.equal(ENOTSUP);
    expect(guest.answer()).to.equal(ENOTSUP);
    expect(guest.answer()).to.equal(null);
    guest.send(9);
    device.step();
    expect(guest.take('resp')).to.equal(5n);
  });

  it('refuse requests without carrying them out, as often as planned', () => {
    const { device, guest } = makeBench();
    guest.configure();
    device.tamper.planAnswer({ request: abi.REQ_LINK, result: -5, times: 2 });
    expect([guest.link(0), guest.link(0)]).to.deep.equal([-5, -5]);
    expect(device.inspect.linkUp).to.equal(true);
    device.tamper.planAnswer({ request: REQ_SHUTDOWN, result: 1 });
    expect(guest.shutdown()).to.equal(1);
    expect(device.configured).to.equal(true);
    expect(guest.link(0)).to.equal(0);
    expect(device.inspect.linkUp).to.equal(false);
  });

  it('come after a hook has seen the request, which comes before it is carried out', () => {
    const { device, guest } = makeBench();
    const seen: unknown[] = [];
    device.inspect.onRequest((request) => seen.push([request.reqId, request.config.numRxQueues, device.configured]));
    guest.configure({ rxQueues: 2 });
    device.inspect.onRequest(null);
    guest.request(9);
    expect(seen).to.deep.equal([[3, 2, false]]);
  });

  it('can be planned by the hook that sees the request', () => {
    const { device, guest } = makeBench();
    device.inspect.onRequest(() => device.tamper.planAnswer({ result: -5 }));
    expect(guest.link(0)).to.equal(-5);
    device.inspect.onRequest(null);
    expect(guest.link(0)).to.equal(0);
  });

  it('can be joined by any entry on resp while there is room', () => {
    const { device, guest } = makeBench();
    expect([1n, 2n, 3n, 4n].map((entry) => device.tamper.putResponse(entry))).to.deep.equal([true, true, true, false]);
    expect(guest.take('resp')).to.equal(1n);
  });
});
