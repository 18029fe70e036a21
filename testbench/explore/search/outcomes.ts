import { type Key, numberOf } from './key';

/** All that an actor still knows. */
export interface Knowledge {
  readonly key: Key;
  /** It knows of moments of time, which the key counts from the one at which it was made. */
  readonly timed: boolean;
}

/**
 * Outcomes of steps, apart from the effects of their accesses. They follow from the actor's history alone, so they are
 * known once one run has come there.
 */
export class Outcomes {
  private readonly clock = new Map<number, boolean>();
  private readonly knowledge = new Map<number, Knowledge | null>();

  /** Notes whether an actor that has done this looks at the clock before its next access. */
  noteLook(known: Key, looks: boolean): void {
    this.clock.set(numberOf(known), looks);
  }

  /** Undefined where nobody has done this yet. */
  looks(known: Key): boolean | undefined {
    return this.clock.get(numberOf(known));
  }

  /** Notes all that an actor still knows after it has done this; null where that is how it came there. */
  noteSettled(known: Key, knowledge: Knowledge | null): void {
    this.knowledge.set(numberOf(known), knowledge);
  }

  /** Undefined where nobody has done this yet. */
  settled(known: Key): Knowledge | null | undefined {
    return this.knowledge.get(numberOf(known));
  }
}
