/**
 * Threads of which only one runs at a time are faster on one processor: handing the turn over
 * then needs no second one to wake up.
 */
const MASK_BYTES = 128;

interface Affinity {
  /** For the calling thread; 0 where it worked. */
  set(mask: Buffer): number;
  get(mask: Buffer): number;
}

function affinity(): Affinity | null {
  if (process.platform !== 'linux') return null;
  try {
    const koffi = require('koffi') as typeof import('koffi');
    const libc = koffi.load(null);
    const set = libc.func('int sched_setaffinity(int pid, size_t bytes, const void *mask)');
    const get = libc.func('int sched_getaffinity(int pid, size_t bytes, _Out_ uint8_t *mask)');
    return {
      set: (mask) => set(0, MASK_BYTES, mask) as number,
      get: (mask) => get(0, MASK_BYTES, mask) as number,
    };
  } catch {
    // The native library is not there for this machine: all works without, only slower.
    return null;
  }
}

/** A processor that the calling thread may run on, another one for each `choice`; null where it can't be told. */
export function someProcessor(choice: number): number | null {
  const mask = Buffer.alloc(MASK_BYTES);
  if (affinity()?.get(mask) !== 0) return null;
  const allowed = Array.from({ length: MASK_BYTES * 8 }, (_unused, cpu) => cpu).filter(
    (cpu) => (mask[cpu >>> 3]! & (1 << (cpu & 7))) !== 0,
  );
  return allowed.length === 0 ? null : allowed[choice % allowed.length]!;
}

/** Has the calling thread run on one processor alone, where that is possible. */
export function pinThread(processor: number): void {
  const mask = Buffer.alloc(MASK_BYTES);
  mask[processor >>> 3] = 1 << (processor & 7);
  affinity()?.set(mask);
}
