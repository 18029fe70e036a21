import type { Clock } from '../../../shared/clock';
import { words32 } from '../../../shared/mem/memory';
import type { ControlBlock } from './controlBlock';
import { ORDER, PHASE, PHASE_RUNNING, tagOf, WAIT_ARENA, WAIT_MESSAGE, WAIT_TIME } from './controlBlock';
import type { Dispatcher } from './dispatcher';
import { type Place, PLACES } from './namedRanges';
import type { TimelineEntry } from './report';

const NS_PER_MS = 1_000_000;
const MAX_ENTRIES = 20_000;

/** The time that all actors of a run share. It passes only when none of them can run. */
export class SteppedClock implements Clock {
  constructor(
    private readonly control: ControlBlock,
    private readonly dispatcher: Dispatcher,
  ) {}

  nowNs(): bigint {
    return BigInt(this.control.timeNs);
  }

  nowMs(): number {
    return this.control.timeNs / NS_PER_MS;
  }

  /** Lets the others run; with 0 too. Returns early where the run is over. */
  sleepMs(durationMs: number): void {
    const untilNs = this.control.timeNs + Math.max(0, Math.round(durationMs * NS_PER_MS));
    this.dispatcher.wait({ untilNs, kind: WAIT_TIME });
  }
}

/** What an actor of a stepped run has besides the arena. */
export class ActorContext {
  readonly clock: Clock;
  readonly entries: TimelineEntry[] = [];

  constructor(
    /** The actor's name. */
    readonly name: string,
    private readonly control: ControlBlock,
    private readonly dispatcher: Dispatcher,
  ) {
    this.clock = new SteppedClock(control, dispatcher);
  }

  /** True once all actors but the services have ended. A service then comes to its end. */
  get over(): boolean {
    return this.control.words[PHASE] !== PHASE_RUNNING;
  }

  /** Puts plain data under a name on the board, where every actor finds it. */
  post(name: string, value: unknown = true): void {
    this.control.post(name, value);
  }

  /** True where a name is on the board. */
  posted(name: string): boolean {
    return this.control.hasPosted(tagOf(name));
  }

  /** What stands under a name on the board; waits until it is there, or the run is over: undefined. */
  find<T>(name: string): T {
    const value = tagOf(name);
    if (!this.posted(name))
      this.dispatcher.wait({ untilNs: Infinity, kind: WAIT_MESSAGE, value, what: () => `'${name}' on the board` });
    return this.control.find(name) as T;
  }

  /** Waits while a word of the arena has a value, for a time or for ever. False where it still has it. */
  waitWhile(address: number, value: number, timeoutMs = Infinity): boolean {
    const changed = (): boolean => words32[address >>> 2]! >>> 0 !== value >>> 0;
    const untilNs = this.control.timeNs + timeoutMs * NS_PER_MS;
    const what = (): string => `another value than ${value} at ${this.dispatcher.describe(address)}`;
    if (!changed()) this.dispatcher.wait({ untilNs, kind: WAIT_ARENA, address, value, what });
    return changed();
  }

  /** Lets the scheduler choose, without waiting. */
  yield(): void {
    this.dispatcher.wait({ untilNs: this.control.timeNs, kind: WAIT_TIME });
  }

  /** Names a range of the arena, for the rules that say where the scheduler is asked. */
  mark(name: string, address: number, bytes: number): void {
    this.control.addMark(tagOf(name), address, bytes);
  }

  /** Gives ranges of the arena names for people, in place of those given before. */
  nameRanges(places: readonly Place[]): void {
    this.post(PLACES, places);
  }

  /** Notes something down for the timeline. */
  note(what: string): void {
    if (this.entries.length === MAX_ENTRIES) return;
    this.entries.push({ order: this.nextOrder(), timeMs: this.clock.nowMs(), actor: this.name, what });
  }

  /** A place among all that is noted down. */
  nextOrder(): number {
    const { words } = this.control;
    words[ORDER] = words[ORDER]! + 1;
    return words[ORDER];
  }
}
