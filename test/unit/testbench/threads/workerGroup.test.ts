import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { resetArena } from '../../../../shared/arena';
import { UsageError } from '../../../../shared/errors';
import { packageRoot, sourceArguments } from '../../../../testbench/runtime/package';
import { WorkerGroup, type WorkerGroupSettings, type WorkerHandle } from '../../../../testbench/threads/workerGroup';
import type { HostData } from '../../../../testbench/threads/roles/host';
import type { QueuesData } from '../../../../testbench/threads/roles/queues';
import type { HostOperations } from '../../../../testbench/threads/hostOperations';
import { makeChannelWords } from '../../../../testbench/threads/channel';
import { ThreadError } from '../../../../testbench/threads/remoteError';
import type { FaultyOperations } from './fixture/faulty';

const FIXTURE = 'test/unit/testbench/threads/fixture';
const TIMEOUT_MS = 240_000;

/** The Error that an action throws. */
async function errorOf(action: () => unknown): Promise<Error> {
  try {
    await action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

describe('a group of worker threads', function () {
  this.timeout(TIMEOUT_MS);
  let group: WorkerGroup;

  function makeGroup(settings: Partial<WorkerGroupSettings> = {}): WorkerGroup {
    return (group = new WorkerGroup({ build: 'plain', print: process.stdout, ...settings }));
  }

  function start(role = 'faulty', data: unknown = null, name = 'worker'): WorkerHandle<FaultyOperations> {
    return group.start(name, `${FIXTURE}/${role}`, data);
  }

  beforeEach(resetArena);
  afterEach(async () => void (await group.end()));

  it('runs operations in their thread, rethrows their errors here, polls in between, and ends', async () => {
    makeGroup();
    const { operations } = start();
    const error = await errorOf(() => operations.fail('so it is'));
    expect(error).to.be.instanceOf(ThreadError);
    expect(error.message).to.equal("thread 'worker': TypeError: so it is");
    expect(error.stack).to.contain('faulty.ts');
    const before = operations.rounds();
    expect(await group.waitFor(() => operations.rounds() > before + 1, TIMEOUT_MS)).to.equal(true);
    expect(group.failure).to.equal(null);
    expect(await group.end()).to.deep.equal([]);
  });

  for (const [kind, data] of [
    ['faultyHost', { seed: 1, record: false } satisfies HostData],
    ['faultyControl', null],
    ['faultyHandler', null],
    ['faultyQueues', { queue: 0, hostDoorbell: makeChannelWords() } satisfies QueuesData],
  ] as const)
    it(`reports the error that ends a thread: ${kind}`, async () => {
      makeGroup();
      const { operations } = start(kind, data);
      if (kind === 'faultyHost') {
        // An error of an operation keeps its class, and ends no thread.
        const { boot } = operations as unknown as HostOperations;
        expect(await errorOf(() => boot('nowhere', 'vm', []))).to.be.instanceOf(UsageError);
        expect(group.failure).to.equal(null);
      }
      operations.breakDown('that was it');
      const error = await errorOf(() => group.waitFor(() => false, TIMEOUT_MS));
      expect(error).to.be.instanceOf(ThreadError);
      expect(error.message).to.equal("thread 'worker': RangeError: that was it");
      expect(error.stack).to.contain('faulty.ts');
      expect(await errorOf(() => operations.rounds())).to.equal(error);
      expect(await group.end()).to.deep.equal([error]);
    });

  it('reports a module that cannot be loaded', async () => {
    makeGroup();
    const error = await errorOf(() => start('brokenModule').operations.rounds());
    expect(error.message).to.equal("thread 'worker': Error: this module can not be loaded");
  });

  it('names threads that exit silently, do not answer or do not end, and terminates all of them', async () => {
    makeGroup({ answerLimitMs: 1_000, endLimitMs: 1_000 });
    const [gone, mute, late] = ['gone', 'mute', 'late'].map((name) => start('faulty', null, name));
    late!.operations.stay();
    expect((await errorOf(() => mute!.operations.hang())).message).to.equal(
      "thread 'mute': no answer to 'hang' within 1000 ms",
    );
    const error = await errorOf(() => gone!.operations.vanish(3));
    expect(error.message).to.equal("thread 'gone': no answer to 'vanish' within 1000 ms");
    const ends = (await group.end()).map(({ message }) => message);
    expect(ends).to.have.members([
      "thread 'gone': no answer to 'vanish' within 1000 ms",
      "thread 'mute': no answer to 'hang' within 1000 ms",
      "thread 'late': did not end within 1000 ms",
    ]);
    expect([gone, mute, late].map((thread) => thread!.gone)).to.deep.equal([true, true, true]);
  });

  it('notices that a thread has exited', async () => {
    makeGroup();
    const { operations } = start();
    operations.vanishLater(3);
    const error = await errorOf(() => group.waitFor(() => false, TIMEOUT_MS));
    expect(error.message).to.equal("thread 'worker': ended with status 3");
  });

  it('leaves nothing behind that keeps the process alive', () => {
    const script = join(packageRoot(), FIXTURE, 'startAndEnd.ts');
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...sourceArguments(), script], {
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
    });
    expect(stderr).to.equal('');
    expect({ status, signal, stdout }).to.deep.equal({ status: 0, signal: null, stdout: 'ended with 0 errors\n' });
  });
});
