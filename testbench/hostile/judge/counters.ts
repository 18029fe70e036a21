import type { Struct } from '../../../shared/abi/struct';
import { words32 } from '../../../shared/mem/memory';

/** The low halves of a block of 64-bit counters, which no case carries over. */
export class Counters {
  readonly names: readonly string[];
  readonly values: Uint32Array;
  private readonly words: Uint32Array;

  constructor(block: Struct, address: number) {
    this.names = block.fields.map(({ name }) => name);
    this.words = Uint32Array.from(block.fields, ({ offset }) => (address + offset) >>> 2);
    this.values = new Uint32Array(this.words.length);
  }

  read(): void {
    for (let i = 0; i < this.words.length; i++) this.values[i] = words32[this.words[i]!]!;
  }

  /** Sum of the counters whose names fit, as last read. */
  sum(names: RegExp): () => number {
    const fitting = this.names.flatMap((name, i) => (names.test(name) ? [i] : []));
    return () => fitting.reduce((sum, i) => sum + this.values[i]!, 0);
  }
}
