import { expect } from 'chai';
import { once } from 'node:events';
import type { Engine } from '../../../../shared/engine';
import type { LoopModules } from '../../../../shared/wasm/load';
import { defaultEngine, loopsFor } from '../../../../testbench/runtime/engine';
import { startWorker } from '../../../../testbench/runtime/worker';
import type { EngineReport, EngineTask } from './fixture/engineWorker';

async function reportOf(task: EngineTask, how: { engine?: Engine; avpLoops?: LoopModules }): Promise<EngineReport> {
  const { engine, ...loops } = how;
  const data = { task, ...loops };
  const worker = startWorker('test/unit/shared/wasm/fixture/engineWorker', {
    build: 'plain',
    engine,
    data,
    print: process.stdout,
  });
  try {
    return ((await once(worker, 'message')) as [EngineReport])[0];
  } finally {
    await worker.terminate();
  }
}

describe('the engine of a thread', () => {
  it('is what its creator chose, and TypeScript in a thread of the source that was told nothing', async () => {
    expect(await reportOf('choose', { engine: 'wasm' })).to.deep.equal({ engine: 'wasm', compiled: true, error: null });
    expect(await reportOf('choose', { engine: 'ts' })).to.deep.equal({ engine: 'ts', compiled: false, error: null });
    expect(await reportOf('choose', {})).to.deep.equal({ engine: 'ts', compiled: false, error: null });
    expect(defaultEngine()).to.equal('ts');
  });

  it('cannot be changed after the first call of a loop', async () => {
    const { error } = await reportOf('change', { engine: 'wasm' });
    expect(error).to.include('has chosen its loops already');
  });

  it('refuses a module that was compiled for other records, or for other loops, and says what to do', async () => {
    const other = await reportOf('other', { engine: 'wasm' });
    expect(other.error).to.match(/driver\.wasm is of another build than this code \('PORT_BYTES'\): run make build/);
    const { emulator = null } = loopsFor('wasm');
    const { error } = await reportOf('choose', { avpLoops: { driver: emulator } });
    expect(error).to.match(/driver\.wasm is of another build than this code \('mbufFree'\)/);
  });

  it('is never WebAssembly on watched memory', () => {
    expect(() =>
      startWorker('testbench/conformance/worker', { build: 'watched', engine: 'wasm', print: process.stdout }),
    ).to.throw('compiled loops cannot be watched');
  });
});
