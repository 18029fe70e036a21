import { fnv1a } from '../../../shared/fnv1a';

/**
 * The memory that the threads of a stepped run share besides the arena. Only the actor that has the
 * turn writes it; passing the turn with an atomic store makes the writes visible to the next one.
 */

export const PHASE_RUNNING = 0;
/** All actors but the services have ended. */
export const PHASE_OVER = 1;
/** The run ends early: every actor unwinds. */
export const PHASE_ABORTED = 2;

export const ACTOR_READY = 0;
export const ACTOR_WAITING = 1;
export const ACTOR_ENDED = 2;

/** Kinds of waits. Time alone ends this one. */
export const WAIT_TIME = 0;
/** The wait ends once a word of the arena has another value. */
export const WAIT_ARENA = 1;
/** The wait ends once a message with a given name is on the board. */
export const WAIT_MESSAGE = 2;

/** Words of a run, by index. The actor that has the turn writes them, except where a word says otherwise. */

/** Number of the run. The pool stores it once all orders are sent; the workers wait for it. */
export const RUN = 0;
/** Number of reports in this run. Each worker adds 1 once its report is sent; the pool waits for it. */
export const REPORTS = 1;
/** PHASE_RUNNING and so on. The pool sets PHASE_ABORTED where an actor is stuck. */
export const PHASE = 2;
/** The actor that has the turn, written by the one that wakes it. */
export const CURRENT = 3;
/** Number of accesses and waits of all actors. */
export const STEPS = 4;
/** Number of decisions. */
export const DECISIONS = 5;
/** Number of timeline entries. */
export const ORDER = 6;
/** Hash of the decisions so far. */
export const HASH = 7;
/** Number of marked ranges. */
export const MARKS = 8;
/** Number of actors still running that the run waits for. */
export const MAINS = 9;
/** Number of actors. */
export const ACTORS = 10;
/** Bytes in use on the board. */
export const MESSAGE_BYTES = 11;
/** Number of message names on the board. */
const POSTED = 12;
/** 1 once a thread has given itself up because its actor does not unwind. */
export const LOST = 13;
/** The scheduler's own words; zero at the start of a run. */
const SCHEDULER = 16;
const SCHEDULER_WORDS = 64;

const ACTOR = SCHEDULER + SCHEDULER_WORDS;
const ACTOR_WORDS = 8;
const MAX_ACTORS = 32;
/** Fields of an actor, written by the actor itself except where a field says otherwise. */

/** 1 while the actor may run. The one that wakes it stores 1; the actor waits for it and stores 0. */
export const TURN = 0;
/** ACTOR_READY and so on. */
export const STATE = 1;
/** WAIT_TIME and so on, of a waiting actor. */
export const WAIT_KIND = 2;
/** Arena address of the word, for WAIT_ARENA. */
export const WAIT_AT = 3;
/** Value of the word, for WAIT_ARENA; tag of the message's name, for WAIT_MESSAGE. */
export const WAIT_VALUE = 4;
/** 1 where the run does not wait for the actor. Set by the pool. */
export const SERVICE = 5;

const MARK = ACTOR + ACTOR_WORDS * MAX_ACTORS;
const MARK_WORDS = 3;
const MAX_MARKS = 256;
const POSTED_TAG = MARK + MARK_WORDS * MAX_MARKS;
const MAX_POSTED = 1_024;
const WORDS = POSTED_TAG + MAX_POSTED;

/** 64-bit floats: the virtual time, and for each actor the time at which its wait ends. */
const TIME = 0;
const UNTIL = 1;
const FLOATS_AT = Math.ceil(WORDS / 2) * 8;
const MESSAGES_AT = FLOATS_AT + (UNTIL + MAX_ACTORS) * 8;
const MESSAGES_ROOM = 65_536;

export const CONTROL_BYTES = MESSAGES_AT + MESSAGES_ROOM;

/** A view on that memory; each thread makes its own. */
export class ControlBlock {
  readonly words: Int32Array;
  /** The scheduler's own words. */
  readonly scheduler: Int32Array;
  private readonly floats: Float64Array;
  private readonly board: Uint8Array;

  constructor(readonly buffer: SharedArrayBuffer) {
    this.words = new Int32Array(buffer, 0, WORDS);
    this.scheduler = this.words.subarray(SCHEDULER, SCHEDULER + SCHEDULER_WORDS);
    this.floats = new Float64Array(buffer, FLOATS_AT, UNTIL + MAX_ACTORS);
    this.board = new Uint8Array(buffer, MESSAGES_AT, MESSAGES_ROOM);
  }

  /** Index in `words` of a field of an actor. */
  static at(actor: number, field: number): number {
    return ACTOR + actor * ACTOR_WORDS + field;
  }

  get timeNs(): number {
    return this.floats[TIME]!;
  }

  set timeNs(value: number) {
    this.floats[TIME] = value;
  }

  untilNs(actor: number): number {
    return this.floats[UNTIL + actor]!;
  }

  setUntilNs(actor: number, value: number): void {
    this.floats[UNTIL + actor] = value;
  }

  /** Marks a range of the arena. @param tag of the range's name */
  addMark(tag: number, start: number, bytes: number): void {
    const count = this.words[MARKS]!;
    if (count === MAX_MARKS) throw new Error(`more than ${MAX_MARKS} ranges of memory are marked`);
    this.words.set([tag, start | 0, (start + bytes) | 0], MARK + count * MARK_WORDS);
    this.words[MARKS] = count + 1;
  }

  /** Copies the marked ranges: tag, start and end of each in turn. */
  marks(): Int32Array {
    return this.words.slice(MARK, MARK + this.words[MARKS]! * MARK_WORDS);
  }

  /** Puts a message on the board, where every actor finds it. A later one of the same name replaces it. */
  post(name: string, value: unknown): void {
    const bytes = Buffer.from(`${JSON.stringify([name, value])}\n`, 'utf8');
    const used = this.words[MESSAGE_BYTES]!;
    if (used + bytes.length > MESSAGES_ROOM) throw new Error(`the board has no room for ${bytes.length} bytes more`);
    this.board.set(bytes, used);
    this.words[MESSAGE_BYTES] = used + bytes.length;
    const tag = tagOf(name);
    if (this.hasPosted(tag)) return;
    const count = this.words[POSTED]!;
    if (count === MAX_POSTED) throw new Error(`more than ${MAX_POSTED} names are on the board`);
    this.words[POSTED_TAG + count] = tag;
    this.words[POSTED] = count + 1;
  }

  /** True where a message whose name has this tag is on the board. */
  hasPosted(tag: number): boolean {
    const end = POSTED_TAG + this.words[POSTED]!;
    for (let at = POSTED_TAG; at < end; at++) if (this.words[at] === tag) return true;
    return false;
  }

  /** Returns the message of a name, undefined where there is none. */
  find(name: string): unknown {
    const text = Buffer.from(this.board.slice(0, this.words[MESSAGE_BYTES])).toString('utf8');
    const entries = text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as [string, unknown]);
    return entries.findLast(([key]) => key === name)?.[1];
  }

  /** Prepares a run of `actors` actors. The run does not wait for those that `services` flags. */
  reset(actors: number, services: readonly boolean[]): void {
    this.words.fill(0, RUN + 1);
    this.floats.fill(0);
    this.words[ACTORS] = actors;
    this.words[CURRENT] = -1;
    this.words[HASH] = 1;
    services.forEach((service, actor) => (this.words[ControlBlock.at(actor, SERVICE)] = service ? 1 : 0));
    this.words[MAINS] = services.filter((service) => !service).length;
  }
}

/** Hashes a text to a signed 32-bit number that is never 0. */
export function tagOf(text: string): number {
  return fnv1a(text) | 0 || 1;
}

/** Mixes a value into a 32-bit hash. */
export function mixed(hash: number, value: number): number {
  const blend = Math.imul(hash ^ value, 0x9e37_79b1);
  return blend ^ (blend >>> 15);
}
