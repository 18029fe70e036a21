import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import sinon from 'sinon';
import { RealClock, VirtualClock } from '../../../shared/clock';

describe('virtual clock', () => {
  it('advances only while somebody sleeps, and calls every stepper once a tick', () => {
    const clock = new VirtualClock();
    const step = sinon.spy();
    clock.onStep(step);
    clock.sleepMs(5);
    expect(clock.nowMs()).to.equal(5);
    expect(clock.nowNs()).to.equal(5_000_000n);
    expect(step.callCount).to.equal(5);
    clock.sleepMs(0);
    expect(step.callCount).to.equal(6);
    expect(clock.nowMs()).to.equal(5);
  });

  it('passes in ticks of the given length, the last one shorter, in whole nanoseconds', () => {
    const clock = new VirtualClock(2);
    const times: number[] = [];
    clock.onStep(() => times.push(clock.nowMs()));
    clock.sleepMs(5);
    clock.sleepMs(0.000_001_4);
    expect(times).to.deep.equal([2, 4, 5, 5.000_001]);
    expect(clock.nowNs()).to.equal(5_000_001n);
  });

  it('never runs backwards', () => {
    const clock = new VirtualClock();
    clock.sleepMs(2);
    clock.sleepMs(-1);
    expect(clock.nowMs()).to.equal(2);
  });

  it('calls a stepper that another one has just removed once more, and removes it only once', () => {
    const clock = new VirtualClock();
    const [removed, kept] = [sinon.spy(), sinon.spy()];
    const removals: (() => void)[] = [];
    clock.onStep(() => removals[0]!());
    removals.push(clock.onStep(removed));
    clock.onStep(kept);
    clock.step();
    clock.step();
    expect([removed.callCount, kept.callCount]).to.deep.equal([1, 2]);
  });

  it('calls steppers in the order of registration until they are removed', () => {
    const clock = new VirtualClock();
    const order: string[] = [];
    const removeFirst = clock.onStep(() => order.push('first'));
    clock.onStep(() => order.push('second'));
    clock.step();
    removeFirst();
    clock.step();
    expect(order).to.deep.equal(['first', 'second', 'second']);
  });

  it('does not re-enter a stepper that sleeps, but calls the others', () => {
    const clock = new VirtualClock();
    const other = sinon.spy();
    let depth = 0;
    clock.onStep(() => {
      expect(++depth).to.equal(1);
      clock.sleepMs(3);
      depth--;
    });
    clock.onStep(other);
    clock.sleepMs(1);
    expect(other.callCount).to.equal(4);
    expect(clock.nowMs()).to.equal(4);
  });

  it('keeps stepping after a stepper has thrown', () => {
    const clock = new VirtualClock();
    const step = sinon.stub().onFirstCall().throws(new Error('once'));
    clock.onStep(step);
    expect(() => clock.step()).to.throw('once');
    clock.step();
    expect(step.callCount).to.equal(2);
  });
});

describe('real clock', () => {
  it('never runs backwards and sleeps at least as long as asked', () => {
    const clock = new RealClock();
    const before = clock.nowMs();
    clock.sleepMs(2);
    expect(clock.nowMs() - before).to.be.at.least(2);
  });

  it('starts at 0, or shares the zero of another clock', () => {
    const clock = new RealClock();
    clock.sleepMs(3);
    const other = new RealClock(clock.originMs);
    const before = clock.nowMs();
    const between = other.nowMs();
    const after = clock.nowMs();
    expect(before).to.be.at.least(3);
    expect(between).to.be.within(before, after);
    expect(Number(new RealClock(clock.originMs - 1_000).nowNs()) / 1e6).to.be.at.least(1_000 + after);
  });

  it('shows the same time in every thread', async () => {
    const clock = new RealClock();
    const code = `require('./testbench/runtime/loadSource.cjs');
      const { parentPort, workerData } = require('node:worker_threads');
      const { RealClock } = require(workerData.file);
      parentPort.postMessage(new RealClock(workerData.originMs).nowMs());`;
    const file = require.resolve('../../../shared/clock');
    const before = clock.nowMs();
    const worker = new Worker(code, { eval: true, execArgv: [], workerData: { file, originMs: clock.originMs } });
    try {
      const [theirs] = (await once(worker, 'message')) as [number];
      // Comparing the two sources of time costs a hundredth of a millisecond.
      expect(theirs).to.be.within(before - 1, clock.nowMs() + 1);
    } finally {
      await worker.terminate();
    }
  });
});
