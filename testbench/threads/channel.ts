/**
 * The channel between the caller and one of its threads: calls and returns as messages, and words on which either side
 * sleeps until there is one. A thread that polls never returns to its event loop, so both ends fetch their messages
 * themselves.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { Doorbell, DOORBELL_WORDS } from './doorbell';
import { deserializeError, fatalError, type SerializedError, serializeError, ThreadError } from './remoteError';

/** Words behind those of the doorbell. The thread writes them, the caller reads them. */
const RETURNS = DOORBELL_WORDS;
const READY = DOORBELL_WORDS + 1;
const ENDED = DOORBELL_WORDS + 2;
const WORDS = DOORBELL_WORDS + 3;

/** The call that ends a thread; every other name is an operation of its role. */
const END = '#end';

interface Call {
  readonly id: number;
  readonly operation: string;
  readonly args: readonly unknown[];
}

/** Answer of the thread: the value of an operation, or the error that the operation threw. */
type Return =
  { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: SerializedError };
type Message = Return | { readonly fatal: SerializedError };

/** Operations of a role, by name. Arguments and return values are plain data. */
export type Operations = object;

type Operation = (...args: unknown[]) => unknown;

export function makeChannelWords(): SharedArrayBuffer {
  return new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT);
}

/** The thread's end. */
export class WorkerChannel {
  private readonly doorbell: Doorbell;
  /** True once the caller has ended the thread. */
  ended = false;
  private readonly words: Int32Array;
  /** Number of rings whose calls have been carried out. */
  private served = 0;

  constructor(
    private readonly port: MessagePort,
    buffer: SharedArrayBuffer,
  ) {
    this.doorbell = new Doorbell(buffer);
    this.words = new Int32Array(buffer);
  }

  /** Tells the caller that the thread has loaded its code and serves calls. */
  ready(): void {
    Atomics.store(this.words, READY, 1);
    this.wakeCaller();
  }

  /** Carries out the calls that are waiting. Returns true where there was one. */
  serve(operations: Operations): boolean {
    const { rings } = this.doorbell;
    if (rings === this.served) return false;
    this.served = rings;
    let any = false;
    for (let call = this.receive(); call !== null; call = this.receive()) {
      any = true;
      if (call.operation === END) this.ended = true;
      else this.send(this.carryOut(operations, call));
    }
    return any;
  }

  /** Sleeps until there may be a call, or a hint that there is work. */
  sleep(durationMs: number): void {
    this.doorbell.sleep(this.served, durationMs);
  }

  /** Reports the error with which the thread ends. */
  fail(error: unknown): void {
    this.send({ fatal: serializeError(error) });
  }

  /** Closes the thread's end. Call it last. */
  close(): void {
    Atomics.store(this.words, ENDED, 1);
    this.port.close();
  }

  private receive(): Call | null {
    return (receiveMessageOnPort(this.port)?.message as Call | undefined) ?? null;
  }

  private carryOut(operations: Operations, { id, operation, args }: Call): Return {
    try {
      return { id, value: (operations as Readonly<Record<string, Operation>>)[operation]!(...args) };
    } catch (error) {
      return { id, error: serializeError(error) };
    }
  }

  private send(message: Message): void {
    this.port.postMessage(message);
    this.wakeCaller();
  }

  private wakeCaller(): void {
    Atomics.add(this.words, RETURNS, 1);
    Atomics.notify(this.words, RETURNS);
  }
}

/** Time limits of a call. */
export interface CallLimits {
  /** For the thread to load its code. */
  readonly startMs: number;
  readonly returnMs: number;
}

/** The caller's end. Calls block the calling thread. */
export class CallerChannel {
  private readonly doorbell: Doorbell;
  private readonly words: Int32Array;
  private calls = 0;
  /** The error that ended the channel; every further call throws it. */
  private failed: Error | null = null;

  constructor(
    private readonly name: string,
    private readonly port: MessagePort,
    buffer: SharedArrayBuffer,
  ) {
    this.doorbell = new Doorbell(buffer);
    this.words = new Int32Array(buffer);
  }

  /** The error with which the thread ended or did not answer, null while it goes on. Reads new messages first. */
  get failure(): Error | null {
    if (this.failed === null) this.receive(0, 0);
    return this.failed;
  }

  /** False while the thread may still be loading its code. */
  get ready(): boolean {
    return Atomics.load(this.words, READY) !== 0;
  }

  /** True once the thread has sent its last message. */
  get ended(): boolean {
    return Atomics.load(this.words, ENDED) !== 0;
  }

  /**
   * Waits for the thread to be ready, has it carry out an operation, and returns the operation's value.
   * @throws the operation's error; ThreadError where the thread has ended or does not answer in time.
   */
  call(operation: string, args: readonly unknown[], { startMs, returnMs }: CallLimits): unknown {
    const id = ++this.calls;
    if (!this.ready) this.receive(id, startMs, () => this.ready);
    if (this.failed === null && !this.ready)
      throw (this.failed = new ThreadError(this.name, `did not start within ${startMs} ms`, null));
    if (this.failure === null) this.send({ id, operation, args });
    const returned = this.receive(id, returnMs);
    if (this.failed !== null) throw this.failed;
    if (returned === null)
      throw (this.failed = new ThreadError(this.name, `no answer to '${operation}' within ${returnMs} ms`, null));
    if ('error' in returned) throw deserializeError(this.name, returned.error);
    return returned.value;
  }

  /** Tells the thread to end. Does not wait. */
  end(): void {
    this.send({ id: 0, operation: END, args: [] });
  }

  close(): void {
    this.port.close();
  }

  private send(call: Call): void {
    this.port.postMessage(call);
    this.doorbell.ring();
  }

  /** Waits for the return of a call. Null where the thread has failed, none comes in time, or `until` holds before. */
  private receive(id: number, limitMs: number, until = (): boolean => false): Return | null {
    const untilMs = performance.now() + limitMs;
    for (;;) {
      const seen = Atomics.load(this.words, RETURNS);
      const message = receiveMessageOnPort(this.port)?.message as Message | undefined;
      if (message === undefined) {
        const leftMs = untilMs - performance.now();
        if (leftMs <= 0 || this.failed !== null || until()) return null;
        Atomics.wait(this.words, RETURNS, seen, leftMs);
      } else if ('fatal' in message) this.failed = fatalError(this.name, message.fatal);
      // The return of a call that timed out before is dropped.
      else if (message.id === id) return message;
    }
  }
}
