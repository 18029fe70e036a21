/** Words of a doorbell. Any thread adds to `RINGS`; only the thread that sleeps on the doorbell writes `ASLEEP`. */
const RINGS = 0;
const ASLEEP = 1;
export const DOORBELL_WORDS = 2;

/**
 * Wakes a thread that sleeps because it has nothing to do. One thread sleeps, any thread rings. The words lie in a
 * buffer of their own: they exist before the first allocation of the arena and after the last one is released.
 */
export class Doorbell {
  private readonly words: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.words = new Int32Array(buffer, 0, DOORBELL_WORDS);
  }

  /** Number of rings so far. Read it before looking for work, and pass it to `sleep`. */
  get rings(): number {
    return Atomics.load(this.words, RINGS);
  }

  /** Wakes the thread, or keeps it awake if it is about to sleep. */
  ring(): void {
    Atomics.add(this.words, RINGS, 1);
    Atomics.notify(this.words, RINGS);
  }

  /** Hints that there may be work. The hint is lost if the thread falls asleep at this moment. */
  ringIfAsleep(): void {
    if (Atomics.load(this.words, ASLEEP) !== 0) this.ring();
  }

  /** Sleeps until the next ring or for `durationMs`. Returns at once if the number of rings is no longer `seen`. */
  sleep(seen: number, durationMs: number): void {
    Atomics.store(this.words, ASLEEP, 1);
    Atomics.wait(this.words, RINGS, seen, durationMs);
    Atomics.store(this.words, ASLEEP, 0);
  }
}
