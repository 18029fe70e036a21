import { words32 } from '../../../shared/mem/memory';
import type { WAIT_TIME } from './controlBlock';
import {
  ACTOR_ENDED,
  ACTOR_READY,
  ACTOR_WAITING,
  ACTORS,
  ControlBlock,
  PHASE,
  PHASE_RUNNING,
  STATE,
  WAIT_ARENA,
  WAIT_AT,
  WAIT_MESSAGE,
  WAIT_KIND,
  WAIT_VALUE,
} from './controlBlock';

/** Condition that ends an actor's wait. */
export interface Wait {
  /** Virtual time at which the wait ends; Infinity where time does not end it. */
  readonly untilNs: number;
  readonly kind: typeof WAIT_TIME | typeof WAIT_ARENA | typeof WAIT_MESSAGE;
  /** Arena address of the word, for WAIT_ARENA. */
  readonly address?: number;
  /** Value that the word has while the actor waits, or the tag of the message that it waits for. */
  readonly value?: number;
  /** Describes the awaited event in a deadlock's message. */
  readonly what?: () => string;
}

/** Keeps which actors can run and what the others wait for. */
export class RunQueue {
  private readonly words: Int32Array;

  constructor(private readonly control: ControlBlock) {
    this.words = control.words;
  }

  /** A bit for each actor that can run now. */
  runnable(): number {
    const count = this.words[ACTORS]!;
    let mask = 0;
    for (let actor = 0; actor < count; actor++) if (this.canRun(actor)) mask |= 1 << actor;
    return mask;
  }

  private canRun(actor: number): boolean {
    const { words } = this;
    const base = ControlBlock.at(actor, 0);
    const state = words[base + STATE];
    if (state !== ACTOR_WAITING) return state === ACTOR_READY;
    if (words[PHASE] !== PHASE_RUNNING || this.control.untilNs(actor) <= this.control.timeNs) return true;
    const value = words[base + WAIT_VALUE]!;
    if (words[base + WAIT_KIND] === WAIT_ARENA) return (words32[words[base + WAIT_AT]! >>> 2]! | 0) !== value;
    return words[base + WAIT_KIND] === WAIT_MESSAGE && this.control.hasPosted(value);
  }

  /** The first runnable actor after `actor`, in cyclic order. */
  nextInOrder(actor: number, runnable: number): number {
    const above = runnable & (-1 << (actor + 1));
    const mask = above !== 0 ? above : runnable;
    return 31 - Math.clz32(mask & -mask);
  }

  /** When the shortest wait ends; Infinity where none ends by time. */
  soonestNs(): number {
    const count = this.words[ACTORS]!;
    let soonest = Infinity;
    for (let actor = 0; actor < count; actor++)
      if (this.words[ControlBlock.at(actor, STATE)] === ACTOR_WAITING)
        soonest = Math.min(soonest, this.control.untilNs(actor));
    return soonest;
  }

  startWait(actor: number, { untilNs, kind, address = 0, value = 0 }: Wait): void {
    const base = ControlBlock.at(actor, 0);
    this.words[base + WAIT_KIND] = kind;
    this.words[base + WAIT_AT] = address;
    this.words[base + WAIT_VALUE] = value | 0;
    this.words[base + STATE] = ACTOR_WAITING;
    this.control.setUntilNs(actor, untilNs);
  }

  /** The first actor that has not ended, -1 where all have. */
  firstLeft(): number {
    const count = this.words[ACTORS]!;
    for (let actor = 0; actor < count; actor++)
      if (this.words[ControlBlock.at(actor, STATE)] !== ACTOR_ENDED) return actor;
    return -1;
  }
}
