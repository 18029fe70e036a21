import type { Choice } from './world';

/** A set of accesses, by its number. */
export type AccessSet = number;

export const NO_ACCESS: AccessSet = 0;
/** Every possible access. */
export const ANY_ACCESS: AccessSet = 1;
/** Virtual time passes. */
export const TIME: AccessSet = 2;

const PAIR = 0x400_0000;

/**
 * Sets of accesses, each kept once. A word is in a set as read, as written, or both. A search has few different sets,
 * and asks for the same unions again and again.
 */
export class AccessSets {
  /** Elements in ascending order: twice the index of a word, plus one where it is written. */
  private readonly elements: (readonly number[])[] = [[], [], []];
  private readonly byText = new Map<string, AccessSet>();
  /** Sets of one element. */
  private readonly single = new Map<number, AccessSet>();
  private readonly unions = new Map<number, AccessSet>();
  private readonly conflicts = new Map<number, boolean>();
  /** Element of virtual time; no word has it. */
  private static readonly CLOCK = -1;

  constructor() {
    this.elements[TIME] = [AccessSets.CLOCK];
    this.byText.set('', NO_ACCESS);
    this.byText.set(`${AccessSets.CLOCK}`, TIME);
  }

  /**
   * The set of accesses of a choice.
   * @param withBuffered count a store that goes into a store buffer, which others see only once it drains. Otherwise it
   *   reads the right to its range.
   */
  of({ kind, address, length, write, buffered, source }: Choice, withBuffered: boolean): AccessSet {
    if (kind === 'time') return TIME;
    const hidden = buffered && write && !withBuffered;
    if (length > 0 && length <= 4 && source < 0 && (address & 3) + length <= 4) {
      const element = 2 * (address >>> 2) + (write && !hidden ? 1 : 0);
      let set = this.single.get(element);
      if (set === undefined) {
        set = this.keep([element]);
        this.single.set(element, set);
      }
      return set;
    }
    const found: number[] = [];
    const add = (from: number, writes: boolean): void => {
      for (let word = from >>> 2; length > 0 && word <= (from + length - 1) >>> 2; word++)
        found.push(2 * word + (writes ? 1 : 0));
    };
    add(address, write && !hidden);
    if (source >= 0) add(source, false);
    return this.keep(found);
  }

  union(one: AccessSet, other: AccessSet): AccessSet {
    if (one === other || other === NO_ACCESS || one === ANY_ACCESS) return one;
    if (one === NO_ACCESS || other === ANY_ACCESS) return other;
    const pair = Math.min(one, other) * PAIR + Math.max(one, other);
    let union = this.unions.get(pair);
    if (union === undefined) {
      union = this.keep([...this.elements[one]!, ...this.elements[other]!]);
      this.unions.set(pair, union);
    }
    return union;
  }

  /** True if the sets have a word in common that one of them writes. */
  conflict(one: AccessSet, other: AccessSet): boolean {
    if (one === NO_ACCESS || other === NO_ACCESS) return false;
    if (one === ANY_ACCESS || other === ANY_ACCESS) return true;
    const pair = Math.min(one, other) * PAIR + Math.max(one, other);
    let found = this.conflicts.get(pair);
    if (found === undefined) {
      const theirs = new Set(this.elements[other]);
      found = this.elements[one]!.some(
        (element) => theirs.has(element | 1) || (element & 1 && theirs.has(element & ~1)),
      );
      this.conflicts.set(pair, found);
    }
    return found;
  }

  hasTime(set: AccessSet): boolean {
    return set === ANY_ACCESS || this.elements[set]![0] === AccessSets.CLOCK;
  }

  private keep(elements: readonly number[]): AccessSet {
    const sorted = [...new Set(elements)].sort((one, other) => one - other);
    const text = sorted.join(' ');
    let set = this.byText.get(text);
    if (set === undefined) {
      set = this.elements.push(sorted) - 1;
      this.byText.set(text, set);
    }
    return set;
  }
}
