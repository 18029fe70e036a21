/** Words of a bell. */
const RINGS = 0;
const ASLEEP = 1;
export const BELL_WORDS = 2;

/**
 * What a thread sleeps on while it has nothing to do. One thread sleeps, any thread rings. The
 * words lie in a buffer of their own rather than in the arena, because they are there before
 * the arena's first allocation and outlive its last.
 */
export class Bell {
  private readonly words: Int32Array;

  constructor(buffer: SharedArrayBuffer) {
    this.words = new Int32Array(buffer, 0, BELL_WORDS);
  }

  /** How often it has been rung; to be read before looking for work, and given to `sleep`. */
  get rings(): number {
    return Atomics.load(this.words, RINGS);
  }

  /** Wakes the thread, and keeps it awake if it is just about to sleep. */
  ring(): void {
    Atomics.add(this.words, RINGS, 1);
    Atomics.notify(this.words, RINGS);
  }

  /** A hint that there may be work. One that comes just before the thread falls asleep may be lost. */
  nudge(): void {
    if (Atomics.load(this.words, ASLEEP) !== 0) this.ring();
  }

  /** Sleeps until the bell rings, at once if it has since `seen`, at most `durationMs`. */
  sleep(seen: number, durationMs: number): void {
    Atomics.store(this.words, ASLEEP, 1);
    Atomics.wait(this.words, RINGS, seen, durationMs);
    Atomics.store(this.words, ASLEEP, 0);
  }
}
