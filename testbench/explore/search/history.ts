import { type Knowledge, Outcomes } from './outcomes';
import { type Key, mixInto, mixTime } from './key';
import type { Choice, Effect, Run } from './world';
import { WordTable } from './wordTable';

/** A store that has not drained: its range and what it stores. */
export interface Pending {
  readonly address: number;
  readonly length: number;
  /** True if the access waits for all older stores. */
  readonly release: boolean;
  readonly writes: Effect['writes'];
  /** Hash of the stored bytes. */
  readonly low: number;
  readonly high: number;
}

const KINDS = ['step', 'drain', 'hold', 'time'] as const;
const ACCESSES = ['none', 'load', 'store', 'acquireLoad', 'releaseStore', 'rmw', 'fence', 'copy'] as const;
const CODES = new Map<string, number>([...KINDS, ...ACCESSES].map((name, code) => [name, code + 1]));

function knowledgeOf(run: Run, actor: number): Knowledge | null {
  const key: Key = { low: 1, high: actor };
  const found = run.settled ? run.knowledgeInto(key) : 'unknown';
  return found === 'unknown' ? null : { key, timed: found === 'timed' };
}

/**
 * The state that a run is in, as a key. An actor is where its accesses have led it: what it did follows from the values
 * that it has read, and from the times at which it looked at the clock. Beside that a state is what memory and the
 * store buffers hold, and the time. Two runs of a world with the same key are in the same state, however their steps
 * were ordered, and whoever wrote a value.
 */
export class History {
  private readonly known: Key[];
  private readonly pending: Pending[][];
  private readonly memory = new WordTable();
  private readonly outcomes = new Outcomes();
  /** Sum of the parts of the state: of each actor, and of each word that has been written. */
  private readonly sum: Key = { low: 0, high: 0 };
  private readonly event: Key = { low: 0, high: 0 };
  private readonly content: Key = { low: 0, high: 0 };
  private readonly part: Key = { low: 0, high: 0 };
  private readonly term: Key = { low: 0, high: 0 };
  /** Virtual time now. */
  private nowNs = 0;
  /** Time right after the last choice: what passes before the next one follows from the state. */
  private timeNs = 0;
  /**
   * For each actor, the moment from which what it knows counts its times; NaN where it knows of none. Times of the
   * state count from the present, so a state is the same whenever a run comes to it.
   */
  private readonly since: number[];
  /** Actors that know moments from before the run. */
  private readonly remembering: boolean[] = [];
  /** An actor has turned out to know such moments: states that were taken for one before may differ. */
  remembersMore = false;
  /** `Run.idlePasses` right after the last choice. */
  idlePasses = 0;
  /** Bits of the actors that were interrupted and have not gone on since, which bears on how often time may pass. */
  private out = 0;

  constructor(actors: number) {
    this.known = Array.from({ length: actors }, () => ({ low: 0, high: 0 }));
    this.pending = Array.from({ length: actors }, () => []);
    this.since = Array.from({ length: actors }, () => NaN);
  }

  begin(run: Run): void {
    this.sum.low = this.sum.high = this.out = 0;
    this.memory.clear();
    this.timeNs = run.timeNs;
    this.idlePasses = run.idlePasses;
    this.known.forEach((key, actor) => {
      key.low = key.high = actor + 1;
      this.addPart(actor, key.low, key.high, 1);
    });
    for (const list of this.pending) list.length = 0;
    for (let actor = 0; actor < this.since.length; actor++) {
      const remembers = run.remembers(actor);
      if (remembers !== this.remembering[actor]) this.remembersMore = true;
      this.remembering[actor] = remembers;
      this.since[actor] = remembers ? run.timeNs : NaN;
    }
  }

  /** Stores of an actor that have not drained, oldest first. */
  pendingOf(actor: number): readonly Pending[] {
    return this.pending[actor]!;
  }

  /** Takes a choice, and lets the run take it. */
  take(run: Run, choices: readonly Choice[], index: number): void {
    const { kind, actor } = choices[index]!;
    this.nowNs = run.timeNs;
    this.out = this.outAfter(run, choices[index]!);
    if (kind !== 'time') this.apply(choices[index]!, run.foresee(index));
    run.take(index);
    if (kind === 'step') this.stepped(run, actor);
    this.timeNs = run.timeNs;
    this.idlePasses = run.idlePasses;
  }

  /** The key of the present state, but for `Run.idlePasses`. */
  keyInto(into: Key): void {
    this.stateInto(into, this.timeNs, this.out);
  }

  /**
   * The key of the state after a choice through which no time passes. The state stays as it is.
   * @returns false where it cannot be known beforehand: nobody has done this yet, so nobody has been in that state.
   */
  keyAfterInto(run: Run, choices: readonly Choice[], index: number, into: Key): boolean {
    const choice = choices[index]!;
    this.nowNs = run.timeNs;
    const { low, high } = this.sum;
    const actor = Math.max(choice.actor, 0);
    const known = this.known[actor]!;
    const { low: knownLow, high: knownHigh } = known;
    const since = this.since[actor]!;
    const pending = this.pending[actor]!;
    const former = choice.kind === 'drain' ? pending.slice() : null;
    const count = pending.length;
    const effect = run.foresee(index);
    this.memory.beginTrial();
    this.apply(choice, effect);
    const isKnown = choice.kind !== 'step' || this.follow(actor);
    this.stateInto(into, this.nowNs, this.outAfter(run, choice));
    this.memory.endTrial();
    if (former !== null) this.pending[actor] = former;
    else pending.length = count;
    known.low = knownLow;
    known.high = knownHigh;
    this.since[actor] = since;
    this.sum.low = low;
    this.sum.high = high;
    return isKnown;
  }

  private stateInto(into: Key, timeNs: number, out: number): void {
    into.low = this.sum.low;
    into.high = this.sum.high;
    for (const since of this.since) if (!Number.isNaN(since)) mixTime(into, timeNs - since);
    mixInto(into, out);
    for (const list of this.pending) this.mixPending(into, list);
  }

  private outAfter({ current, canGoOn }: Run, { kind, actor }: Choice): number {
    if (kind !== 'step') return this.out;
    const interrupted = actor !== current && canGoOn ? 1 << current : 0;
    return (this.out | interrupted) & ~(1 << actor);
  }

  private mixPending(into: Key, list: readonly Pending[]): void {
    mixInto(into, list.length);
    for (const { address, length, release, low, high } of list) {
      mixInto(into, release ? -address : address);
      mixInto(into, length);
      mixInto(into, low);
      mixInto(into, high);
    }
  }

  private apply(choice: Choice, effect: Effect): void {
    if (choice.kind === 'drain') return this.drain(choice);
    const { actor } = choice;
    this.makeEvent(choice, effect);
    this.set(actor, this.event);
    if (effect.writes === 'nothing') return;
    this.makeContent(effect);
    if (choice.buffered) this.addPending(actor, choice, effect);
    else this.write(choice.address, choice.length, effect.writes);
  }

  /** Notes what an actor has come to by its step, beside the effect of the access. */
  private stepped(run: Run, actor: number): void {
    const known = this.known[actor]!;
    const looks = run.lookedAtClock;
    this.outcomes.noteLook(known, looks);
    if (looks) this.look(actor);
    if (this.outcomes.settled(known) === undefined) {
      this.outcomes.noteSettled(known, knowledgeOf(run, actor));
    }
    this.settle(actor);
  }

  /** Applies the effect of `stepped` before the step. Returns false if no run has been there yet. */
  private follow(actor: number): boolean {
    const known = this.known[actor]!;
    const looks = this.outcomes.looks(known);
    if (looks === true) this.look(actor);
    if (looks === undefined || this.outcomes.settled(known) === undefined) return false;
    this.settle(actor);
    return true;
  }

  /** Replaces an actor's past by the knowledge that it still has, if that can be told. */
  private settle(actor: number): void {
    const settled = this.outcomes.settled(this.known[actor]!);
    if (!settled) return;
    this.set(actor, settled.key);
    this.since[actor] = settled.timed ? this.nowNs : NaN;
  }

  /** Notes that an actor looks at the clock. */
  private look(actor: number): void {
    const { low, high } = this.known[actor]!;
    const key = { low, high };
    const since = this.since[actor]!;
    mixTime(key, Number.isNaN(since) ? -1 : this.nowNs - since);
    this.since[actor] = this.nowNs;
    this.set(actor, key);
  }

  private set(actor: number, { low, high }: Key): void {
    const known = this.known[actor]!;
    this.addPart(actor, known.low, known.high, -1);
    known.low = low;
    known.high = high;
    this.addPart(actor, low, high, 1);
  }

  private makeEvent({ kind, actor, access, address, length, buffered, source }: Choice, effect: Effect): void {
    const { event } = this;
    event.low = this.known[actor]!.low;
    event.high = this.known[actor]!.high;
    mixInto(event, CODES.get(kind)! * 64 + CODES.get(access)! + (effect.faulty ? 4_096 : 0));
    mixInto(event, address);
    mixInto(event, length);
    mixInto(event, effect.read);
    if (access === 'copy') this.read(source, length);
    else if (length > 4 && effect.writes === 'nothing' && !buffered) this.read(address, length);
  }

  /** Mixes the contents of a range of memory into the event. */
  private read(address: number, length: number): void {
    for (let word = address >>> 2, last = (address + length - 1) >>> 2; length > 0 && word <= last; word++) {
      const slot = this.memory.slotOf(word);
      mixInto(this.event, this.memory.low[slot]!);
      mixInto(this.event, this.memory.high[slot]!);
    }
  }

  /** Computes the content of a store: a value, or bytes that follow from everything that its actor knows. */
  private makeContent({ writes, written }: Effect): void {
    const { content, event } = this;
    content.low = writes === 'bytes' ? event.low : written | 0;
    content.high = writes === 'bytes' ? event.high : 1;
  }

  /** Writes the present content to a range. */
  private write(address: number, length: number, writes: Effect['writes']): void {
    const end = address + length;
    const { part, content, memory } = this;
    for (let word = address >>> 2; length > 0 && word <= (end - 1) >>> 2; word++) {
      const slot = memory.slotOf(word);
      part.low = content.low;
      part.high = content.high;
      // If some of a word's former bytes stay, its content follows from them too.
      if (writes === 'rights' || word * 4 < address || word * 4 + 4 > end) {
        mixInto(part, memory.low[slot]!);
        mixInto(part, memory.high[slot]!);
        mixInto(part, writes === 'rights' ? -1 : address);
        mixInto(part, length);
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

  private addPending(actor: number, { address, length, access }: Choice, { writes }: Effect): void {
    const { low, high } = this.content;
    this.pending[actor]!.push({ address, length, release: access === 'releaseStore', writes, low, high });
  }

  private drain({ actor, address }: Choice): void {
    const list = this.pending[actor]!;
    const at = list.findIndex((one) => one.address === address);
    const found = list[at];
    if (found === undefined) throw new RangeError(`a store to ${address} drains that was never made`);
    list.splice(at, 1);
    this.content.low = found.low;
    this.content.high = found.high;
    this.write(found.address, found.length, found.writes);
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
