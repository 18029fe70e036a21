import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { Bell, BELL_WORDS } from './doorbell';
import { errorFrom, errorText, type ErrorText, fatalError, ThreadError } from './remoteError';

/**
 * How the caller and one of its threads talk: orders and answers as messages, and words on which
 * either side sleeps until there is one. A thread that polls never returns to its event loop, so
 * both ends fetch their messages themselves.
 */

/** Words behind those of the bell. */
const ANSWERS = BELL_WORDS;
const READY = BELL_WORDS + 1;
const ENDED = BELL_WORDS + 2;
const WORDS = BELL_WORDS + 3;

/** The order with which a thread ends; everything else is an operation of its duty. */
const END = '#end';

interface Order {
  readonly id: number;
  readonly operation: string;
  readonly args: readonly unknown[];
}

type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ErrorText }
  /** The thread has ended by this error. */
  | { readonly fatal: ErrorText };

/** What a thread does when it is told to; every operation takes and gives plain data. */
export type Operations = object;

type Call = (...args: unknown[]) => unknown;

export function makeMailboxWords(): SharedArrayBuffer {
  return new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT);
}

/** The thread's end. */
export class Desk {
  readonly bell: Bell;
  /** True once the thread has been told to end. */
  ended = false;
  private readonly words: Int32Array;
  private served = 0;

  constructor(
    private readonly port: MessagePort,
    buffer: SharedArrayBuffer,
  ) {
    this.bell = new Bell(buffer);
    this.words = new Int32Array(buffer);
  }

  /** Its code is loaded and it looks for orders from now on. */
  ready(): void {
    Atomics.store(this.words, READY, 1);
    this.wakeCaller();
  }

  /** Carries out the orders that wait. True where there was one. */
  serve(operations: Operations): boolean {
    const { rings } = this.bell;
    if (rings === this.served) return false;
    this.served = rings;
    let any = false;
    for (let order = this.take(); order !== null; order = this.take()) {
      any = true;
      if (order.operation === END) this.ended = true;
      else this.answer(this.carryOut(operations, order));
    }
    return any;
  }

  /** Sleeps until there may be an order, or a hint. */
  rest(durationMs: number): void {
    this.bell.sleep(this.served, durationMs);
  }

  /** The last word of a thread that can't go on. */
  fail(error: unknown): void {
    this.answer({ fatal: errorText(error) });
  }

  /** Nothing follows. */
  close(): void {
    Atomics.store(this.words, ENDED, 1);
    this.port.close();
  }

  private take(): Order | null {
    return (receiveMessageOnPort(this.port)?.message as Order | undefined) ?? null;
  }

  private carryOut(operations: Operations, { id, operation, args }: Order): Answer {
    try {
      return { id, value: (operations as Readonly<Record<string, Call>>)[operation]!(...args) };
    } catch (error) {
      return { id, error: errorText(error) };
    }
  }

  private answer(answer: Answer): void {
    this.port.postMessage(answer);
    this.wakeCaller();
  }

  private wakeCaller(): void {
    Atomics.add(this.words, ANSWERS, 1);
    Atomics.notify(this.words, ANSWERS);
  }
}

/** How long a thread may take to start, and to answer. */
export interface CallLimits {
  readonly startMs: number;
  readonly answerMs: number;
}

/** The caller's end. All calls block the calling thread. */
export class Line {
  readonly bell: Bell;
  private readonly words: Int32Array;
  private calls = 0;
  private last: Error | null = null;

  constructor(
    private readonly name: string,
    private readonly port: MessagePort,
    buffer: SharedArrayBuffer,
  ) {
    this.bell = new Bell(buffer);
    this.words = new Int32Array(buffer);
  }

  /** What ended the thread, or that it does not answer; null while it goes on. Looks for the news first. */
  get failure(): Error | null {
    if (this.last === null) this.receive(0, 0);
    return this.last;
  }

  /** False while the thread may still be loading its code. */
  get ready(): boolean {
    return Atomics.load(this.words, READY) !== 0;
  }

  /** True once the thread has nothing more to say. */
  get ended(): boolean {
    return Atomics.load(this.words, ENDED) !== 0;
  }

  /**
   * Has the thread carry something out and waits for its answer, first for the thread to be ready.
   * @throws what the operation threw; ThreadError where the thread has ended or does not answer.
   */
  call(operation: string, args: readonly unknown[], { startMs, answerMs }: CallLimits): unknown {
    const id = ++this.calls;
    if (!this.ready) this.receive(id, startMs, () => this.ready);
    if (this.last === null && !this.ready)
      throw (this.last = new ThreadError(this.name, `did not start within ${startMs} ms`, null));
    if (this.failure === null) this.send({ id, operation, args });
    const answer = this.receive(id, answerMs);
    if (this.last !== null) throw this.last;
    if (answer === null)
      throw (this.last = new ThreadError(this.name, `no answer to '${operation}' within ${answerMs} ms`, null));
    if ('error' in answer) throw errorFrom(this.name, answer.error);
    return answer.value;
  }

  /** Tells the thread to end; there is no answer. */
  end(): void {
    this.send({ id: 0, operation: END, args: [] });
  }

  close(): void {
    this.port.close();
  }

  private send(order: Order): void {
    this.port.postMessage(order);
    this.bell.ring();
  }

  /** Waits for an answer; null where the thread has ended, where none comes in time, or `until` holds before. */
  private receive(
    id: number,
    limitMs: number,
    until = (): boolean => false,
  ): Exclude<Answer, { fatal: ErrorText }> | null {
    const untilMs = performance.now() + limitMs;
    for (;;) {
      const seen = Atomics.load(this.words, ANSWERS);
      const found = receiveMessageOnPort(this.port)?.message as Answer | undefined;
      if (found === undefined) {
        const leftMs = untilMs - performance.now();
        if (leftMs <= 0 || this.last !== null || until()) return null;
        Atomics.wait(this.words, ANSWERS, seen, leftMs);
      } else if ('fatal' in found) this.last = fatalError(this.name, found.fatal);
      // An answer that came after its caller had given up is nobody's.
      else if (found.id === id) return found;
    }
  }
}
