import koffi from 'koffi';

const MASK_BYTES = 128;

interface Affinity {
  readonly set: (mask: Uint8Array) => void;
  readonly get: () => Uint8Array;
}

let loaded: Affinity | null = null;

function affinity(): Affinity {
  if (loaded !== null) return loaded;
  const libc = koffi.load(null);
  const set = libc.func('int sched_setaffinity(int pid, size_t bytes, const uint8_t *mask)');
  const get = libc.func('int sched_getaffinity(int pid, size_t bytes, _Out_ uint8_t *mask)');
  loaded = {
    set: (mask) => void set(0, MASK_BYTES, mask),
    get: () => {
      const mask = new Uint8Array(MASK_BYTES);
      get(0, MASK_BYTES, mask);
      return mask;
    },
  };
  return loaded;
}

/** Runs `body` with the calling thread on one CPU; threads that are started meanwhile stay there. */
export async function onCpu<T>(cpu: number, body: () => T | Promise<T>): Promise<T> {
  const former = affinity().get();
  const mask = new Uint8Array(MASK_BYTES);
  mask[cpu >>> 3] = 1 << (cpu & 7);
  affinity().set(mask);
  try {
    return await body();
  } finally {
    affinity().set(former);
  }
}
