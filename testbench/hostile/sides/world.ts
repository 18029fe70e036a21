import type { HostileCase } from '../cases/hostileCase';
import type { Counters } from '../judge/counters';

/** One side under attack, in a world that begins anew with each case. */
export interface HostileWorld {
  /** Counters of the attacked side. */
  readonly counters: Counters;
  /**
   * Runs a case.
   * @throws Broken for a broken promise; anything else that the attacked side throws breaks one too.
   */
  run(one: HostileCase): void;
}

/** The world that a case begins in. */
export function worldOf(worlds: readonly HostileWorld[], { world }: HostileCase): HostileWorld {
  return worlds[world % worlds.length]!;
}
