/** Marks of entries that hold a range; any other last word of an entry is the index of a changed word. */
const MEMORY_RANGE = 0xffff_fffe;
const RIGHTS_RANGE = 0xffff_ffff;

const FIRST_ENTRIES = 1 << 16;
const FIRST_SAVED_BYTES = 1 << 16;
/** Longest entry, for which room is always left. */
const ENTRY_WORDS = 4;

/**
 * Former contents of all that a run has overwritten, so that undoing the run takes no longer than its stores did.
 * Entries are read from the last to the first.
 */
export class UndoLog {
  private words = new Uint32Array(FIRST_ENTRIES);
  private used = 0;
  private saved = new Uint8Array(FIRST_SAVED_BYTES);
  private savedUsed = 0;
  /** Off while a world is set up, which nobody undoes. */
  recording = false;

  constructor(
    private readonly memory: Uint32Array,
    private readonly bytes: Uint8Array,
    private readonly rights: Uint8Array,
  ) {}

  /** To be called before a word changes. */
  word(index: number): void {
    if (!this.recording) return;
    this.words[this.used] = this.memory[index]!;
    this.words[this.used + 1] = index;
    this.used += 2;
    if (this.used > this.words.length - ENTRY_WORDS) this.grow();
  }

  /** To be called before bytes of the arena change. */
  range(address: number, length: number): void {
    if (this.recording) this.save(this.bytes, address, length, MEMORY_RANGE);
  }

  /** To be called before rights change, from one word on. */
  rightsRange(word: number, words: number): void {
    if (this.recording) this.save(this.rights, word, words, RIGHTS_RANGE);
  }

  /** Calls back for each word that has been written, or the right to it, since `undo`; each once. */
  eachWord(visit: (word: number) => void): void {
    const { words } = this;
    const seen = new Set<number>();
    const once = (word: number): void => {
      if (seen.has(word)) return;
      seen.add(word);
      visit(word);
    };
    for (let at = this.used; at > 0;) {
      const last = words[at - 1]!;
      if (last < MEMORY_RANGE) once(last);
      else {
        const [start, length] = [words[at - 3]!, words[at - 2]!];
        const [from, to] = last === MEMORY_RANGE ? [start >>> 2, (start + length + 3) >>> 2] : [start, start + length];
        for (let word = from; word < to; word++) once(word);
      }
      at -= last < MEMORY_RANGE ? 2 : 3;
    }
  }

  /** Puts everything back, and forgets it. */
  undo(): void {
    const { words, memory } = this;
    let at = this.used;
    while (at > 0) {
      const last = words[at - 1]!;
      if (last < MEMORY_RANGE) {
        memory[last] = words[at - 2]!;
        at -= 2;
      } else {
        this.restore(last === MEMORY_RANGE ? this.bytes : this.rights, words[at - 3]!, words[at - 2]!);
        at -= 3;
      }
    }
    this.used = 0;
  }

  private restore(target: Uint8Array, start: number, length: number): void {
    this.savedUsed -= length;
    target.set(this.saved.subarray(this.savedUsed, this.savedUsed + length), start);
  }

  private save(source: Uint8Array, start: number, length: number, mark: number): void {
    while (this.savedUsed + length > this.saved.length) {
      const next = new Uint8Array(this.saved.length * 2);
      next.set(this.saved);
      this.saved = next;
    }
    this.saved.set(source.subarray(start, start + length), this.savedUsed);
    this.savedUsed += length;
    this.words[this.used] = start;
    this.words[this.used + 1] = length;
    this.words[this.used + 2] = mark;
    this.used += 3;
    if (this.used > this.words.length - ENTRY_WORDS) this.grow();
  }

  private grow(): void {
    const next = new Uint32Array(this.words.length * 2);
    next.set(this.words);
    this.words = next;
  }
}
