import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { startWorker } from '../../../../testbench/runtime/worker';
import { compileLoops, roomFiles } from '../../../../shared/wasm/build';
import { testSeed } from '../../../runner/seed';
import { inTemporaryFolder } from '../../../support/temporaryFolder';

interface Outcome {
  readonly compiled: boolean;
  readonly seen: readonly string[];
  readonly stats: { readonly fromGuest: { readonly offered: number; readonly forwarded: number } };
}

function compileEmulatorLoops(): WebAssembly.Module {
  return inTemporaryFolder((folder) => {
    compileLoops(join(folder, 'emulator.wasm'), roomFiles('emulator'));
    return new WebAssembly.Module(readFileSync(join(folder, 'emulator.wasm')));
  });
}

async function outcome(emulator: WebAssembly.Module | null): Promise<Outcome> {
  const worker = startWorker('test/unit/testbench/perf/hostWorker', {
    build: 'plain',
    data: { avpLoops: { emulator }, seed: testSeed },
    print: process.stdout,
  });
  try {
    const [message] = (await once(worker, 'message')) as [Outcome];
    return message;
  } finally {
    await worker.terminate();
  }
}

describe('a host thread with compiled loops', () => {
  it('runs them, and does the same as with TypeScript loops', async () => {
    const { compiled: fast, ...byWebAssembly } = await outcome(compileEmulatorLoops());
    const { compiled: slow, ...byTypeScript } = await outcome(null);
    expect({ fast, slow }).to.deep.equal({ fast: true, slow: false });
    expect(byWebAssembly).to.deep.equal(byTypeScript);
    expect(byTypeScript.seen).to.have.length(100);
    expect(byTypeScript.stats.fromGuest).to.include({ offered: 100, forwarded: 100 });
  });
});
