import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import sinon from 'sinon';
import { RealClock, VirtualClock } from '../../../shared/clock';

describe('virtual clock', () => {
  it('passes time only by sleeping, and steps everybody once a tick', () => {
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

  it('steps in the order of registration until removed', () => {
    const clock = new VirtualClock();
    const order: string[] = [];
    const removeFirst = clock.onStep(() => order.push('first'));
    clock.onStep(() => order.push('second'));
    clock.step();
    removeFirst();
    clock.step();
    expect(order).to.deep.equal(['first', 'second', 'second']);
  });

  it('does not enter a stepper again that sleeps itself, but steps the others', () => {
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

  it('goes on stepping after a stepper threw', () => {
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

  it('starts at 0, and shares the time of another one from whose zero it starts', () => {
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

  it('counts the same time in every thread', async () => {
    const clock = new RealClock();
    const code = `require('./testbench/runtime/loadSource.cjs');
      const { parentPort, workerData } = require('node:worker_threads');
      const { RealClock } = require(workerData.file);
      parentPort.postMessage(new RealClock(workerData.originMs).nowMs());`;
    const file = require.resolve('../../../shared/clock');
    const before = clock.nowMs();
    const worker = new Worker(code, { eval: true, execArgv: [], workerData: { file, originMs: clock.originMs } });
    const [theirs] = (await once(worker, 'message')) as [number];
    // A hundredth of a millisecond is lost where the two ways to tell time are compared.
    expect(theirs).to.be.within(before - 1, clock.nowMs() + 1);
    await worker.terminate();
  });
});
