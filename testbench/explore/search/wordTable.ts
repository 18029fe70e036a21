const FIRST_SLOTS = 1_024;

/** The event that wrote each word last; zero for a word that nobody has written. Clearing it costs nothing. */
export class WordTable {
  low = new Int32Array(FIRST_SLOTS);
  high = new Int32Array(FIRST_SLOTS);
  private stamp = new Int32Array(FIRST_SLOTS);
  private readonly slots = new Map<number, number>();
  private now = 0;
  private trial: number[] | null = null;

  clear(): void {
    this.now++;
  }

  slotOf(word: number): number {
    let slot = this.slots.get(word);
    if (slot === undefined) {
      slot = this.slots.size;
      this.slots.set(word, slot);
      if (slot === this.low.length) this.grow();
    }
    if (this.stamp[slot] !== this.now) {
      this.stamp[slot] = this.now;
      this.low[slot] = this.high[slot] = 0;
    }
    return slot;
  }

  set(slot: number, low: number, high: number): void {
    this.trial?.push(slot, this.low[slot]!, this.high[slot]!);
    this.low[slot] = low;
    this.high[slot] = high;
  }

  /** Begins a trial: `endTrial` takes back all that is set from now on. */
  beginTrial(): void {
    this.trial = [];
  }

  endTrial(): void {
    const trial = this.trial ?? [];
    for (let at = trial.length - 3; at >= 0; at -= 3) {
      this.low[trial[at]!] = trial[at + 1]!;
      this.high[trial[at]!] = trial[at + 2]!;
    }
    this.trial = null;
  }

  private grow(): void {
    const larger = (old: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const next = new Int32Array(old.length * 2);
      next.set(old);
      return next;
    };
    this.low = larger(this.low);
    this.high = larger(this.high);
    this.stamp = larger(this.stamp);
  }
}
