import type { Clock } from '../../../shared/clock';
import { words32 } from '../../../shared/mem/memory';
import type { ControlBlock } from './controlBlock';
import { ORDER, PHASE, PHASE_RUNNING, tagOf, WAIT_ARENA, WAIT_MESSAGE, WAIT_TIME } from './controlBlock';
import type { Dispatcher } from './dispatcher';
import { type NamedRange, RANGES } from './namedRanges';
import type { TimelineEntry } from './report';

const NS_PER_MS = 1_000_000;
const MAX_ENTRIES = 20_000;

/** The virtual time that all actors of a run share. It advances only when none of them can run. */
class SteppedClock implements Clock {
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

  /** Lets the other actors run, with 0 too. Returns early where the run is over. */
  sleepMs(durationMs: number): void {
    const untilNs = this.control.timeNs + Math.max(0, Math.round(durationMs * NS_PER_MS));
    this.dispatcher.wait({ untilNs, kind: WAIT_TIME });
  }
}

/** Context of an actor of a stepped run, besides the arena: time, messages, marks and the timeline. */
export class ActorContext {
  readonly clock: Clock;
  readonly entries: TimelineEntry[] = [];
  private readonly keeping = new Map<string, () => unknown>();

  constructor(
    /** The actor's name. */
    readonly name: string,
    private readonly control: ControlBlock,
    private readonly dispatcher: Dispatcher,
    /** The plan keeps evidence, so it is worth collecting. */
    readonly keepsEvidence: boolean,
  ) {
    this.clock = new SteppedClock(control, dispatcher);
  }

  /** True once all actors but the services have ended. A service then has to end too. */
  get over(): boolean {
    return this.control.words[PHASE] !== PHASE_RUNNING;
  }

  /** Puts a message on the board, where every actor finds it by its name. @param value plain data */
  post(name: string, value: unknown = true): void {
    this.control.post(name, value);
  }

  /** True where a message of that name is on the board. */
  posted(name: string): boolean {
    return this.control.hasPosted(tagOf(name));
  }

  /** Returns the message of a name. Waits until it is on the board; undefined where the run ends before. */
  find<T>(name: string): T {
    const value = tagOf(name);
    if (!this.posted(name))
      this.dispatcher.wait({ untilNs: Infinity, kind: WAIT_MESSAGE, value, what: () => `'${name}' on the board` });
    return this.control.find(name) as T;
  }

  /** Waits while a word of the arena has a value, at most `timeoutMs`. False where it still has it. */
  waitWhile(address: number, value: number, timeoutMs = Infinity): boolean {
    const changed = (): boolean => words32[address >>> 2]! >>> 0 !== value >>> 0;
    const untilNs = this.control.timeNs + timeoutMs * NS_PER_MS;
    const what = (): string => `another value than ${value} at ${this.dispatcher.describe(address)}`;
    if (!changed()) this.dispatcher.wait({ untilNs, kind: WAIT_ARENA, address, value, what });
    return changed();
  }

  /** Lets the scheduler choose again, without a wait. */
  yield(): void {
    this.dispatcher.wait({ untilNs: this.control.timeNs, kind: WAIT_TIME });
  }

  /** Marks a range of the arena with a name that point rules refer to. */
  mark(name: string, address: number, bytes: number): void {
    this.control.addMark(tagOf(name), address, bytes);
  }

  /** Sets the names that messages call ranges of the arena by, in place of the former ones. */
  nameRanges(ranges: readonly NamedRange[]): void {
    this.post(RANGES, ranges);
  }

  /**
   * Keeps something as evidence of the run under a name, in place of what was kept under it before.
   * @param make called at the end of this actor, also where the run ends early. It has to return plain data. Not called
   *   unless the plan keeps evidence.
   */
  keep(name: string, make: () => unknown): void {
    this.keeping.set(name, make);
  }

  /** Collects the actor's evidence, by name. */
  kept(): Record<string, unknown> {
    return Object.fromEntries([...this.keeping].map(([name, make]) => [name, make()]));
  }

  /** Adds a line to the timeline. */
  note(what: string): void {
    if (this.entries.length === MAX_ENTRIES) return;
    this.entries.push({ order: this.nextOrder(), timeMs: this.clock.nowMs(), actor: this.name, what });
  }

  /** Returns the next position in the order of all notes of the run. */
  nextOrder(): number {
    const { words } = this.control;
    words[ORDER] = words[ORDER]! + 1;
    return words[ORDER];
  }
}
