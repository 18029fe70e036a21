import type { FrameBytes, Load, LoadOptions, LoadReport } from '../api/traffic';
import { captureFlows } from '../traffic/captureFlows';
import { UsageError } from '../../shared/errors';
import { probeFlow } from '../traffic/probeFrame';
import type { Random } from '../../shared/random';
import type { Thread } from './workerGroup';
import type { QueuesOperations } from './roles/queues';
import type { ThreadsPort } from './port';
import type { FlowCounts, FlowOrder, FlowSource } from './traffic/messages';
import { MIN_FRAME_BYTES } from './traffic/probeFrames';

const DEFAULT_FRAMES_PER_MS = 8;
const DEFAULT_FLOWS = 4;
const DEFAULT_FRAME_BYTES: FrameBytes = { min: 64, max: 1_514 };

/** What a load needs of its bench. */
export interface LoadPlace {
  readonly random: Random;
  /** A number that no other load of the bench has. */
  readonly number: number;
  /** A flow number that the run has not used yet. */
  nextFlow(): number;
}

/** Flows, and whose turn it is, by index. */
interface Source {
  readonly flows: readonly FlowOrder[];
  readonly turns: readonly number[];
}

const WRONGS = ['corrupted', 'duplicated', 'reordered', 'unexpected'] as const;

/** Counts of a load at one of its ends, all threads together. */
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

/** What `frameBytes` and captures leave open, settled; refuses what this mode does not send. */
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

/** Frames from one port to another, made by the sender's queue threads and judged by the receiver's. */
export class ThreadsLoad implements Load {
  private readonly load: number;
  private readonly requests: Source;
  /** For each receiving thread, the flows on which it answers. */
  private readonly replies: readonly (readonly FlowOrder[])[];
  private lastReport: LoadReport | null = null;

  constructor(
    private readonly bench: LoadPlace,
    readonly from: ThreadsPort,
    readonly to: ThreadsPort,
    private readonly options: LoadOptions,
  ) {
    checkOptions(to, options);
    this.load = bench.number;
    const seed = bench.random.u32();
    this.requests = this.makeSource(from, to, seed);
    const answering = options.reply === true ? to.rxQueues : 0;
    this.replies = Array.from({ length: answering }, () => this.makeSource(to, from, seed).flows);
    this.begin();
  }

  /** Sends no more; what is under way still arrives. */
  stop(): void {
    if (!this.from.open) return;
    for (const { operations } of this.senders) operations.stop(this.from.address, this.load);
  }

  /** True once it has sent all that it was asked to. */
  get done(): boolean {
    return !this.from.open || this.senders.every(({ operations }) => operations.done(this.from.address, this.load));
  }

  report(): LoadReport {
    if (this.from.open && this.to.open) this.lastReport = this.reportNow();
    return this.lastReport!;
  }

  /** To be called before one of its ports closes: the last report stays. */
  conclude(): void {
    this.stop();
    this.report();
  }

  /** Gives its blocks in the arena back; no thread may know its ports any more. */
  release(): void {
    this.from.place.threads.control.operations.dropFlows(this.requests.flows);
    this.to.place.threads.control.operations.dropFlows(this.replies.flat());
  }

  private get senders(): readonly Thread<QueuesOperations>[] {
    return this.from.place.threads.queues.slice(0, this.from.txQueues);
  }

  private makeSource(from: ThreadsPort, to: ThreadsPort, seed: number): Source {
    const { flows = DEFAULT_FLOWS, frameBytes = DEFAULT_FRAME_BYTES, captures } = this.options;
    const ends = { sourceMac: from.mac, destinationMac: to.mac };
    const nextFlow = (): number => this.bench.nextFlow();
    const { makeFlows } = from.place.threads.control.operations;
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

  /** Every receiver knows all flows before the first frame goes. */
  private begin(): void {
    const { from, to, load } = this;
    const { flows } = this.requests;
    to.place.threads.queues.forEach((thread, queue) => {
      const replies = this.replies[queue] ?? [];
      thread.operations.expect(
        to.address,
        flows.map((flow, index) => ({ ...flow, load, reply: replies[index] ?? null })),
      );
    });
    const replies = this.replies.flat().map((flow) => ({ ...flow, load, reply: null }));
    if (replies.length > 0)
      for (const thread of from.place.threads.queues) thread.operations.expect(from.address, replies);
    this.dealOut();
  }

  /** Deals the flows out to the transmit queues in turn, and the frames by whose turn it is how often. */
  private dealOut(): void {
    const { framesPerMs = DEFAULT_FRAMES_PER_MS, firstFlowPercent = 0, frames = Infinity } = this.options;
    const { txQueues, address } = this.from;
    const { flows, turns } = this.requests;
    let before = 0;
    this.senders.forEach(({ operations }, queue) => {
      // Flow number i is number i / txQueues of its thread.
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
        seed: this.bench.random.u32(),
      });
      before = after;
    });
  }

  /** What the threads of a port have counted of this load. */
  private countsAt(port: ThreadsPort): Sums {
    const counts = port.place.threads.queues.flatMap((thread) => thread.operations.flowCounts(port.address));
    return sumUp(counts.filter(({ load }) => load === this.load));
  }

  private sent(by: ThreadsPort, flows: readonly FlowOrder[]): number {
    const counts = by.place.threads.control.operations.sentOf(flows.map(({ block }) => block));
    return counts.reduce((total, count) => total + count, 0);
  }

  private reportNow(): LoadReport {
    // What has arrived is asked first: all of it is sent by then.
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
