import type { AvpDevice, LoggedRequest } from '../../../emulator';
import { asHost } from '../../../shared/actors';
import { loadFifoRead, loadFifoWrite } from '../../../shared/loops/layout';
import { requestText, resultText } from '../deviceWatch';
import { nonZero } from '../../api/result';
import { QueueActivity } from './queueActivity';
import type { TraceArgs, Track } from './traceRecord';
import type { OpenSpan, TraceLog } from './traceLog';

const US_PER_MS = 1_000;
const STATUS_NAMES = ['none', 'detached', 'attached', 'error'];

type Request = LoggedRequest;
type Ring = 'tx' | 'rx' | 'alloc' | 'free';

/** The newest sample of a queue's rings. */
interface Sampled {
  readonly track: Track;
  readonly name: string;
  readonly values: Readonly<Record<string, number>>;
}

/** A value of migration status or ack, with its name. */
export function statusText(value: number): string {
  return `${value} (${STATUS_NAMES[value] ?? 'unknown'})`;
}

/** Traces a device from the host's side: requests, registers, rings, packets. */
export class HostTrace {
  private newest: Request | undefined;
  private readonly open = new Map<Request, OpenSpan>();
  private readonly activities = new Map<string, QueueActivity>();
  /** Newest samples of the rings in use, by track and name. */
  private filledRings = new Map<string, Sampled>();
  private status: number;
  private linkUp = false;

  /**
   * @param name name of the NIC, `INSTANCE/NETWORK`.
   * @param node returns the name of the node where the NIC is at present.
   */
  constructor(
    private readonly log: TraceLog,
    private readonly device: AvpDevice,
    private readonly name: string,
    private readonly node: () => string,
  ) {
    this.status = device.migration.status;
  }

  private track(queue = ''): Track {
    return { process: `host ${this.node()}`, thread: `${this.name}${queue}` };
  }

  note(what: string, args: TraceArgs = {}): void {
    this.log.instant(this.track(), what, args);
  }

  /** Traces changes. Call it after each round of the host. */
  observe(): void {
    this.observeRequests();
    const { status: migrationStatus } = this.device.migration;
    const { linkUp } = this.device.inspect;
    if (migrationStatus !== this.status) this.note(`migration status = ${statusText(migrationStatus)}`);
    if (linkUp !== this.linkUp) this.note(`link ${linkUp ? 'up' : 'down'}`);
    this.status = migrationStatus;
    this.linkUp = linkUp;
    this.observePackets();
    this.observeRings();
  }

  /** Traces what the switch dropped at the NIC's port. @param dropped counts by cause */
  observeSwitch(dropped: Readonly<Record<string, number>>): void {
    if (Object.keys(nonZero(dropped)).length > 0)
      this.log.sample(this.track(), `${this.name} dropped at the switch`, nonZero(dropped));
  }

  private observeRequests(): void {
    const { requests } = this.device.inspect;
    const known = this.newest === undefined ? -1 : requests.lastIndexOf(this.newest);
    for (const request of requests.slice(known + 1)) {
      const [name = '', details] = requestText(request).split(': ', 2);
      const args: TraceArgs = details === undefined ? {} : { details };
      this.open.set(request, this.log.begin(this.track(), name, args, request.takenAtMs * US_PER_MS));
    }
    this.newest = requests.at(-1) ?? this.newest;
    for (const [request, span] of this.open) {
      const [answeredMs] = request.answeredAtMs;
      if (answeredMs === undefined) continue;
      span.end({ answer: resultText(request.result) }, answeredMs * US_PER_MS);
      this.open.delete(request);
    }
  }

  private observePackets(): void {
    const { toGuest, fromGuest, queues } = this.device.inspect.stats();
    for (const kind of ['rx', 'tx'] as const)
      queues[kind].forEach((packets, queue) => {
        if (packets === 0 && !this.activities.has(`${kind} ${queue}`)) return;
        const track = this.track(` ${kind} ${queue}`);
        this.activity(`${kind} ${queue}`, kind === 'rx' ? 'puts on rx' : 'takes from tx').look(track, packets);
        this.log.sample(track, `${track.thread} packets`, { packets });
      });
    for (const [way, drops] of [
      ['to guest', nonZero(toGuest.dropped)],
      ['from guest', nonZero(fromGuest.dropped)],
    ] as const)
      if (Object.keys(drops).length > 0) this.log.sample(this.track(), `${this.name} dropped ${way}`, drops);
  }

  private activity(key: string, what: string): QueueActivity {
    const found = this.activities.get(key) ?? new QueueActivity(this.log, what);
    this.activities.set(key, found);
    return found;
  }

  /** Traces the fill of the rings. Call it after the guest has used them too. */
  observeRings(): void {
    const { rxQueues, txQueues } = this.device.inspect.negotiated;
    const before = this.filledRings;
    this.filledRings = new Map();
    for (let queue = 0; queue < rxQueues; queue++) this.sampleRings('rx', queue, ['rx', 'free']);
    for (let queue = 0; queue < txQueues; queue++) this.sampleRings('tx', queue, ['tx', 'alloc']);
    // A viewer shows a value until the next one, so rings out of use or left on another node get a last sample of 0.
    for (const [key, { track, name, values }] of before)
      if (!this.filledRings.has(key))
        this.log.sample(track, name, Object.fromEntries(Object.keys(values).map((ring) => [ring, 0])));
  }

  private sampleRings(kind: 'rx' | 'tx', queue: number, rings: readonly Ring[]): void {
    const track = this.track(` ${kind} ${queue}`);
    const name = `${track.thread} filled`;
    const fills = rings.map((ring) => [ring, this.filled(ring, queue)] as const);
    const values = Object.fromEntries(fills.filter((fill): fill is [Ring, number] => fill[1] !== null));
    this.filledRings.set(JSON.stringify([track.process, name]), { track, name, values });
    this.log.sample(track, name, values);
  }

  /** Number of entries on a ring; null where its indices are out of range. */
  private filled(ring: Ring, queue: number): number | null {
    const { host } = this.device.inspect;
    const slots = host.settings.fifoSlots[ring];
    const base = host.fifoAddress(ring, queue);
    const [read, write] = asHost(() => [loadFifoRead(base), loadFifoWrite(base)] as const);
    return read >= slots || write >= slots ? null : (write - read + slots) % slots;
  }

  /** Ends all open spans, because the device is removed. Pending requests stay without an answer. */
  end(): void {
    for (const activity of this.activities.values()) activity.end();
    for (const span of this.open.values()) span.end({ answer: 'none' });
    this.open.clear();
  }
}
