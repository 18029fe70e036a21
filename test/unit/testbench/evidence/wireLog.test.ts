import { expect } from 'chai';
import { runClause } from '../../../../testbench/conformance/runClause';
import { avpTarget } from '../../../../testbench/targets/avp/target';
import { REPORT_LIMITS, WireLog, type WireRecord } from '../../../../testbench/evidence/wireLog';
import { findClause } from '../../../../testbench/conformance/registry';
import { resultJson } from '../../../../testbench/conformance/reports/json';
import type { Clause, ClauseText } from '../../../../testbench/conformance/clause';
import { someClause } from '../conformance/clauses';
import { someRun } from '../conformance/results';

const NIC = '0000:00:03.0';

async function recordOf(clause: Clause): Promise<WireRecord> {
  const { wire, verdict, detail } = await runClause(clause, avpTarget, 3, REPORT_LIMITS);
  expect([verdict, detail]).to.deep.equal(['pass', '']);
  return wire!;
}

function recordOfRun(run: ClauseText['run']): Promise<WireRecord> {
  return recordOf(someClause('rx/1', { run }));
}

/** Prints each event as a line with subject, event and result. */
function lines({ events }: WireRecord): string[] {
  return [...events.first, ...events.last].map(
    ({ subject, what, result, times }) =>
      `${subject}: ${what}${result === null ? '' : ` -> ${result}`}${times > 1 ? ` x${times}` : ''}`,
  );
}

describe('wire log', () => {
  it('keeps the first and the last records, and counts those left out', () => {
    const log = new WireLog({ frames: 8, frameBytes: 4, events: 4 });
    for (let i = 0; i < 20; i++) {
      log.frame(NIC, 'toGuest', Uint8Array.of(i, 1, 2, 3, 4, 5));
      log.event('host', NIC, `event ${i}`);
    }
    const { frames, events } = log.record();
    expect([...frames.first, ...frames.last].map(({ data }) => data[0])).to.deep.equal([0, 1, 14, 15, 16, 17, 18, 19]);
    expect([frames.leftOut, events.leftOut]).to.deep.equal([12, 16]);
    expect(frames.first[0]).to.deep.include({ bytes: 6, data: Uint8Array.of(0, 1, 2, 3) });
    expect(events.last.map(({ what }) => what)).to.deep.equal(['event 17', 'event 18', 'event 19']);
  });

  it('folds an operation that is repeated with the same result and no other event in between', async () => {
    const log = new WireLog(REPORT_LIMITS);
    const poll = (result: string): Promise<string> => log.operation(NIC, 'poll', async () => result, String);
    for (const result of ['none', 'none', 'none', 'some', 'none']) await poll(result);
    log.event('link', NIC, 'up');
    await poll('none');
    expect(lines(log.record())).to.deep.equal([
      'guest: poll -> none x3',
      'guest: poll -> some',
      'guest: poll -> none',
      'link: up',
      'guest: poll -> none',
    ]);
  });

  it('shows which operation crashed and which never ended', async () => {
    const log = new WireLog(REPORT_LIMITS);
    await log.operation(NIC, 'stop()', () => Promise.reject(new Error('it broke')), String).catch(() => undefined);
    void log.operation(NIC, 'start()', () => new Promise(() => undefined), String);
    expect(lines(log.record())).to.deep.equal(['guest: stop() -> crashed: it broke', 'guest: start()']);
  });
});

describe('the record of a clause', () => {
  it('has requests, answers, emptied FIFOs, registers, link changes and operations of the guest, in order', async () => {
    const record = await recordOfRun(async (t) => {
      const { port } = await t.started();
      t.expect.success('stop', await port.stop());
    });
    expect(lines(record)).to.deep.equal([
      'host: plugs a device: 4 receive and 4 transmit queues at most',
      'guest: probe() -> success',
      'guest: configure({"rxQueues":1,"txQueues":1}) -> success',
      'register: interrupt mask = 0xffffffff',
      `request: request 3, device config: 1 receive and 1 transmit queues, features 0x0, link down, device id 0x1, driver type 1 version 0x1020d`,
      ...['tx', 'alloc', 'rx', 'free'].map((kind) => `ring: ${kind} FIFO 0 is made empty`),
      'answer: to request 3: 0',
      'guest: setUpRxQueue(0, {"mbufs":256,"dataRoomBytes":2176}) -> success',
      'guest: setUpTxQueue(0) -> success',
      'guest: start() -> success',
      'request: request 2, link up',
      'answer: to request 2: 0',
      'link: up',
      'guest: stop() -> success',
      'request: request 2, link down',
      'answer: to request 2: 0',
      'link: down',
    ]);
    expect(record.events.first.every(({ nic }) => nic === NIC)).to.equal(true);
  });

  it('has each frame at the port, with its direction, its time and any change on purpose', async () => {
    const record = await recordOfRun(async (t) => {
      const { nic, port } = await t.started();
      nic.deliver(t.frameTo(nic, 400), [{ segment: 0, field: 'pkt_len', value: 13 }]);
      await t.drain(port);
      await t.expectTraffic({ nic, port }, 300);
    });
    const frames = [...record.frames.first, ...record.frames.last];
    expect(
      frames.map(({ direction, bytes, data, note }) => ({ direction, bytes, kept: data.length, note })),
    ).to.deep.equal([
      { direction: 'toGuest', bytes: 400, kept: 256, note: 'descriptor 0: pkt_len = 0xd' },
      { direction: 'toGuest', bytes: 300, kept: 256, note: '' },
      { direction: 'fromGuest', bytes: 300, kept: 256, note: '' },
    ]);
    const times = frames.map(({ timeNs }) => timeNs);
    expect([...times].sort((one, other) => one - other)).to.deep.equal(times);
    expect(lines(record))
      .to.include('guest: send(queue 0, 1 frame (300 bytes)) -> 1 taken')
      .and.include('guest: receive(queue 0, at most 32) -> 1 packet (300 bytes)');
  });

  it('has refusals, planned answers, interrupts and actions of the host on the device', async () => {
    const record = await recordOfRun(async (t) => {
      const { nic, port } = await t.configured();
      nic.answerNext({ result: -5 });
      t.expect.refusal('start', await port.start(), 'EIO');
      nic.answerNext({ never: true });
      t.expect.refusal('start', await port.start(), 'ETIME');
      await nic.raiseInterrupt(4);
      nic.pause();
      nic.surpriseRemove();
      await t.sleepMs(5);
    });
    const text = lines(record).join('\n');
    for (const line of [
      'host: is to answer the next requests: with -EIO (-5)',
      'answer: to request 2: -EIO (-5)',
      'host: is to answer the next requests: never',
      "interrupt: raised, bits 0x4 -> the guest's handler ran",
      'host: stops looking at the rings',
      'host: the device vanishes',
    ])
      expect(text).to.include(line);
    expect(text).to.match(/guest: start\(\) -> ETIME: /);
  });

  it('is the same for the same seed, even if the clause fails', async () => {
    const failing = someClause('rx/1', {
      run: async (t) => {
        await t.expectTraffic(await t.started());
        t.expect.equal('one', 1, 2);
      },
    });
    const wires: (WireRecord | undefined)[] = [];
    for (const seed of [3, 3, 4]) {
      const { verdict, wire } = await runClause(failing, avpTarget, seed, REPORT_LIMITS);
      expect(verdict).to.equal('fail');
      wires.push(wire);
    }
    expect(wires[0]!.frames.first).to.have.length(2);
    expect(wires[1]).to.deep.equal(wires[0]);
    expect(wires[2]).not.to.deep.equal(wires[0]);
  });

  it('changes no verdict, consists of plain data, and stays out of the JSON', async () => {
    for (const id of ['control/9', 'fifo/7', 'hotplug/4']) {
      const clause = findClause(id);
      const outcome = await runClause(clause, avpTarget, 3, REPORT_LIMITS);
      expect(outcome.verdict).to.equal('pass');
      expect(structuredClone(outcome.wire)).to.deep.equal(outcome.wire);
      const json = resultJson(someRun([{ ...outcome, clause, replay: '' }]), {
        ids: [],
        exclude: [],
        basis: [],
        repeat: 1,
        shard: null,
        clauses: 1,
      });
      expect(JSON.stringify(json)).not.to.include('wire');
    }
  });

  it('is not made unless requested', async () => {
    expect(await runClause(someClause('rx/1'), avpTarget, 3)).not.to.have.property('wire');
  });
});
