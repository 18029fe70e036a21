/**
 * What happened during one clause, for its report: the frames that crossed each device's port on
 * the host's side, and the events round them. Bounded: of a long run the beginning and the end are kept.
 */

/** How much a log keeps. */
export interface WireLimits {
  readonly frames: number;
  /** Of each frame, from its beginning. */
  readonly frameBytes: number;
  readonly events: number;
}

/** What a report for people has room for. */
export const REPORT_LIMITS: WireLimits = { frames: 64, frameBytes: 256, events: 192 };

export type WireDirection = 'toGuest' | 'fromGuest';

/** Who or what an event is about. */
export type WireSubject =
  'bench' | 'guest' | 'host' | 'request' | 'answer' | 'ring' | 'register' | 'interrupt' | 'link';

interface Entry {
  /** Place among all frames and events. */
  readonly order: number;
  /** By the clock of the bench. */
  readonly timeNs: number;
  /** The device, null where the event is about none. */
  readonly nic: string | null;
}

export interface WireFrame extends Entry {
  readonly direction: WireDirection;
  /** Length of the whole frame. */
  readonly bytes: number;
  /** Its first bytes. */
  readonly data: Uint8Array;
  /** What was done to it on purpose, empty where nothing was. */
  readonly note: string;
}

export interface WireEvent extends Entry {
  readonly subject: WireSubject;
  readonly what: string;
  /** What came of it; null where nothing can, or where it never ended. */
  result: string | null;
  /** The same event so often in a row. */
  times: number;
}

/** The first and the last of many. */
export interface Kept<T> {
  readonly first: readonly T[];
  /** How many there were between the two. */
  readonly leftOut: number;
  readonly last: readonly T[];
}

/** What a log gives in the end: plain data that one thread can send to another. */
export interface WireRecord {
  readonly frames: Kept<WireFrame>;
  readonly events: Kept<WireEvent>;
}

/** One quarter of the room is for the beginning. */
const SHARE_OF_BEGINNING = 4;

/** Keeps the first entries and the last. */
class Ends<T> implements Kept<T> {
  readonly first: T[] = [];
  readonly last: T[] = [];
  leftOut = 0;
  private readonly roomAtFirst: number;

  constructor(private readonly room: number) {
    this.roomAtFirst = Math.ceil(room / SHARE_OF_BEGINNING);
  }

  push(entry: T): void {
    if (this.first.length < this.roomAtFirst) {
      this.first.push(entry);
      return;
    }
    this.last.push(entry);
    if (this.last.length <= this.room - this.roomAtFirst) return;
    this.last.shift();
    this.leftOut++;
  }

  /** Takes the newest away. */
  pop(): void {
    (this.last.length > 0 ? this.last : this.first).pop();
  }

  /** The newest but one. */
  get beforeNewest(): T | undefined {
    return [...this.first.slice(-2), ...this.last.slice(-2)].at(-2);
  }

  get kept(): Kept<T> {
    return { first: this.first, leftOut: this.leftOut, last: this.last };
  }
}

/** Collects what happens; the host and the guest of one clause share it. */
export class WireLog {
  private readonly frames: Ends<WireFrame>;
  private readonly events: Ends<WireEvent>;
  private order = 0;
  private clock: () => number = () => 0;
  /** Order of the newest repetition of an event that was folded. */
  private foldedAt = -1;

  constructor(private readonly limits: WireLimits) {
    this.frames = new Ends(limits.frames);
    this.events = new Ends(limits.events);
  }

  /** Set by the bench: nanoseconds since its start. */
  timeBy(nowNs: () => number): void {
    this.clock = nowNs;
  }

  frame(nic: string, direction: WireDirection, frame: Uint8Array, note = ''): void {
    const data = frame.slice(0, this.limits.frameBytes);
    this.frames.push({ order: this.order++, timeNs: this.clock(), nic, direction, bytes: frame.length, data, note });
  }

  /** Gives the event, so that its result can be filled in. */
  event(subject: WireSubject, nic: string | null, what: string, result: string | null = null): WireEvent {
    const event = { order: this.order++, timeNs: this.clock(), nic, subject, what, result, times: 1 };
    this.events.push(event);
    return event;
  }

  /** Records a call: it is begun at once, its result filled in at its end. */
  async operation<T>(
    nic: string | null,
    what: string,
    run: () => Promise<T>,
    describe: (value: T) => string,
  ): Promise<T> {
    const event = this.event('guest', nic, what);
    try {
      const value = await run();
      event.result = describe(value);
      return value;
    } catch (error) {
      event.result = `crashed: ${error instanceof Error ? error.message : String(error)}`;
      throw error;
    } finally {
      this.fold(event);
    }
  }

  /** Drops an event that only repeats the one right before it, with nothing in between: a poll that finds nothing. */
  private fold(event: WireEvent): void {
    if (event.order !== this.order - 1) return;
    const before = this.events.beforeNewest;
    const isNext = before !== undefined && Math.max(before.order, this.foldedAt) === event.order - 1;
    if (!isNext || before.what !== event.what || before.result !== event.result || before.nic !== event.nic) return;
    before.times++;
    this.foldedAt = event.order;
    this.events.pop();
  }

  record(): WireRecord {
    return { frames: this.frames.kept, events: this.events.kept };
  }
}
