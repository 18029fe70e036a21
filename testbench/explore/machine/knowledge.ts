import { type Key, mixInto, mixTime } from '../search/key';
import type { Run } from '../search/world';
import type { Arena } from './arena';
import type { JavaScriptState } from './javaScriptState';
import type { Machine } from './machine';
import { type Party, SLEEP } from './party';
import { MAX_PARTIES, SHARED } from './sharing';
import { isHighWord, Moments } from './moments';
import { Unhashable } from './stateHash';

/**
 * All that an actor can still know where it has ended, or sleeps between two rounds of its work: the fields of its
 * objects, and the words that nobody but it has touched. How it came to them does not matter any more.
 */
export class Knowledge {
  private readonly part: Key = { low: 0, high: 0 };
  /** Moments of virtual time that the set-up has left: who holds one in a field, and the words of memory with one. */
  private fromBefore: { readonly holders: readonly boolean[]; readonly words: readonly number[] } | null = null;

  /** @param states the JavaScript state of each actor. */
  constructor(
    private readonly machine: Machine,
    private readonly arena: Arena,
    private readonly states: readonly JavaScriptState[],
  ) {}

  /** True if an actor can know a moment of virtual time from before the run. */
  remembers(actor: number): boolean {
    const mine = (1 << actor) | ((1 << actor) << MAX_PARTIES);
    const { touched } = this.machine.sharing;
    this.fromBefore ??= {
      holders: this.states.map((state) => state.holdsMoment()),
      words: this.arena.keptWords(isHighWord),
    };
    const { holders, words } = this.fromBefore;
    return holders[actor]! || words.some((word) => (touched[word]! & mine) !== 0);
  }

  /** Mixes it into a key (`Run.knowledgeInto`). */
  mixInto(key: Key, party: Party, nowNs: number): ReturnType<Run['knowledgeInto']> {
    if (this.arena.allocated || party.error !== null || this.machine.violations.list.length > 0) return 'unknown';
    mixInto(key, party.ended ? 1 : 2);
    mixInto(key, party.acting);
    const moments = new Moments(nowNs);
    const sleeps = !party.ended && party.kind === SLEEP;
    if (sleeps) mixTime(key, party.wakeNs - nowNs);
    this.mixWords(key, party.index, moments);
    try {
      this.states[party.index]!.mixInto(key, moments);
    } catch (error) {
      if (error instanceof Unhashable) return 'unknown';
      throw error;
    }
    return sleeps || moments.met ? 'timed' : 'timeless';
  }

  /** Mixes the actor's own words, as far as they have changed since the run began. */
  private mixWords(key: Key, actor: number, moments: Moments): void {
    const { bytes, sharing } = this.machine;
    const own = (1 << actor) << MAX_PARTIES;
    let low = 0;
    let high = 0;
    const { part, arena } = this;
    bytes.undo.eachWord((word) => {
      const seen = sharing.touched[word]!;
      if ((seen & SHARED) !== 0 || (seen & own) === 0 || !arena.hasChanged(word)) return;
      part.low = moments.wordOf(bytes.words32, word);
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
