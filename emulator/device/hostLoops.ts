/** The loops of a host's rounds, in the build that this thread runs. */
import { chooseLoops } from '../../shared/wasm/load';
import { drainBurst, fetchBurst, txWaiting } from './loops/fromGuest';
import { fillAlloc } from './loops/lend';
import * as records from './loops/records';
import { takeFree } from './loops/takeBack';
import { deliverFrame, flushRx } from './loops/toGuest';
import { deliverFrames } from './loops/toGuestTable';

const typescript = {
  deliverFrame,
  deliverFrames,
  drainBurst,
  fetchBurst,
  fillAlloc,
  flushRx,
  takeFree,
  txWaiting,
};

let chosen: typeof typescript | null = null;

/** Returns the loops. The first call chooses them, so a command that never runs a host loads no module. */
export function hostLoops(): typeof typescript {
  return (chosen ??= chooseLoops('emulator', typescript, records));
}
