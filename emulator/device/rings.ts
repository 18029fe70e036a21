/**
 * The loops of a host's rounds, in one of their two builds: compiled to WebAssembly where whoever
 * made this thread handed the module over, in TypeScript everywhere else. Both work on the same
 * records in the arena and mean the same, so all that is not hot calls the TypeScript directly.
 */
import { workerData } from 'node:worker_threads';
import { memory } from '../../shared/mem/memory';
import { fillAlloc as fillAllocTs } from './loops/alloc';
import { deliverFrames as deliverFramesTs } from './loops/burst';
import { takeFree as takeFreeTs } from './loops/free';
import { deliverFrame as deliverFrameTs, flushRx as flushRxTs } from './loops/receive';
import { drainBurst as drainBurstTs, fetchBurst as fetchBurstTs, txWaiting as txWaitingTs } from './loops/transmit';

interface HostLoops {
  readonly deliverFrame: typeof deliverFrameTs;
  readonly deliverFrames: typeof deliverFramesTs;
  readonly drainBurst: typeof drainBurstTs;
  readonly fetchBurst: typeof fetchBurstTs;
  readonly fillAlloc: typeof fillAllocTs;
  readonly flushRx: typeof flushRxTs;
  readonly takeFree: typeof takeFreeTs;
  readonly txWaiting: typeof txWaitingTs;
}

/** What a worker gets in its `workerData` so that its hosts run compiled loops. */
export interface LoopsHandle {
  readonly avpLoops?: WebAssembly.Module | null;
}

const inTypeScript: HostLoops = {
  deliverFrame: deliverFrameTs,
  deliverFrames: deliverFramesTs,
  drainBurst: drainBurstTs,
  fetchBurst: fetchBurstTs,
  fillAlloc: fillAllocTs,
  flushRx: flushRxTs,
  takeFree: takeFreeTs,
  txWaiting: txWaitingTs,
};

function given(): HostLoops {
  const compiled = (workerData as LoopsHandle | null)?.avpLoops ?? null;
  if (compiled === null) return inTypeScript;
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as HostLoops;
}

export const { deliverFrame, deliverFrames, drainBurst, fetchBurst, fillAlloc, flushRx, takeFree, txWaiting } = given();
