import { setTimeout } from 'node:timers/promises';
import { MessageChannel, type Worker } from 'node:worker_threads';
import * as mem from '#mem';
import { RealClock } from '../../shared/clock';
import type { Engine } from '../../shared/engine';
import { type ArenaHandle, ARENA_BYTES, memory } from '../../shared/mem/memory';
import { type MemoryBuild, startWorker } from '../runtime/worker';
import { CallerChannel, makeChannelWords, type Operations } from './channel';
import { ThreadError } from './remoteError';
import type { WorkerStart } from './role';

const ENTRY = 'testbench/threads/worker';
/** Loading TypeScript takes seconds on a busy machine. */
const START_LIMIT_MS = 120_000;
const ANSWER_LIMIT_MS = 30_000;
const END_LIMIT_MS = 10_000;
const POLL_INTERVAL_MS = 2;
/** The watched build keeps one byte of rights for each granule of 4 bytes. */
const SHADOW_BYTES = ARENA_BYTES >>> 2;

export interface WorkerGroupSettings {
  /** Build of the memory primitives on which the threads run. */
  readonly build: MemoryBuild;
  /** Engine of the threads' loop files. Default: TypeScript on watched memory, else WebAssembly where possible. */
  readonly engine?: Engine;
  /** Takes the lines that threads print. */
  readonly print: NodeJS.WritableStream;
  /** Time limit for a thread to answer a call. */
  readonly answerLimitMs?: number;
  /** Time limit for a thread to end, after which it is terminated. */
  readonly endLimitMs?: number;
}

/** The operations of a thread's role, as the caller calls them. */
export type RemoteOperations<O extends Operations> = {
  readonly [K in keyof O]: O[K] extends (...args: infer A) => infer R ? (...args: A) => R : never;
};

/** One thread, as its caller sees it. */
export class WorkerHandle<O extends Operations = Operations> {
  private readonly channel: CallerChannel;
  private exitCode: number | null = null;
  private knownFailure: Error | null = null;

  constructor(
    readonly name: string,
    private readonly worker: Worker,
    /** Words of the thread's channel. They begin with its doorbell. */
    readonly doorbellWords: SharedArrayBuffer,
    private readonly answerLimitMs: number,
  ) {
    const { port1, port2 } = new MessageChannel();
    this.channel = new CallerChannel(name, port1, doorbellWords);
    worker.postMessage(port2, [port2]);
    worker.once('error', (error) => (this.knownFailure ??= new ThreadError(name, error.message, error.stack ?? null)));
    worker.once('exit', (code) => (this.exitCode = code));
  }

  /** The error that ended the thread early, null if none has. */
  get failure(): Error | null {
    this.knownFailure ??= this.channel.failure;
    if (this.knownFailure === null && this.exitCode !== null && !this.channel.ended)
      this.knownFailure = new ThreadError(this.name, `ended with status ${this.exitCode}`, null);
    return this.knownFailure;
  }

  /** False while the thread may still be loading its code. */
  get ready(): boolean {
    return this.channel.ready;
  }

  /** True once the thread no longer exists. */
  get gone(): boolean {
    return this.exitCode !== null;
  }

  /** The operations of the thread's role. Each call blocks the caller until the thread has carried it out. */
  readonly operations = new Proxy({} as RemoteOperations<O>, {
    get:
      (_target, operation: string) =>
      (...args: unknown[]) =>
        this.call(operation, args),
  });

  private call(operation: string, args: readonly unknown[]): unknown {
    if (this.failure !== null) throw this.failure;
    return this.channel.call(operation, args, { startMs: START_LIMIT_MS, returnMs: this.answerLimitMs });
  }

  tellToEnd(): void {
    this.channel.end();
  }

  async terminate(): Promise<void> {
    await this.worker.terminate();
  }

  close(): void {
    this.channel.close();
  }
}

function arenaHandle(build: MemoryBuild): ArenaHandle {
  if (build === 'plain') return { memory, shadow: null };
  // A caller on the watched build shares its rights map; any other makes one for its threads.
  return { memory, shadow: 'shadow' in mem ? (mem.shadow as SharedArrayBuffer) : new SharedArrayBuffer(SHADOW_BYTES) };
}

/** The worker threads of one run, on one arena. */
export class WorkerGroup {
  private readonly workers: WorkerHandle[] = [];
  private readonly arena: ArenaHandle;
  /** The clock of all its threads. */
  readonly clock = new RealClock();
  private firstFailure: Error | null = null;

  constructor(private readonly settings: WorkerGroupSettings) {
    this.arena = arenaHandle(settings.build);
  }

  /**
   * Starts a thread, which loads its code while the caller goes on.
   * @param role path of the role's module in the package, without its extension.
   */
  start<O extends Operations>(name: string, role: string, data: unknown): WorkerHandle<O> {
    const { build, engine, print, answerLimitMs = ANSWER_LIMIT_MS } = this.settings;
    const words = makeChannelWords();
    const start: WorkerStart = { words, role, data, originMs: this.clock.originMs };
    const worker = startWorker(ENTRY, { build, engine, print, data: { ...start, avpArena: this.arena } });
    const handle = new WorkerHandle<O>(name, worker, words, answerLimitMs);
    this.workers.push(handle);
    return handle;
  }

  /** The error of the first thread that ended early, null if none has. */
  get failure(): Error | null {
    for (const worker of this.workers) this.firstFailure ??= worker.failure;
    return this.firstFailure;
  }

  /** @throws the error that ended a thread. */
  check(): void {
    const { failure } = this;
    if (failure !== null) throw failure;
  }

  /**
   * Lets real time pass until a condition holds. Returns false where it does not in time.
   * @throws the error that ended a thread.
   */
  async waitFor(done: () => boolean, limitMs: number): Promise<boolean> {
    const untilMs = performance.now() + limitMs;
    for (;;) {
      this.check();
      if (done()) return true;
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) return false;
      await setTimeout(Math.min(leftMs, POLL_INTERVAL_MS));
    }
  }

  /**
   * Ends the threads one after another, the last one started first, and terminates those that do not end in time.
   * Returns an error for each thread that did not end in order.
   */
  async end(): Promise<Error[]> {
    const errors: Error[] = [];
    for (const worker of this.workers.splice(0).reverse()) {
      const error = await this.endWorker(worker);
      if (error !== null) errors.push(error);
    }
    return errors;
  }

  private async endWorker(worker: WorkerHandle): Promise<Error | null> {
    // A thread that is still loading reads the message only afterwards.
    const endLimitMs = worker.ready ? (this.settings.endLimitMs ?? END_LIMIT_MS) : START_LIMIT_MS;
    if (!worker.gone) worker.tellToEnd();
    const untilMs = performance.now() + endLimitMs;
    while (!worker.gone && performance.now() < untilMs) await setTimeout(POLL_INTERVAL_MS);
    const error =
      worker.failure ??
      (worker.gone ? null : new ThreadError(worker.name, `did not end within ${endLimitMs} ms`, null));
    if (!worker.gone) await worker.terminate();
    worker.close();
    return error;
  }
}
