import type { Choice, Run } from './world';
import { WordTable } from './wordTable';

/** A hash of 64 bits in two halves. */
export interface Key {
  low: number;
  high: number;
}

/** Mixes a number into a key. */
export function mixInto(key: Key, value: number): void {
  let low = Math.imul(key.low ^ value, 0x9e37_79b1);
  low ^= low >>> 15;
  let high = Math.imul(key.high ^ low ^ Math.imul(value, 0x27d4_eb2f), 0x85eb_ca6b);
  high ^= high >>> 13;
  key.low = (Math.imul(low, 0xc2b2_ae35) + high) | 0;
  key.high = high;
}

/** A store that has not drained: its range and its event. */
export interface Pending {
  readonly address: number;
  readonly length: number;
  /** It waits for all older stores. */
  readonly release: boolean;
  readonly low: number;
  readonly high: number;
}

const KINDS = ['step', 'drain', 'hold', 'time'] as const;
const ACCESSES = ['none', 'load', 'store', 'acquireLoad', 'releaseStore', 'rmw', 'fence', 'copy'] as const;
const CODES = new Map<string, number>([...KINDS, ...ACCESSES].map((name, code) => [name, code + 1]));

const NS_PER_WORD = 0x1_0000_0000;

/**
 * The state that a run is in, as a key. It follows from the choices taken so far: what an actor knows are the stores
 * that its loads have read and the times at which it did so, and what memory holds are the newest stores to it. Two
 * runs of a world with the same key are in the same state, however their steps were ordered.
 */
export class History {
  private readonly known: Key[];
  private readonly pending: Pending[][];
  private readonly memory = new WordTable();
  /** Sum of all parts of the state but the time. */
  private readonly sum: Key = { low: 0, high: 0 };
  private readonly event: Key = { low: 0, high: 0 };
  private readonly part: Key = { low: 0, high: 0 };
  private readonly term: Key = { low: 0, high: 0 };
  private timeNs = 0;

  constructor(actors: number) {
    this.known = Array.from({ length: actors }, () => ({ low: 0, high: 0 }));
    this.pending = Array.from({ length: actors }, () => []);
  }

  begin(): void {
    this.sum.low = this.sum.high = 0;
    this.timeNs = 0;
    this.memory.clear();
    this.known.forEach((key, actor) => {
      key.low = key.high = actor + 1;
      this.addPart(actor, key.low, key.high, 1);
    });
    for (const list of this.pending) list.length = 0;
  }

  /** Stores of an actor that have not drained, oldest first. */
  pendingOf(actor: number): readonly Pending[] {
    return this.pending[actor]!;
  }

  /** To be called before the run takes the choice. */
  take(choice: Choice): void {
    if (choice.kind === 'time') return;
    if (choice.kind === 'drain') return this.drain(choice);
    const { actor } = choice;
    const known = this.known[actor]!;
    this.makeEvent(choice);
    this.addPart(actor, known.low, known.high, -1);
    known.low = this.event.low;
    known.high = this.event.high;
    this.addPart(actor, known.low, known.high, 1);
    if (!choice.write) return;
    if (choice.buffered) this.addPending(actor, choice);
    else this.write(choice.address, choice.length, this.event);
  }

  /** To be called after the run has taken a choice. */
  taken(run: Run): void {
    this.timeNs = run.timeNs;
  }

  /** The key of the present state. */
  keyInto(into: Key): void {
    into.low = this.sum.low;
    into.high = this.sum.high;
    mixInto(into, (this.timeNs % NS_PER_WORD) | 0);
    mixInto(into, Math.floor(this.timeNs / NS_PER_WORD));
  }

  /** The key of the state after a choice, if no time passes with it. The state stays as it is. */
  keyAfterInto(choice: Choice, into: Key): void {
    const { low, high } = this.sum;
    const actor = Math.max(choice.actor, 0);
    const known = this.known[actor]!;
    const { low: knownLow, high: knownHigh } = known;
    const pending = this.pending[actor]!;
    const former = choice.kind === 'drain' ? pending.slice() : null;
    const count = pending.length;
    this.memory.beginTrial();
    this.take(choice);
    this.keyInto(into);
    this.memory.endTrial();
    if (former !== null) this.pending[actor] = former;
    else pending.length = count;
    known.low = knownLow;
    known.high = knownHigh;
    this.sum.low = low;
    this.sum.high = high;
  }

  private makeEvent(choice: Choice): void {
    const { event } = this;
    const { actor, access, address, length, buffered, source } = choice;
    event.low = this.known[actor]!.low;
    event.high = this.known[actor]!.high;
    mixInto(event, CODES.get(choice.kind)! * 64 + CODES.get(access)!);
    mixInto(event, address);
    mixInto(event, length);
    mixInto(event, (this.timeNs % NS_PER_WORD) | 0);
    if (access === 'copy') this.read(source, length);
    else if (access === 'rmw' || !choice.write) {
      if (buffered) this.readPending(actor, address, length);
      else this.read(address, length);
    }
  }

  /** Mixes the newest stores to a range into the event. */
  private read(address: number, length: number): void {
    for (let word = address >>> 2, last = (address + length - 1) >>> 2; length > 0 && word <= last; word++) {
      const slot = this.memory.slotOf(word);
      mixInto(this.event, this.memory.low[slot]!);
      mixInto(this.event, this.memory.high[slot]!);
    }
  }

  /** Mixes the store that answers a load into the event, as if it had been read from memory. */
  private readPending(actor: number, address: number, length: number): void {
    const found = this.pending[actor]!.findLast(
      (one) => address < one.address + one.length && one.address < address + length,
    );
    for (let word = address >>> 2, last = (address + length - 1) >>> 2; word <= last; word++) {
      mixInto(this.event, found?.low ?? 0);
      mixInto(this.event, found?.high ?? 0);
    }
  }

  private write(address: number, length: number, event: Key): void {
    const end = address + length;
    for (let word = address >>> 2; length > 0 && word <= (end - 1) >>> 2; word++) {
      const slot = this.memory.slotOf(word);
      const { part } = this;
      part.low = event.low;
      part.high = event.high;
      // The other bytes of the word stay, so what it holds follows from both stores.
      if (word * 4 < address || word * 4 + 4 > end) {
        mixInto(part, this.memory.low[slot]!);
        mixInto(part, this.memory.high[slot]!);
        mixInto(part, address);
      }
      this.setWord(word, slot, part.low, part.high);
    }
  }

  private setWord(word: number, slot: number, low: number, high: number): void {
    const { memory } = this;
    const tag = word + this.known.length;
    if (memory.low[slot] !== 0 || memory.high[slot] !== 0) this.addPart(tag, memory.low[slot]!, memory.high[slot]!, -1);
    memory.set(slot, low, high);
    this.addPart(tag, low, high, 1);
  }

  private addPending(actor: number, { address, length, access }: Choice): void {
    const { low, high } = this.event;
    this.pending[actor]!.push({ address, length, release: access === 'releaseStore', low, high });
    this.addPart(-1 - actor, low, high, 1);
  }

  private drain({ actor, address }: Choice): void {
    const list = this.pending[actor]!;
    const at = list.findIndex((one) => one.address === address);
    const found = list[at];
    if (found === undefined) throw new RangeError(`a store to ${address} drains that was never made`);
    list.splice(at, 1);
    this.addPart(-1 - actor, found.low, found.high, -1);
    this.event.low = found.low;
    this.event.high = found.high;
    this.write(found.address, found.length, this.event);
  }

  /** Adds a part of the state to the sum, or takes it away. */
  private addPart(tag: number, low: number, high: number, sign: 1 | -1): void {
    const { term, sum } = this;
    term.low = low;
    term.high = high;
    mixInto(term, tag);
    mixInto(term, 0x5bd1_e995);
    sum.low = (sum.low + sign * term.low) | 0;
    sum.high = (sum.high + sign * term.high) | 0;
  }
}
