import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { CountedTime, readThreads, type ThreadTimes } from '../../../../../testbench/peers/dpdk/countedTime';

/** A clock and threads that a test moves by hand. */
class Machine {
  nowMs = 1_000;
  private readonly threads = new Map<string, ThreadTimes>();

  readonly time = (): CountedTime =>
    new CountedTime(
      () => new Map(this.threads),
      () => this.nowMs,
    );

  has(name: string, ready: boolean): void {
    this.threads.set(name, { ranMs: 50, waitedMs: 70, ready });
  }

  /** Lets time pass in which a thread runs and waits for so long, as the kernel counts it, and sleeps otherwise. */
  pass(ms: number, name: string, ranMs: number, waitedMs: number, ready: boolean): void {
    this.nowMs += ms;
    const before = this.threads.get(name)!;
    this.threads.set(name, { ranMs: before.ranMs + ranMs, waitedMs: before.waitedMs + waitedMs, ready });
  }
}

describe('time that counts', () => {
  it('is all the time of threads that sleep, or that run', () => {
    const machine = new Machine();
    machine.has('sleeper', false);
    const time = machine.time();
    machine.pass(1_000, 'sleeper', 0, 0, false);
    expect(time.countedMs).to.equal(1_000);
    machine.has('busy', true);
    expect(time.countedMs).to.equal(1_000);
    machine.pass(1_000, 'busy', 1_000, 0, true);
    expect([time.countedMs, time.totalMs]).to.deep.equal([2_000, 2_000]);
  });

  it('is none in which a thread waited for a CPU, be it one that got it at last or one that still has none', () => {
    const machine = new Machine();
    machine.has('a', true);
    const time = machine.time();
    machine.pass(1_000, 'a', 250, 750, true);
    expect(time.countedMs).to.equal(250);
    // The kernel adds what it waits only when it gets a CPU, here after the second look.
    machine.pass(1_000, 'a', 0, 0, true);
    expect(time.countedMs).to.equal(250);
    machine.pass(100, 'a', 0, 1_080, true);
    expect(time.countedMs).to.equal(250);
    expect(time.totalMs).to.equal(2_100);
  });

  it('counts a moment once in which several threads wait, and no wait from before', () => {
    const machine = new Machine();
    machine.has('a', true);
    machine.has('b', true);
    const time = machine.time();
    machine.pass(0, 'a', 100, 400, true);
    machine.pass(1_000, 'b', 300, 600, true);
    machine.has('late', true);
    expect(time.countedMs).to.equal(400);
  });

  it('is read from the kernel for every thread of a process, and for the caller', async () => {
    const child = spawn('sh', ['-c', 'echo started; while :; do :; done'], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child.stdout, 'data');
    const threads = readThreads([child.pid!, 0x7fff_ffff]);
    child.kill('SIGKILL');
    expect([...threads.keys()]).to.deep.equal(['/proc/thread-self', `/proc/${child.pid}/task/${child.pid}`]);
    const [own, busy] = [...threads.values()];
    expect(own!.ranMs).to.be.greaterThan(0);
    expect(own!.ready).to.equal(true);
    expect(busy!.ready).to.equal(true);
  });
});
