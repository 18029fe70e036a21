import { type Key, mixInto } from './history';

const FIRST_SLOTS = 1 << 12;
const MAX_SLOTS = 1 << 25;
/** Stands for every bound from here on. */
const UNBOUNDED = 0xf0;

/** Stands for every current actor that cannot go on. */
const RESTING = -2;
/** Stands for every current actor, one preemption less to spend. */
const ANY = -3;

/** How much of what can follow a state has been seen. */
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
  private used = 0;
  private readonly probe: Key = { low: 0, high: 0 };

  /** Number of states kept. Beyond a limit no more are added, and the search saves less. */
  get size(): number {
    return this.used;
  }

  clear(): void {
    this.spend.fill(0);
    this.used = 0;
  }

  /** Says how much of what can follow a state has been seen before. */
  covers(key: Key, current: number, left: number): Covered {
    const needed = Math.min(left, UNBOUNDED);
    if (this.find(key, current) > needed) return 'all';
    if (this.find(key, RESTING) > needed) return 'all but holds';
    return this.find(key, ANY) > needed ? 'after a step' : 'nothing';
  }

  add(key: Key, current: number, canGoOn: boolean, left: number): void {
    this.put(key, current, left);
    if (!canGoOn) this.put(key, RESTING, left);
    else if (left > 0) this.put(key, ANY, left - 1);
  }

  /** Position of a state for a current actor, `RESTING` or `ANY`; an empty slot where it is not there. */
  private slot({ low, high }: Key, current: number): number {
    const { probe } = this;
    probe.low = low;
    probe.high = high;
    mixInto(probe, current);
    const mask = this.low.length - 1;
    let at = probe.low & mask;
    while (this.spend[at] !== 0 && (this.low[at] !== probe.low || this.high[at] !== probe.high)) at = (at + 1) & mask;
    return at;
  }

  private find(key: Key, current: number): number {
    return this.spend[this.slot(key, current)]!;
  }

  private put(key: Key, current: number, left: number): void {
    const at = this.slot(key, current);
    const value = Math.min(left, UNBOUNDED + 1) + 1;
    if (this.spend[at] === 0) {
      if (this.used * 2 >= MAX_SLOTS) return;
      this.used++;
      this.low[at] = this.probe.low;
      this.high[at] = this.probe.high;
    }
    if (this.spend[at]! < value) this.spend[at] = value;
    if (this.used * 2 > this.low.length) this.grow();
  }

  private grow(): void {
    const { low, high, spend } = this;
    const slots = low.length * 2;
    this.low = new Int32Array(slots);
    this.high = new Int32Array(slots);
    this.spend = new Uint8Array(slots);
    for (let old = 0; old < spend.length; old++) {
      if (spend[old] === 0) continue;
      let at = low[old]! & (slots - 1);
      while (this.spend[at] !== 0) at = (at + 1) & (slots - 1);
      this.low[at] = low[old]!;
      this.high[at] = high[old]!;
      this.spend[at] = spend[old]!;
    }
  }
}
