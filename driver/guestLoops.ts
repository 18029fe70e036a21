/** The loops of an application's hot path, in the build that this thread runs. */
import { chooseLoops } from '../shared/wasm/load';
import { BurstTable } from './burstTable';
import { mbufReset } from './loops/mbuf';
import { mbufFree as mbufFreeLoop, mbufFreeBulk as mbufFreeBulkLoop, mempoolTakeOne } from './loops/mempool';
import * as records from './loops/records';
import { receiveBurst } from './loops/rx';
import { rxWaiting } from './loops/rxDepth';
import { transmitBurst } from './loops/tx';

const typescript = {
  mbufFree: mbufFreeLoop,
  mbufFreeBulk: mbufFreeBulkLoop,
  mbufReset,
  mempoolTakeOne,
  receiveBurst,
  rxWaiting,
  transmitBurst,
};

let chosen: typeof typescript | null = null;

/** Returns the loops. The first call chooses them, so a command that never touches a port loads no module. */
export function guestLoops(): typeof typescript {
  return (chosen ??= chooseLoops('driver', typescript, records));
}

/**
 * Drops one reference to each segment of a packet. Those that nobody holds any more go back to the pools that they
 * came from. 0 is no packet. An address at which no mbuf in use starts is refused and counted, as the first segment and
 * as any other.
 */
export function mbufFree(mbuf: number): void {
  guestLoops().mbufFree(mbuf);
}

/**
 * Frees `n` packets of `mbufs` from index `from` on, each as `mbufFree` does. Those of a `BurstTable` are freed
 * together, which costs far less.
 */
export function mbufFreeBulk(mbufs: Uint32Array | BurstTable, n: number, from = 0): void {
  const count = Math.min(n, mbufs.length - from);
  if (!(count >= 1 && from >= 0)) return;
  const loops = guestLoops();
  const first = from >>> 0;
  if (mbufs instanceof BurstTable) loops.mbufFreeBulk(mbufs.address + first * 4, count >>> 0);
  else for (let i = 0; i < count >>> 0; i++) loops.mbufFree(mbufs[first + i]!);
}
