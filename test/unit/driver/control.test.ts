import { expect } from 'chai';
import { avpDriver, type Port } from '../../../driver';
import { asHost } from '../../../shared/actors';
import * as abi from '../../../shared/loops/layout';
import { expectErrno, started, type Bench } from './build';
import { FakeHost } from './fakeHost';

function probed(): { host: FakeHost; port: Port } {
  const host = new FakeHost();
  return { host, port: avpDriver.probe(host.pci, host.platform) };
}

const CONFIG = { rxQueues: 1, txQueues: 1 };

describe('driver: control requests', () => {
  it('sends a device config with every field set', () => {
    const { host, port } = probed();
    port.configure({ rxQueues: 2, txQueues: 1, vlanInsert: true });
    const { id, body } = host.requests[0]!;
    const view = new DataView(body.buffer);
    expect(id).to.equal(abi.REQ_CONFIG);
    expect(view.getBigUint64(0, true)).to.equal(0x1122_3344_5566_7788n);
    expect([8, 12, 16].map((at) => view.getUint32(at, true))).to.deep.equal([
      abi.DRIVER_DPDK,
      0x1_020d,
      abi.FEATURE_VLAN_OFFLOAD,
    ]);
    expect([view.getUint16(20, true), view.getUint16(22, true), view.getUint8(24)]).to.deep.equal([1, 2, 0]);
  });

  it('presets the result, so that a host that leaves it alone counts as refusing', () => {
    const { host, port } = probed();
    host.answer = () => asHost(() => abi.loadRequestResult(host.sync)) | 0;
    expectErrno('ENOTSUP', /request 3 \(set device config\): the host refused with ENOTSUP \(-95\)/, () =>
      port.configure(CONFIG),
    );
    expect(port.state).to.equal('probed');
  });

  it('maps a negative result to its errno, and a positive or unknown one to EIO', () => {
    for (const [result, code, message] of [
      [-22, 'EINVAL', /EINVAL \(-22\)/],
      [-16, 'EBUSY', /EBUSY/],
      [7, 'EIO', /result is 7: expected 0 or a negative errno/],
      [-0x8000_0000, 'EIO', /errno 2147483648/],
      [-4_000, 'EIO', /errno 4000/],
    ] as const) {
      const { host, port } = probed();
      host.answer = () => result;
      expectErrno(code, message, () => port.configure(CONFIG));
      host.answer = () => 0;
      port.configure(CONFIG);
      expect(port.state).to.equal('configured');
    }
  });

  it('gives up after 100 polls of 5 ms', () => {
    const { host, port } = probed();
    host.answer = () => 'silent';
    const before = host.clock.nowMs();
    expectErrno('ETIME', /did not answer within 500 ms/, () => port.configure(CONFIG));
    expect(host.clock.nowMs() - before).to.equal(500);
    expect(port.xstatsGet()['control_timeouts']).to.equal(1);
  });

  it('waits for an overdue answer before the next request, and does not mistake it for the answer to that', () => {
    const { host, port } = probed();
    host.answer = () => 'silent';
    expectErrno('ETIME', /./, () => port.configure(CONFIG));
    const lateMs = host.clock.nowMs() + 200;
    const remove = host.clock.onStep(() => {
      if (host.clock.nowMs() < lateMs) return;
      host.push('resp', 0, 0x7f00_dead_0000n);
      remove();
    });
    host.answer = () => -22;
    const before = host.clock.nowMs();
    expectErrno('EINVAL', /./, () => port.configure(CONFIG));
    expect(host.clock.nowMs() - before).to.be.within(200, 220);
    expect(host.requests).to.have.length(2);
    expect(port.xstatsGet()['control_late_answers']).to.equal(1);
  });

  it('stops waiting for an overdue answer after 500 ms if the host has taken the request', () => {
    const { host, port } = probed();
    host.answer = () => 'silent';
    expectErrno('ETIME', /./, () => port.configure(CONFIG));
    host.answer = () => 0;
    const before = host.clock.nowMs();
    port.configure(CONFIG);
    expect(host.clock.nowMs() - before).to.be.within(500, 510);
    port.configure(CONFIG);
    expect(host.clock.nowMs() - before).to.be.below(520);
  });

  it('leaves the sync area alone and fails with EBUSY while the host has not taken the request', () => {
    const { host, port } = probed();
    host.answer = () => null;
    expectErrno('ETIME', /./, () => port.configure({ ...CONFIG, txQueues: 2 }));
    for (let again = 0; again < 2; again++) expectErrno('EBUSY', /has not taken/, () => port.configure(CONFIG));
    host.answer = () => 0;
    host.clock.step();
    expect(host.requests.map(({ body }) => body[20])).to.deep.equal([2]);
    port.configure(CONFIG);
    expect(port.state).to.equal('configured');
  });

  it('fails with ENODATA if the entry on resp is not sync_va, in either half', () => {
    for (const entry of [0x1234n, 0x7f00_dead_0001n, 0x7f01_dead_0000n]) {
      const { host, port } = probed();
      host.answerWith = entry;
      expectErrno('ENODATA', /not sync_va/, () => port.configure(CONFIG));
      expect(port.xstatsGet()['control_bad_answers']).to.equal(1);
    }
  });

  it('tells the host whether the link is up', () => {
    const { host, port } = started();
    const { id, body } = host.requests.at(-1)!;
    expect([id, body[0]]).to.deep.equal([abi.REQ_LINK, 1]);
    port.stop();
    expect(host.requests.at(-1)!.body[0]).to.equal(0);
  });

  it('discards all old entries on resp before a request', () => {
    const { host, port } = probed();
    for (let i = 0; i < 63; i++) host.push('resp', 0, 0x7f00_dead_0000n);
    host.answer = () => -16;
    expectErrno('EBUSY', /request 3/, () => port.configure(CONFIG));
    expect(port.xstatsGet()['control_late_answers']).to.equal(63);
  });

  it('fails with EIO while an index of a control ring is out of range', () => {
    for (const [ring, spoil, message] of [
      ['resp', abi.storeFifoWrite, /response FIFO/],
      ['req', abi.storeFifoRead, /request FIFO/],
    ] as const) {
      const { host, port } = probed();
      asHost(() => spoil(host.fifo(ring), 64));
      expectErrno('EIO', message, () => port.configure(CONFIG));
      asHost(() => spoil(host.fifo(ring), 0));
      port.configure(CONFIG);
      expect(port.state).to.equal('configured');
    }
  });

  it('refuses a second control operation while one is under way; bursts go on', () => {
    const { host, port } = started();
    host.answer = () => 'silent';
    let nested = false;
    let received = 0;
    host.clock.onStep(() => {
      if (nested) return;
      nested = true;
      host.receive(0, [{ bytes: Uint8Array.of(...port.macAddrGet(), ...new Uint8Array(54)) }]);
      received = port.rxBurst(0, new Uint32Array(4), 4);
      expect(port.linkGet().up).to.equal(true);
      port.statsReset();
      expectErrno('EBUSY', /another control operation/, () => port.configure(CONFIG));
    });
    expectErrno('ETIME', /request 2/, () => port.stop());
    expect(received).to.equal(1);
    expect(port.state).to.equal('started');
  });
});

describe('driver: an error that is no refusal of the host', () => {
  for (const [what, call] of [
    ['a start', ({ port }) => port.start()],
    ['a close', ({ port }) => port.close()],
    ['a detach', ({ host }) => host.raiseMigration(abi.MIGRATION_DETACHED)],
    ['an attach', ({ host }) => host.raiseMigration(abi.MIGRATION_ATTACHED)],
    ['a removal', ({ port }) => avpDriver.remove(port)],
  ] as const satisfies readonly (readonly [string, (bench: Bench) => unknown])[])
    it(`passes through ${what} unchanged`, () => {
      const bench = started();
      const { host, port } = bench;
      if (what === 'a start') port.stop();
      if (what === 'an attach') host.raiseMigration(abi.MIGRATION_DETACHED);
      const failure = new TypeError('of the bench');
      host.answer = () => {
        throw failure;
      };
      let caught: unknown;
      try {
        call(bench);
      } catch (error) {
        caught = error;
      }
      expect(caught).to.equal(failure);
    });
});

describe('driver: interrupts', () => {
  it('serves a migration event after the control operation that is under way, and refuses status 0', () => {
    const { host, port } = probed();
    const acks: number[] = [];
    host.answer = () => {
      if (acks.length === 0) host.interrupt(abi.INTERRUPT_MIGRATION);
      acks.push(host.register(abi.REG_MIGRATION_ACK));
      return acks.length < 4 ? null : 0;
    };
    port.configure(CONFIG);
    expect(acks).to.deep.equal([0, 0, 0, 0]);
    expect(host.register(abi.REG_MIGRATION_ACK)).to.equal(abi.MIGRATION_ERROR);
    expect(host.register(abi.REG_INTERRUPT_STATUS)).to.equal(0);
    expect(port.xstatsGet()['migration_refused_status']).to.equal(1);
  });

  it('counts other interrupt bits and writes no ack', () => {
    const { host, port } = probed();
    for (const status of [0x1, 0x4, 0x8000_0000, 0]) {
      host.interrupt(status);
      host.clock.step();
    }
    expect(host.register(abi.REG_MIGRATION_ACK)).to.equal(0);
    expect(port.xstatsGet()).to.include({ control_unexpected_interrupts: 4, migration_refused_status: 0 });
  });
});
