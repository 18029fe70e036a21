import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { UsageError } from '../../../../../shared/errors';
import { LcoreThread } from '../../../../../testbench/peers/dpdk/lcoreThread';
import { buildShim } from '../../../../../testbench/peers/dpdk/shim';
import { eventually } from '../../../../support/eventually';
import { TemporaryFolder } from '../../../../support/temporaryFolder';

describe('a forwarding thread', () => {
  const folder = new TemporaryFolder().perSuite();
  let shim: string;
  let busy: ChildProcess;

  before(async function () {
    try {
      shim = await buildShim(folder.path);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      process.stdout.write(`      ${error.message}: the test of forwarding threads was skipped\n`);
      this.skip();
    }
  });

  beforeEach(async () => {
    // The kernel names the thread of a script after the script.
    const program = folder.file('rte-worker-1');
    writeFileSync(program, '#!/bin/sh\necho started\nwhile :; do :; done\n', { mode: 0o755 });
    busy = spawn(program, { env: { ...process.env, LD_PRELOAD: shim }, stdio: ['ignore', 'pipe', 'inherit'] });
    // The loader has run the preloaded library's constructor by the time the script prints. Before that, the signal
    // of a hold would end the process.
    await once(busy.stdout!, 'data');
  });

  afterEach(() => {
    busy.kill('SIGKILL');
  });

  it('is found by its name, stops while it is held, and goes on', async () => {
    expect(LcoreThread.of(process.pid)).to.equal(null);
    const thread = LcoreThread.of(busy.pid!)!;
    thread.hold();
    await eventually('its halt', () => thread.stands);
    const before = thread.ranMs;
    thread.release();
    await eventually('more of its work', () => thread.ranMs > before + 5);
    expect(thread.stands).to.equal(false);
  });
});
