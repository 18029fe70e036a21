import { setTimeout } from 'node:timers/promises';
import { MessageChannel, type Worker } from 'node:worker_threads';
import * as mem from '#mem';
import { RealClock } from '../../shared/clock';
import { type ArenaHandle, ARENA_BYTES, memory } from '../../shared/mem/memory';
import { type MemoryBuild, startWorker } from '../runtime/worker';
import type { ThreadData } from './role';
import { Line, makeMailboxWords, type Operations } from './channel';
import { ThreadError } from './remoteError';

const ENTRY = 'testbench/threads/worker';
/** Loading the code takes seconds where it is TypeScript and the machine is busy. */
const START_LIMIT_MS = 120_000;
const ANSWER_LIMIT_MS = 30_000;
const END_LIMIT_MS = 10_000;
const LOOK_AGAIN_MS = 2;
/** One byte of rights for each granule of 4 bytes, as the watched build keeps them. */
const SHADOW_BYTES = ARENA_BYTES >>> 2;

export interface CrewSettings {
  /** Which build of the memory primitives the threads run on. */
  readonly build: MemoryBuild;
  readonly print: NodeJS.WritableStream;
  /** How long a thread may take to answer, and to end, before it is named and terminated. */
  readonly answerLimitMs?: number;
  readonly endLimitMs?: number;
}

/** The operations of a thread, as its caller sees them. */
export type Remote<O extends Operations> = {
  readonly [K in keyof O]: O[K] extends (...args: infer A) => infer R ? (...args: A) => R : never;
};

/** One thread as its caller sees it. */
export class Thread<O extends Operations = Operations> {
  private readonly line: Line;
  private exitCode: number | null = null;
  private failure: Error | null = null;

  constructor(
    readonly name: string,
    private readonly worker: Worker,
    /** Words of its mailbox, its bell first: for hints from other threads. */
    readonly bellWords: SharedArrayBuffer,
    private readonly answerLimitMs: number,
  ) {
    const { port1, port2 } = new MessageChannel();
    this.line = new Line(name, port1, bellWords);
    worker.postMessage(port2, [port2]);
    worker.once('error', (error) => (this.failure ??= new ThreadError(name, error.message, error.stack ?? null)));
    worker.once('exit', (code) => (this.exitCode = code));
  }

  /** What ended it before its time, null if nothing did. */
  get broken(): Error | null {
    this.failure ??= this.line.failure;
    if (this.failure === null && this.exitCode !== null && !this.line.ended)
      this.failure = new ThreadError(this.name, `ended with status ${this.exitCode}`, null);
    return this.failure;
  }

  /** False while it may still be loading its code. */
  get ready(): boolean {
    return this.line.ready;
  }

  get gone(): boolean {
    return this.exitCode !== null;
  }

  /** Its operations; each blocks the caller until it is carried out. */
  readonly operations = new Proxy({} as Remote<O>, {
    get:
      (_nothing, operation: string) =>
      (...args: unknown[]) =>
        this.call(operation, args),
  });

  private call(operation: string, args: readonly unknown[]): unknown {
    if (this.broken !== null) throw this.broken;
    return this.line.call(operation, args, { startMs: START_LIMIT_MS, answerMs: this.answerLimitMs });
  }

  tellToEnd(): void {
    this.line.end();
  }

  async terminate(): Promise<void> {
    await this.worker.terminate();
  }

  close(): void {
    this.line.close();
  }
}

function arenaHandle(build: MemoryBuild): ArenaHandle {
  if (build === 'plain') return { memory, shadow: null };
  // The caller runs on the watched build and has the map already, or it makes one for its threads.
  return { memory, shadow: 'shadow' in mem ? (mem.shadow as SharedArrayBuffer) : new SharedArrayBuffer(SHADOW_BYTES) };
}

/** The threads of one run, on one arena. */
export class Crew {
  private readonly threads: Thread[] = [];
  private readonly arena: ArenaHandle;
  /** The time of all its threads. */
  readonly clock = new RealClock();
  private firstFailure: Error | null = null;

  constructor(private readonly settings: CrewSettings) {
    this.arena = arenaHandle(settings.build);
  }

  /**
   * Starts a thread; it loads its code while the caller goes on.
   * @param duty path of its module in the package, without the extension.
   */
  start<O extends Operations>(name: string, duty: string, data: unknown): Thread<O> {
    const { build, print, answerLimitMs = ANSWER_LIMIT_MS } = this.settings;
    const words = makeMailboxWords();
    const own: ThreadData = { words, duty, data, originMs: this.clock.originMs };
    const worker = startWorker(ENTRY, { build, print, data: { ...own, avpArena: this.arena } });
    const thread = new Thread<O>(name, worker, words, answerLimitMs);
    this.threads.push(thread);
    return thread;
  }

  /** What ended a thread before its time, the first of them; null if nothing did. */
  get failure(): Error | null {
    for (const { broken } of this.threads) this.firstFailure ??= broken;
    return this.firstFailure;
  }

  /** @throws what ended a thread. */
  check(): void {
    const { failure } = this;
    if (failure !== null) throw failure;
  }

  /** Lets real time pass, as long as every thread goes on. @throws what ended a thread. */
  async waitFor(done: () => boolean, limitMs: number): Promise<boolean> {
    const untilMs = performance.now() + limitMs;
    for (;;) {
      this.check();
      if (done()) return true;
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) return false;
      await setTimeout(Math.min(leftMs, LOOK_AGAIN_MS));
    }
  }

  /**
   * Ends the threads, the last one started first, each when the one before is gone. One that does
   * not end in time is terminated. Gives what went wrong, an error for each such thread.
   */
  async end(): Promise<Error[]> {
    const errors: Error[] = [];
    for (const thread of this.threads.splice(0).reverse()) {
      const error = await this.endThread(thread);
      if (error !== null) errors.push(error);
    }
    return errors;
  }

  private async endThread(thread: Thread): Promise<Error | null> {
    // One that has not come up yet is told to end as soon as it has.
    const endLimitMs = thread.ready ? (this.settings.endLimitMs ?? END_LIMIT_MS) : START_LIMIT_MS;
    if (!thread.gone) thread.tellToEnd();
    const untilMs = performance.now() + endLimitMs;
    while (!thread.gone && performance.now() < untilMs) await setTimeout(LOOK_AGAIN_MS);
    const error =
      thread.broken ?? (thread.gone ? null : new ThreadError(thread.name, `did not end within ${endLimitMs} ms`, null));
    if (!thread.gone) await thread.terminate();
    thread.close();
    return error;
  }
}
