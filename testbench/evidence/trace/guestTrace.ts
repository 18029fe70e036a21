import { loadAcquire32 } from '#mem';
import type { Port } from '../../../driver';
import { hex } from '../../../shared/hex';
import { BAR_MMIO, REG_INTERRUPT_MASK, REG_MIGRATION_ACK } from '../../../shared/loops/layout';
import type { PciFunction } from '../../../shared/pci';
import { PCI_FUNCTION_INTERRUPT_PENDING } from '../../../shared/loops/records';
import { nonZero } from '../../api/result';
import { QueueActivity } from './queueActivity';
import type { TraceArgs, Track } from './traceRecord';
import { statusText } from './hostTrace';
import type { OpenSpan, TraceLog } from './traceLog';

const DROP = /^(rx|tx)_q(\d+)_((?:dropped|filtered|refused)_.*|no_mbuf)$/;

/** Traces a port from the guest's side: registers that the driver writes, its events, and its queues. */
export class GuestTrace {
  private readonly activities = new Map<string, QueueActivity>();
  private mask = 0;
  private ack = 0;
  private pending = false;
  /** Sequence number of the last traced event. */
  private seen = 0;
  private detached: OpenSpan | null = null;

  /** @param name name of the NIC, `INSTANCE/NETWORK`. */
  constructor(
    private readonly log: TraceLog,
    private readonly pci: PciFunction,
    private readonly driver: Port,
    private readonly name: string,
  ) {}

  private track(queue = ''): Track {
    const [instance = '', ...network] = this.name.split('/');
    return { process: `guest ${instance}`, thread: `${network.join('/')}${queue}` };
  }

  note(what: string, args: TraceArgs = {}): void {
    this.log.instant(this.track(), what, args);
  }

  /** Begins the span of a control operation. */
  operation(what: string): OpenSpan {
    return this.log.begin(this.track(), what);
  }

  /** Traces changes. Call it between a round of the host and a round of the guest, while the port exists. */
  observe(): void {
    if (this.pci.present) this.observeRegisters();
    this.observeEvents();
    const { rx, tx } = this.driver.statsGet();
    rx.forEach(({ packets }, queue) => this.packets('rx', queue, packets));
    tx.forEach(({ packets }, queue) => this.packets('tx', queue, packets));
    this.observeDrops();
  }

  private observeRegisters(): void {
    const mask = this.pci.read32(BAR_MMIO, REG_INTERRUPT_MASK);
    const ack = this.pci.read32(BAR_MMIO, REG_MIGRATION_ACK);
    const pending = loadAcquire32(this.pci.base + PCI_FUNCTION_INTERRUPT_PENDING) !== 0;
    if (mask !== this.mask) this.note(`interrupt mask = ${hex(mask)}`);
    if (ack !== this.ack) this.note(`migration ack = ${statusText(ack)}`);
    if (pending !== this.pending) this.note(pending ? 'interrupt raised' : 'interrupt taken');
    this.mask = mask;
    this.ack = ack;
    this.pending = pending;
  }

  /** Traces the events that the driver reports to its application. */
  private observeEvents(): void {
    for (const { sequence, event, detail } of this.driver.eventsSince(this.seen)) {
      this.seen = sequence;
      const { lostFeatures = [], ...rest } = detail;
      this.note(event, lostFeatures.length === 0 ? rest : { ...rest, lostFeatures: lostFeatures.join(', ') });
    }
    if (this.driver.detached) this.detached ??= this.log.begin(this.track(' detached'), 'detached');
    else this.attached();
  }

  private attached(): void {
    this.detached?.end();
    this.detached = null;
  }

  private packets(kind: 'rx' | 'tx', queue: number, packets: number): void {
    const track = this.track(` ${kind} ${queue}`);
    const activity =
      this.activities.get(track.thread) ?? new QueueActivity(this.log, kind === 'rx' ? 'receives' : 'sends');
    this.activities.set(track.thread, activity);
    activity.look(track, packets);
    this.log.sample(track, `${track.thread} packets`, { packets });
  }

  private observeDrops(): void {
    const queues = new Map<string, Record<string, number>>();
    for (const [name, count] of Object.entries(nonZero(this.driver.xstatsGet()))) {
      const [, kind, queue, cause] = DROP.exec(name) ?? [];
      if (cause === undefined) continue;
      const key = ` ${kind} ${queue}`;
      queues.set(key, { ...queues.get(key), [cause]: count });
    }
    for (const [queue, causes] of queues)
      this.log.sample(this.track(queue), `${this.track(queue).thread} dropped`, causes);
  }

  /** Ends all open spans, because the port is removed. */
  end(): void {
    for (const activity of this.activities.values()) activity.end();
    this.attached();
  }
}
