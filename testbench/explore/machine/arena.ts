import { MACHINE_BYTES } from './bytes';
import type { Machine } from './machine';
import { plainMemory } from './plainMemory';

/** The allocator of the arena, which goes past `#mem`. */
export const ARENA_FROM = 'shared/arena';
/** Word of the allocator's head that holds the end of all that was ever allocated (`shared/arena.ts`). */
const HIGH_WATER = (4_096 >>> 2) + 2;

type Exports = Record<string, unknown>;
type Call = (...values: unknown[]) => unknown;

/** The arena of a machine, as modules of a tree see it: `#mem`, the bytes, and an allocator whose work is undone. */
export class Arena {
  readonly plain: Exports;
  /** Modules in place of those in `shared/mem/`. */
  private readonly modules: Readonly<Record<string, unknown>>;
  private image: { readonly bytes: Uint8Array; readonly words: Uint32Array; readonly rights: Uint8Array } | null = null;
  /** True once the allocator has written something that the undo log does not hold. */
  allocated = false;

  constructor(readonly machine: Machine) {
    const { bytes } = machine;
    this.plain = plainMemory(machine);
    this.modules = {
      'shared/mem/memory': {
        ARENA_BYTES: MACHINE_BYTES,
        memory: { buffer: bytes.buffer },
        bytes8: bytes.bytes8,
        words16: bytes.words16,
        words32: bytes.words32,
        bulkCopy: (to: number, from: number, length: number) => bytes.bytes8.copyWithin(to, from, from + length),
        bulkFill: (at: number, value: number, length: number) => bytes.bytes8.fill(value, at, at + length),
      },
      // Keeps threads off the compiled loops, at whose accesses no actor could stop.
      'shared/mem/build': { watchedMemory: {} },
    };
  }

  replaced(path: string): unknown {
    return this.modules[path] ?? null;
  }

  /** The allocator's exports, which note that they were called. */
  watched(exports: Exports): Exports {
    const noting = (call: Call): Call =>
      Object.assign((...values: unknown[]) => {
        this.allocated = true;
        return call(...values);
      }, call);
    const made = { ...exports };
    for (const name of ['allocate', 'release'].flatMap((one) => [one, `${one}$g`]))
      if (typeof exports[name] === 'function') made[name] = noting(exports[name] as Call);
    return made;
  }

  /** Ends the set-up: from now on everything is undone before the next run. */
  keep(): void {
    const { bytes } = this.machine;
    const end = bytes.words32[HIGH_WATER]!;
    const kept = bytes.bytes8.slice(0, (end + 3) & ~3);
    this.image = { bytes: kept, words: new Uint32Array(kept.buffer), rights: bytes.rights.slice(0, kept.length >>> 2) };
    this.allocated = false;
    bytes.undo.recording = true;
  }

  /** True if a word, or the right to it, is not as `keep` found it. */
  hasChanged(word: number): boolean {
    const { bytes } = this.machine;
    const { image } = this;
    if (image === null || word >= image.rights.length) return true;
    return image.words[word] !== bytes.words32[word] || image.rights[word] !== bytes.rights[word];
  }

  /** Words whose contents `keep` found to be such. */
  keptWords(isSuch: (content: number) => boolean): number[] {
    const words = this.image?.words ?? new Uint32Array();
    return [...words.keys()].filter((word) => isSuch(words[word]!));
  }

  /** Puts all bytes and rights back as `keep` found them. */
  restore(): void {
    const { bytes } = this.machine;
    const end = bytes.words32[HIGH_WATER]!;
    bytes.undo.undo();
    if (!this.allocated || this.image === null) return;
    const { image } = this;
    bytes.bytes8.fill(0, image.bytes.length, Math.max(end, image.bytes.length));
    bytes.rights.fill(0, image.rights.length, Math.max((end + 3) >>> 2, image.rights.length));
    bytes.bytes8.set(image.bytes);
    bytes.rights.set(image.rights);
    this.allocated = false;
  }
}
