import { DESC_BYTES, FIFO_BYTES, REQUEST_BYTES } from '../../../shared/loops/layout';
import type { FifoKind, SharedFifo, SharedMemory } from '../memory/sharedMemory';

function words(address: number, bytes: number): number[] {
  return Array.from({ length: bytes >>> 2 }, (_unused, i) => address + 4 * i);
}

export function wordsOf(address: number, bytes: number): Uint32Array {
  return Uint32Array.from(words(address, bytes));
}

export function headersOf(fifos: readonly SharedFifo[]): Uint32Array {
  return Uint32Array.from(fifos.flatMap(({ base }) => words(base, FIFO_BYTES)));
}

export function slotsOf(fifos: readonly SharedFifo[]): Uint32Array {
  return Uint32Array.from(fifos.flatMap(({ base, slots }) => words(base + FIFO_BYTES, 8 * slots)));
}

/** The index at `offset` of each header. */
export function indicesOf(fifos: readonly SharedFifo[], offset: number): Uint32Array {
  return Uint32Array.from(fifos, ({ base }) => base + offset);
}

export function ofKind({ fifos }: SharedMemory, kind: FifoKind): SharedFifo[] {
  return fifos.filter((one) => one.kind === kind);
}

/** Words of descriptors, from byte `from` on. */
export function descWords(descs: readonly number[], from = 0, bytes: number = DESC_BYTES - from): Uint32Array {
  return Uint32Array.from(descs.flatMap((desc) => words(desc + from, bytes)));
}

/** All words of BAR 2 that anything lies in: rings, the sync area, pools. */
export function everything(memory: SharedMemory): Uint32Array {
  const { fifos, pools, sync } = memory;
  return Uint32Array.from([
    ...fifos.flatMap(({ base, slots }) => words(base, FIFO_BYTES + 8 * slots)),
    ...pools.flatMap(({ address, bytes }) => words(address, bytes)),
    ...words(sync, REQUEST_BYTES),
  ]);
}
