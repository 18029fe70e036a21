/**
 * CPU affinity of threads. Threads of which only one runs at a time are faster on one CPU, because no other
 * CPU has to wake up. Sides that are measured get a CPU each.
 */
const MASK_BYTES = 128;

interface Affinity {
  /** Sets the calling thread's mask, bit N for CPU N. Returns 0 on success. */
  set(mask: Uint8Array): number;
  /** Writes the calling thread's mask into `mask`. Returns 0 on success. */
  get(mask: Uint8Array): number;
}

let loaded: Affinity | null | undefined;

function load(): Affinity | null {
  if (process.platform !== 'linux') return null;
  try {
    const koffi = require('koffi') as typeof import('koffi');
    const libc = koffi.load(null);
    const set = libc.func('int sched_setaffinity(int pid, size_t bytes, const uint8_t *mask)');
    const get = libc.func('int sched_getaffinity(int pid, size_t bytes, _Out_ uint8_t *mask)');
    return {
      set: (mask) => set(0, MASK_BYTES, mask) as number,
      get: (mask) => get(0, MASK_BYTES, mask) as number,
    };
  } catch {
    // There is no native library for this machine. Everything works without it, only slower.
    return null;
  }
}

function affinity(): Affinity | null {
  if (loaded === undefined) loaded = load();
  return loaded;
}

/** Returns the calling thread's mask, null if it is unknown. */
function currentMask(): Uint8Array | null {
  const mask = new Uint8Array(MASK_BYTES);
  return affinity()?.get(mask) === 0 ? mask : null;
}

/** Returns the CPUs that the calling thread may run on, in ascending order; only CPU 0 if they are unknown. */
export function allowedCpus(): number[] {
  const mask = currentMask();
  if (mask === null) return [0];
  const cpus = Array.from({ length: MASK_BYTES * 8 }, (_unused, cpu) => cpu);
  return cpus.filter((cpu) => (mask[cpu >>> 3]! & (1 << (cpu & 7))) !== 0);
}

/** Picks a CPU that the calling thread may run on, another one for each `choice`; null where pinning is impossible. */
export function pickCpu(choice: number): number | null {
  if (currentMask() === null) return null;
  const cpus = allowedCpus();
  return cpus[choice % cpus.length]!;
}

/** Pins the calling thread to one CPU, where that is possible. */
export function pinThread(cpu: number): void {
  const mask = new Uint8Array(MASK_BYTES);
  mask[cpu >>> 3] = 1 << (cpu & 7);
  affinity()?.set(mask);
}

/** Runs `body` with the calling thread on one CPU. Threads that `body` starts stay there. */
export async function onCpu<T>(cpu: number, body: () => T | Promise<T>): Promise<T> {
  const former = currentMask();
  pinThread(cpu);
  try {
    return await body();
  } finally {
    if (former !== null) affinity()?.set(former);
  }
}
