/**
 * The log of one clause or scenario, for its report: the frames at each device's port on the host's
 * side, and the events. It is bounded: of a long run it keeps the beginning and the end.
 */

/** Capacity of a log. */
export interface WireLimits {
  /** Number of frames to keep. */
  readonly frames: number;
  /** First bytes of each frame to keep. */
  readonly frameBytes: number;
  /** Number of events to keep. */
  readonly events: number;
}

/** Limits for reports that people read. */
export const REPORT_LIMITS: WireLimits = { frames: 64, frameBytes: 256, events: 192 };

/** Direction of a frame at a device's port. */
export type WireDirection = 'toGuest' | 'fromGuest';

/** Whom or what an event is about. */
export type WireSubject =
  /** A step of the clause or of the scenario. */
  | 'bench'
  /** A call of the driver, or what it does on its bus. */
  | 'guest'
  /** Something that the host does. */
  | 'host'
  /** A request that the host has taken off req (section 8). */
  | 'request'
  /** An answer of the host (section 8). */
  | 'answer'
  /** A FIFO that was made empty (section 6). */
  | 'ring'
  /** The interrupt mask or the migration ack has another value (section 3). */
  | 'register'
  /** An interrupt waits for the driver (section 3). */
  | 'interrupt'
  /** The link went up or down, as the guest asked (section 13). */
  | 'link';

interface Entry {
  /** Position among all frames and events. */
  readonly order: number;
  /** Time by the clock of the bench. */
  readonly timeNs: number;
  /** Name of the device, null for an event about none. */
  readonly nic: string | null;
}

/** A frame at a device's port. */
export interface WireFrame extends Entry {
  /** Direction of the frame. */
  readonly direction: WireDirection;
  /** Length of the whole frame. */
  readonly bytes: number;
  /** First bytes of the frame. */
  readonly data: Uint8Array;
  /** Change that was made to it on purpose, empty for none. */
  readonly note: string;
}

/** An event of a clause or scenario. */
export interface WireEvent extends Entry {
  /** Subject of the event. */
  readonly subject: WireSubject;
  /** The event, in words. */
  readonly what: string;
  /** Result of the event; null where it has none or never ended. */
  result: string | null;
  /** Number of times that the event occurred in a row. */
  times: number;
}

/** The first and the last of many entries. */
export interface Kept<T> {
  /** The first entries, in order. */
  readonly first: readonly T[];
  /** Number of entries between the two. */
  readonly leftOut: number;
  /** The last entries, in order. */
  readonly last: readonly T[];
}

/** Contents of a log. Plain data, so that threads can exchange it. */
export interface WireRecord {
  /** Frames at the devices' ports. */
  readonly frames: Kept<WireFrame>;
  /** Events, in the order in which they began. */
  readonly events: Kept<WireEvent>;
}

/** Divisor of the capacity that gives the room for the first entries. */
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

  /** Removes the newest entry. */
  pop(): void {
    (this.last.length > 0 ? this.last : this.first).pop();
  }

  /** The last entry but one. */
  get beforeNewest(): T | undefined {
    return [...this.first.slice(-2), ...this.last.slice(-2)].at(-2);
  }

  get kept(): Kept<T> {
    return { first: this.first, leftOut: this.leftOut, last: this.last };
  }
}

function shortenedEnds<T>({ first, leftOut, last }: Kept<T>, room: number): Kept<T> {
  const all = [...first, ...last];
  if (all.length <= room) return { first, leftOut, last };
  const atFirst = Math.ceil(room / SHARE_OF_BEGINNING);
  return {
    first: all.slice(0, atFirst),
    leftOut: leftOut + all.length - room,
    last: all.slice(all.length - (room - atFirst)),
  };
}

/** Leaves out what a record has beyond the limits, in its middle. */
export function shortened({ frames, events }: WireRecord, limits: WireLimits): WireRecord {
  return { frames: shortenedEnds(frames, limits.frames), events: shortenedEnds(events, limits.events) };
}

/** Collects frames and events. Host and guest of one clause share a log. */
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

  /** Sets the clock: nanoseconds since the start of the bench. */
  timeBy(nowNs: () => number): void {
    this.clock = nowNs;
  }

  /**
   * Logs a frame at a device's port.
   * @param nic name of the device.
   * @param direction direction of the frame.
   * @param frame the frame, without CRC; the log copies its first bytes.
   * @param note the change that was made to it on purpose, empty for none.
   */
  frame(nic: string, direction: WireDirection, frame: Uint8Array, note = ''): void {
    const data = frame.slice(0, this.limits.frameBytes);
    this.frames.push({ order: this.order++, timeNs: this.clock(), nic, direction, bytes: frame.length, data, note });
  }

  /**
   * Logs an event and returns it, so that its result can be filled in.
   * @param subject subject of the event.
   * @param nic name of the device; null for an event about none.
   * @param what the event, in words.
   * @param result its result; null for none, or for one that follows.
   * @param timeNs time of the event, nanoseconds by the bench's clock. Default: now.
   */
  event(
    subject: WireSubject,
    nic: string | null,
    what: string,
    result: string | null = null,
    timeNs = this.clock(),
  ): WireEvent {
    const event = { order: this.order++, timeNs, nic, subject, what, result, times: 1 };
    this.events.push(event);
    return event;
  }

  /** Runs and logs a call. The event is logged at the start, its result at the end. */
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

  /** Folds an event that repeats the one right before it, such as a poll that finds nothing. */
  private fold(event: WireEvent): void {
    if (event.order !== this.order - 1) return;
    const before = this.events.beforeNewest;
    const isNext = before !== undefined && Math.max(before.order, this.foldedAt) === event.order - 1;
    if (!isNext || before.what !== event.what || before.result !== event.result || before.nic !== event.nic) return;
    before.times++;
    this.foldedAt = event.order;
    this.events.pop();
  }

  /** Returns the contents so far, as plain data. */
  record(): WireRecord {
    return { frames: this.frames.kept, events: this.events.kept };
  }
}
