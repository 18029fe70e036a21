import type { FrameBytes, Load, LoadOptions, LoadReport } from '../api/traffic';
import { checkLoad } from '../common/loadOptions';
import { captureFlows } from '../traffic/captureFlows';
import { UsageError } from '../../shared/errors';
import { probeFlow } from '../traffic/probeFrame';
import type { Random } from '../../shared/random';
import type { WorkerHandle } from './workerGroup';
import type { QueuesOperations } from './roles/queues';
import type { ThreadsPort } from './port';
import type { FlowCounts, FlowDescriptor, FlowSource } from './traffic/messages';
import { MIN_FRAME_BYTES } from './traffic/probeFrames';

const DEFAULT_FRAMES_PER_MS = 8;
const DEFAULT_FLOWS = 4;
const DEFAULT_FRAME_BYTES: FrameBytes = { min: 64, max: 1_514 };

/** The bench, as a load sees it. */
export interface LoadContext {
  readonly random: Random;
  /** A number that no other load of the bench has. */
  readonly number: number;
  /** A flow number that the run has not used yet. */
  nextFlow(): number;
}

/** Flows and the order in which they take turns, as indices of `flows`. */
interface Source {
  readonly flows: readonly FlowDescriptor[];
  readonly turns: readonly number[];
}

/** Verdicts that count as wrong, in the order of `LoadReport`. */
const WRONGS = ['corrupted', 'duplicated', 'reordered', 'unexpected'] as const;

/** Sums over all threads at one end of a load. */
interface Sums extends Omit<FlowCounts, 'load' | 'flow'> {
  readonly byFlow: ReadonlyMap<number, number>;
}

function sumUp(counts: readonly FlowCounts[]): Sums {
  const sums = { delivered: 0, reordered: 0, duplicated: 0, corrupted: 0, unexpected: 0 };
  const byFlow = new Map<number, number>();
  for (const one of counts) {
    for (const field of ['delivered', ...WRONGS] as const) sums[field] += one[field];
    byFlow.set(one.flow, (byFlow.get(one.flow) ?? 0) + one.delivered);
  }
  return { ...sums, byFlow };
}

/** @throws UsageError for options that this mode does not offer. */
function checkOptions(
  to: ThreadsPort,
  { frameBytes = DEFAULT_FRAME_BYTES, vlanTci = null, reply = false }: LoadOptions,
): void {
  const least = typeof frameBytes === 'number' ? frameBytes : frameBytes.min;
  if (least < MIN_FRAME_BYTES)
    throw new UsageError(`frames of ${least} bytes: expected at least ${MIN_FRAME_BYTES} in mode threads`);
  if (vlanTci !== null) throw new UsageError('frames with a VLAN tag are not sent in mode threads: leave out vlanTci');
  if (reply && to.txQueues < to.rxQueues)
    throw new UsageError(
      `${to.name} answers each frame on the queue where it came: give it as many txQueues as rxQueues`,
    );
}

/** Frames from one port to another. The sender's queue threads make them, the receiver's judge them. */
export class ThreadsLoad implements Load {
  private readonly load: number;
  private readonly requests: Source;
  /** The flows on which each receiving thread answers. */
  private readonly replies: readonly (readonly FlowDescriptor[])[];
  private lastReport: LoadReport | null = null;

  constructor(
    private readonly context: LoadContext,
    readonly from: ThreadsPort,
    readonly to: ThreadsPort,
    private readonly options: LoadOptions,
  ) {
    checkLoad(from, options);
    checkOptions(to, options);
    this.load = context.number;
    const seed = context.random.u32();
    this.requests = this.makeSource(from, to, seed);
    const answering = options.reply === true ? to.rxQueues : 0;
    this.replies = Array.from({ length: answering }, () => this.makeSource(to, from, seed).flows);
    this.begin();
  }

  stop(): void {
    if (!this.from.open) return;
    for (const { operations } of this.senders) operations.stop(this.from.address, this.load);
  }

  get done(): boolean {
    return !this.from.open || this.senders.every(({ operations }) => operations.done(this.from.address, this.load));
  }

  report(): LoadReport {
    if (this.from.open && this.to.open) this.lastReport = this.reportNow();
    return this.lastReport!;
  }

  /** Stops and keeps the last report. Call it before one of the ports closes. */
  conclude(): void {
    this.stop();
    this.report();
  }

  /** Releases the load's blocks in the arena. Call it when both ports are closed. */
  release(): void {
    this.from.workers.control.operations.releaseFlows(this.requests.flows);
    this.to.workers.control.operations.releaseFlows(this.replies.flat());
  }

  private get senders(): readonly WorkerHandle<QueuesOperations>[] {
    return this.from.workers.queues.slice(0, this.from.txQueues);
  }

  private makeSource(from: ThreadsPort, to: ThreadsPort, seed: number): Source {
    const { flows = DEFAULT_FLOWS, frameBytes = DEFAULT_FRAME_BYTES, captures } = this.options;
    const ends = { sourceMac: from.mac, destinationMac: to.mac };
    const nextFlow = (): number => this.context.nextFlow();
    const { makeFlows } = from.workers.control.operations;
    if (captures !== undefined) {
      const captured = captureFlows(captures, ends, nextFlow);
      return {
        flows: makeFlows(captured.flows.map(({ id, frames }): FlowSource => ({ kind: 'captured', id, frames }))),
        turns: captured.order,
      };
    }
    const probes = Array.from({ length: flows }, (): FlowSource => {
      const probe = probeFlow({ id: nextFlow(), seed, ...ends, frameBytes });
      return { kind: 'probe', id: probe.id, probe };
    });
    return { flows: makeFlows(probes), turns: probes.map((_probe, index) => index) };
  }

  /** Makes every receiver expect all flows, then starts the senders. */
  private begin(): void {
    const { from, to, load } = this;
    const { flows } = this.requests;
    to.workers.queues.forEach((thread, queue) => {
      const replies = this.replies[queue] ?? [];
      thread.operations.expect(
        to.address,
        flows.map((flow, index) => ({ ...flow, load, reply: replies[index] ?? null })),
      );
    });
    const replies = this.replies.flat().map((flow) => ({ ...flow, load, reply: null }));
    if (replies.length > 0) for (const thread of from.workers.queues) thread.operations.expect(from.address, replies);
    this.startSenders();
  }

  /** Distributes the flows over the transmit queues, and the frames in proportion to the turns of each queue's flows. */
  private startSenders(): void {
    const { framesPerMs = DEFAULT_FRAMES_PER_MS, firstFlowPercent = 0, frames = Infinity } = this.options;
    const { txQueues, address } = this.from;
    const { flows, turns } = this.requests;
    let before = 0;
    this.senders.forEach(({ operations }, queue) => {
      // Flow i is sent by thread i % txQueues, as its flow number i / txQueues.
      const own = turns.filter((flow) => flow % txQueues === queue).map((flow) => Math.floor(flow / txQueues));
      if (own.length === 0) return;
      const after = before + own.length;
      const share = (upTo: number): number => Math.round((frames * upTo) / turns.length);
      operations.send(address, {
        load: this.load,
        flows: flows.filter((_flow, index) => index % txQueues === queue),
        turns: own,
        framesPerMs: (framesPerMs * own.length) / turns.length,
        frames: frames === Infinity ? Infinity : share(after) - share(before),
        firstFlowPercent: queue === 0 ? firstFlowPercent : 0,
        seed: this.context.random.u32(),
      });
      before = after;
    });
  }

  /** This load's counts of the threads of a port. */
  private countsAt(port: ThreadsPort): Sums {
    const counts = port.workers.queues.flatMap((thread) => thread.operations.flowCounts(port.address));
    return sumUp(counts.filter(({ load }) => load === this.load));
  }

  private sent(by: ThreadsPort, flows: readonly FlowDescriptor[]): number {
    const counts = by.workers.control.operations.sentOf(flows.map(({ block }) => block));
    return counts.reduce((total, count) => total + count, 0);
  }

  private reportNow(): LoadReport {
    // Arrivals are read first, so that they never exceed the number of sent frames.
    const [went, came] = [this.countsAt(this.to), this.countsAt(this.from)];
    const sent = this.sent(this.from, this.requests.flows);
    const replied = this.sent(this.to, this.replies.flat());
    const [corrupted, duplicated, reordered, unexpected] = WRONGS.map((field) => went[field] + came[field]) as [
      number,
      number,
      number,
      number,
    ];
    return {
      sent,
      delivered: went.delivered,
      missing: sent - went.delivered - went.reordered,
      wrong: corrupted + duplicated + reordered + unexpected,
      flows: this.requests.flows.map(({ id }) => went.byFlow.get(id) ?? 0),
      corrupted,
      duplicated,
      reordered,
      unexpected,
      replied,
      answered: came.delivered,
    };
  }
}
