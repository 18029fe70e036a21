import { type Key, mixInto, mixTime } from '../search/key';
import type { Arena } from './arena';
import type { JavaScriptState } from './javaScriptState';
import type { Machine } from './machine';
import { type Party, SLEEP } from './party';
import { MAX_PARTIES, SHARED } from './sharing';
import { Unhashable } from './stateHash';

/**
 * All that an actor can still know where it has ended, or sleeps between two rounds of its work: the fields of its
 * objects, and the words that nobody but it has touched. How it came to them does not matter any more.
 */
export class Knowledge {
  private readonly part: Key = { low: 0, high: 0 };

  /** @param states the JavaScript state of each actor. */
  constructor(
    private readonly machine: Machine,
    private readonly arena: Arena,
    private readonly states: readonly JavaScriptState[],
  ) {}

  /** Mixes it into a key. Returns false where it cannot be told, and so the actor's history has to do. */
  mixInto(key: Key, party: Party): boolean {
    if (this.arena.allocated || party.error !== null || this.machine.violations.list.length > 0) return false;
    mixInto(key, party.ended ? 1 : 2);
    mixInto(key, party.acting);
    if (!party.ended && party.kind === SLEEP) mixTime(key, party.wakeNs);
    this.mixWords(key, party.index);
    try {
      this.states[party.index]!.mixInto(key);
      return true;
    } catch (error) {
      if (error instanceof Unhashable) return false;
      throw error;
    }
  }

  /** Mixes the actor's own words, as far as they have changed since the run began. */
  private mixWords(key: Key, actor: number): void {
    const { bytes, sharing } = this.machine;
    const own = (1 << actor) << MAX_PARTIES;
    let low = 0;
    let high = 0;
    const { part, arena } = this;
    bytes.undo.eachWord((word) => {
      const seen = sharing.touched[word]!;
      if ((seen & SHARED) !== 0 || (seen & own) === 0 || !arena.hasChanged(word)) return;
      part.low = bytes.words32[word]!;
      part.high = word;
      mixInto(part, bytes.rights[word]!);
      mixInto(part, word);
      low = (low + part.low) | 0;
      high = (high + part.high) | 0;
    });
    mixInto(key, low);
    mixInto(key, high);
  }
}
