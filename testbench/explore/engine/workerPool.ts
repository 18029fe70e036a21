import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import { resetArena } from '../../../shared/arena';
import { UsageError } from '../../../shared/errors';
import { watchedMemory } from '../../../shared/mem/build';
import { memory } from '../../../shared/mem/memory';
import { shadow } from '../../../shared/mem/watched';
import { nextMessage } from '../../runtime/nextMessage';
import { startWorker } from '../../runtime/worker';
import type { ActorOrder } from './actor';
import { pickCpu } from '../../runtime/affinity';
import {
  CONTROL_BYTES,
  ControlBlock,
  CURRENT,
  LOST,
  PHASE,
  PHASE_ABORTED,
  REPORTS,
  RUN,
  STEPS,
  TURN,
} from './controlBlock';
import type { Variant } from './loading';
import { DEFAULT_LIMITS, MAX_ACTORS, type Plan, type Strategy } from './plan';
import type { ActorReport, SteppedRun } from './report';
import { type Ending, resultOf, SteppedError } from './result';
import { fingerprintOf, readToken } from './token';
import type { WorkerReady, WorkerStart } from './worker';

const START_LIMIT_MS = 60_000;

export interface WorkerPoolOptions {
  /** Changed modules of the code under test (`testbench/mutants/build/apply`). Default none. */
  readonly variant?: Variant;
  /** True if the threads share one CPU. Default true. */
  readonly pinned?: boolean;
}

interface PoolWorker {
  readonly worker: Worker;
  readonly port: MessagePort;
}

/** Modules that threads have compiled, handed to threads that are started later. */
const compiled: Record<string, string> = {};

/**
 * Worker threads for stepped runs, kept from one run to the next. They share the arena of the calling
 * thread: each run resets it, and the caller may read it between two runs. Needs the watched memory.
 */
export class WorkerPool {
  private readonly control = new ControlBlock(new SharedArrayBuffer(CONTROL_BYTES));
  private readonly workers: PoolWorker[] = [];
  private readonly variant: Variant;
  private readonly processor: number | null;

  constructor({ variant = {}, pinned = true }: WorkerPoolOptions = {}) {
    if (watchedMemory === null)
      throw new UsageError('stepped runs need the watched memory: start node with --conditions=watched');
    this.variant = variant;
    this.processor = pinned ? pickCpu(process.pid) : null;
  }

  /**
   * Carries out a plan: resets the arena, calls `prepare` to set it up, and runs the actors. The
   * calling thread is blocked meanwhile.
   * @throws SteppedError where the run ends badly, with the schedule that repeats it.
   * @throws UsageError for a schedule of another plan.
   */
  async run(plan: Plan, prepare: () => void = () => undefined): Promise<SteppedRun> {
    checkActors(plan);
    const fingerprint = fingerprintOf(plan, this.variant);
    const strategy = plan.strategy ?? { kind: 'run-to-block' };
    checkStrategy(strategy, plan, fingerprint);
    await this.grow(plan.actors);
    this.control.reset(
      plan.actors.length,
      plan.actors.map(({ service = false }) => service),
    );
    resetArena();
    prepare();
    const ending = this.runActors(plan, strategy);
    const run = resultOf(plan, this.control, ending, fingerprint);
    if (ending.stuck !== null) await this.close();
    if (run instanceof SteppedError) throw run;
    return run;
  }

  /** Ends all threads. The next run starts new ones. */
  async close(): Promise<void> {
    for (const { worker, port } of this.workers.splice(0)) {
      port.close();
      await worker.terminate();
    }
  }

  private async grow(actors: Plan['actors']): Promise<void> {
    const modules = [...new Set(actors.map(({ module }) => module))];
    // The others reuse what the first one compiles.
    if (this.workers.length === 0) this.workers.push(await this.addWorker(modules));
    const more = Math.max(0, actors.length - this.workers.length);
    this.workers.push(...(await Promise.all(Array.from({ length: more }, async () => this.addWorker(modules)))));
  }

  private async addWorker(modules: readonly string[]): Promise<PoolWorker> {
    const variant = { ...compiled, ...this.variant };
    const start: WorkerStart = { control: this.control.buffer, variant, modules, processor: this.processor };
    const data = { ...start, avpArena: { memory, shadow } };
    const worker = startWorker('testbench/explore/engine/worker', { build: 'watched', data, print: process.stderr });
    const ready = await nextMessage<WorkerReady>(worker, START_LIMIT_MS);
    if (ready instanceof Error) {
      await worker.terminate();
      throw ready;
    }
    Object.assign(compiled, ready);
    const { port1, port2 } = new MessageChannel();
    worker.postMessage(port2, [port2]);
    // Idle threads must not keep the process alive.
    worker.unref();
    port1.unref();
    return { worker, port: port1 };
  }

  /** Sends the orders, gives the first actor the turn, and waits until every actor has reported. */
  private runActors(plan: Plan, strategy: Strategy): Ending {
    const { words } = this.control;
    const { actors, points = [], recordViolations = false, trace = false, evidence = false } = plan;
    const limits = { ...DEFAULT_LIMITS, ...plan.limits };
    const names = actors.map(({ name }) => name);
    const run = words[RUN]! + 1;
    actors.forEach((spec, actor) => {
      const order: ActorOrder = {
        run,
        actor,
        names,
        spec,
        points,
        strategy,
        recordViolations,
        trace,
        evidence,
        limits,
      };
      this.workers[actor]!.port.postMessage(order);
    });
    Atomics.store(words, ControlBlock.at(0, TURN), 1);
    words[CURRENT] = 0;
    Atomics.store(words, RUN, run);
    Atomics.notify(words, RUN);
    return this.awaitReports(actors.length, limits.realMs);
  }

  private awaitReports(count: number, limitMs: number): Ending {
    const { words } = this.control;
    let stuck: string | null = null;
    let steps = -1;
    for (let done = 0; done < count && stuck === null; done = Atomics.load(words, REPORTS)) {
      const woken = Atomics.wait(words, REPORTS, done, limitMs);
      if (Atomics.load(words, LOST) !== 0) stuck = 'an actor goes on although the run has been aborted';
      else if (woken === 'timed-out' && steps === words[STEPS])
        stuck = `no access to memory and no wait for ${limitMs} ms`;
      steps = words[STEPS]!;
    }
    // An actor that still reaches a point unwinds.
    if (stuck !== null) words[PHASE] = PHASE_ABORTED;
    const reports = this.workers
      .slice(0, count)
      .map(({ port }) => (receiveMessageOnPort(port) as { message: ActorReport } | undefined)?.message ?? null);
    return { reports, stuck };
  }
}

function checkActors({ actors }: Plan): void {
  if (actors.length === 0 || actors.length > MAX_ACTORS)
    throw new UsageError(`${actors.length} actors: expected 1 to ${MAX_ACTORS}`);
  const twice = actors.find(({ name }, index) => actors.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) throw new UsageError(`two actors are called '${twice.name}': give each a name of its own`);
}

function checkStrategy(strategy: Strategy, { actors }: Plan, fingerprint: number): void {
  if (strategy.kind === 'stall' && !actors.some(({ name }) => name === strategy.stall.actor))
    throw new UsageError(
      `there is no actor '${strategy.stall.actor}' to hold up: expected one of ${actors.map(({ name }) => name).join(', ')}`,
    );
  if (strategy.kind === 'replay' && readToken(strategy.token).fingerprint !== fingerprint)
    throw new UsageError(
      'the schedule token belongs to another plan: other actors, data, points, or another variant of the code',
    );
}
