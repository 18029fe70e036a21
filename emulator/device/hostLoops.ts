/**
 * The loops of a host's rounds in one of two builds: WebAssembly if the creator of this thread passed the
 * compiled module, else TypeScript. Both work on the same records in the arena and mean the same, so code
 * that is not hot imports the TypeScript directly.
 */
import { workerData } from 'node:worker_threads';
import { memory } from '../../shared/mem/memory';
import { fillAlloc as fillAllocTs } from './loops/lend';
import { deliverFrames as deliverFramesTs } from './loops/toGuestTable';
import { takeFree as takeFreeTs } from './loops/takeBack';
import { deliverFrame as deliverFrameTs, flushRx as flushRxTs } from './loops/toGuest';
import { drainBurst as drainBurstTs, fetchBurst as fetchBurstTs, txWaiting as txWaitingTs } from './loops/fromGuest';

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

/** The part of a thread's `workerData` that makes its hosts run compiled loops. */
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
