/** The loops of a host's rounds, in the build that this thread runs. */
import { chooseLoops } from '../../shared/wasm/load';
import { deliverFrame as deliverFrameTs, flushRx as flushRxTs } from './loops/toGuest';
import { deliverFrames as deliverFramesTs } from './loops/toGuestTable';
import { drainBurst as drainBurstTs, fetchBurst as fetchBurstTs, txWaiting as txWaitingTs } from './loops/fromGuest';
import { fillAlloc as fillAllocTs } from './loops/lend';
import { takeFree as takeFreeTs } from './loops/takeBack';

export const { deliverFrame, deliverFrames, drainBurst, fetchBurst, fillAlloc, flushRx, takeFree, txWaiting } =
  chooseLoops('emulator', {
    deliverFrame: deliverFrameTs,
    deliverFrames: deliverFramesTs,
    drainBurst: drainBurstTs,
    fetchBurst: fetchBurstTs,
    fillAlloc: fillAllocTs,
    flushRx: flushRxTs,
    takeFree: takeFreeTs,
    txWaiting: txWaitingTs,
  });
