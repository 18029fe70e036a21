import { type Key, mixInto } from './key';

const FIRST_SLOTS = 1 << 12;
const MAX_SLOTS = 1 << 25;
/** Stands for every bound from here on. */
const UNBOUNDED = 0xf0;

/** Stands for every current actor that cannot go on. */
const RESTING = -2;
/** Stands for every current actor, one preemption less to spend. */
const ANY = -3;

/** Properties of the way to a state that bear on its possible continuations. */
export interface Visit {
  /** The current actor. */
  readonly current: number;
  /** Preemptions that may still be spent. */
  readonly left: number;
  /** `Run.idlePasses`. The fewer, the more often may time pass. */
  readonly idlePasses: number;
}

/** Share of a state's continuations that the search has seen. */
export type Covered = 'all' | 'all but holds' | 'after a step' | 'nothing';

/**
 * The states from which a search has gone on, each with the preemptions that it could still spend there. A bounded
 * search may leave a state that it has come to before only if nothing new can follow within the bound. That is so if
 * the former visit
 *
 * - had the same current actor, or none that could go on (so that every switch was free), and as much to spend, or
 * - had one preemption more to spend, which pays for the switch to whoever goes on now.
 *
 * Only the current actor can be held, and time passes actors that could go on only where the current one cannot. So
 * unless the former visit had the same current actor, it may have seen what follows a step, and not what follows a
 * hold or the time.
 */
export class Visited {
  private low = new Int32Array(FIRST_SLOTS);
  private high = new Int32Array(FIRST_SLOTS);
  /** Preemptions that could be spent, plus one; 0 for an empty slot. */
  private spend = new Uint8Array(FIRST_SLOTS);
  /** Numbers of `Following` for the accesses that follow each state. */
  private following = new Int32Array(FIRST_SLOTS);
  private used = 0;
  private at = 0;
  private readonly probe: Key = { low: 0, high: 0 };

  /** Number of states kept. Beyond a limit no more are added, and the search saves less. */
  get size(): number {
    return this.used;
  }

  clear(): void {
    this.spend.fill(0);
    this.used = 0;
  }

  /** Says how many of a state's continuations have been seen before. */
  covers(key: Key, visit: Visit): Covered {
    if (this.find(key, visit.current, visit)) return 'all';
    if (this.find(key, RESTING, visit)) return 'all but holds';
    return this.find(key, ANY, visit) ? 'after a step' : 'nothing';
  }

  /** Number of `Following` for the state that `covers` found last. */
  get followers(): number {
    return this.following[this.at]!;
  }

  /** @param followers number of `Following` for what follows the state. */
  add(key: Key, visit: Visit, canGoOn: boolean, followers: number): void {
    const { current, left, idlePasses } = visit;
    this.put(key, current, left, idlePasses, followers);
    if (!canGoOn) this.put(key, RESTING, left, idlePasses, followers);
    else if (left > 0) this.put(key, ANY, left - 1, idlePasses, followers);
  }

  /** Position of a state for a current actor, `RESTING` or `ANY`; an empty slot where it is not there. */
  private slot({ low, high }: Key, current: number, idlePasses: number): number {
    const { probe } = this;
    probe.low = low;
    probe.high = high;
    mixInto(probe, current);
    mixInto(probe, idlePasses);
    const mask = this.low.length - 1;
    let at = probe.low & mask;
    while (this.spend[at] !== 0 && (this.low[at] !== probe.low || this.high[at] !== probe.high)) at = (at + 1) & mask;
    return at;
  }

  /** True for a former visit with as much to spend, since whose last change time had passed no more often. */
  private find(key: Key, current: number, { left, idlePasses }: Visit): boolean {
    const needed = Math.min(left, UNBOUNDED);
    for (let passes = idlePasses; passes >= 0; passes--) {
      this.at = this.slot(key, current, passes);
      if (this.spend[this.at]! > needed) return true;
    }
    return false;
  }

  private put(key: Key, current: number, left: number, idlePasses: number, followers: number): void {
    const at = this.slot(key, current, idlePasses);
    const value = Math.min(left, UNBOUNDED + 1) + 1;
    if (this.spend[at] === 0) {
      if (this.used * 2 >= MAX_SLOTS) return;
      this.used++;
      this.low[at] = this.probe.low;
      this.high[at] = this.probe.high;
    }
    // A visit with more to spend has its own followers.
    if (this.spend[at]! <= value) {
      this.spend[at] = value;
      this.following[at] = followers;
    }
    if (this.used * 2 > this.low.length) this.grow();
  }

  private grow(): void {
    const { low, high, spend, following } = this;
    const slots = low.length * 2;
    this.low = new Int32Array(slots);
    this.high = new Int32Array(slots);
    this.spend = new Uint8Array(slots);
    this.following = new Int32Array(slots);
    for (let old = 0; old < spend.length; old++) {
      if (spend[old] === 0) continue;
      let at = low[old]! & (slots - 1);
      while (this.spend[at] !== 0) at = (at + 1) & (slots - 1);
      this.low[at] = low[old]!;
      this.high[at] = high[old]!;
      this.spend[at] = spend[old]!;
      this.following[at] = following[old]!;
    }
  }
}
