import { loadAcquire32 } from '#mem';
import type { Port } from '../../../driver';
import { BAR_MMIO, REG_INTERRUPT_MASK, REG_MIGRATION_ACK } from '../../../shared/loops/layout';
import type { PciFunction } from '../../../shared/pci';
import { PCI_FUNCTION_INTERRUPT_PENDING } from '../../../shared/loops/records';
import { hex } from '../deviceWatch';
import { nonZero } from '../../api/result';
import { Activity } from './queueActivity';
import type { TraceArgs, Track } from './traceRecord';
import { statusText } from './hostTrace';
import type { OpenSpan, TraceLog } from './traceLog';

const DROP = /^(rx|tx)_q(\d+)_((?:dropped|filtered|refused)_.*|no_mbuf)$/;

/** Follows a port from the guest's side, in any of its threads: what its driver writes and does, and its queues. */
export class GuestTrace {
  private readonly activities = new Map<string, Activity>();
  private mask = 0;
  private ack = 0;
  private pending = false;
  /** Number of the last event that was shown. */
  private seen = 0;
  private detached: OpenSpan | null = null;

  /** @param name of the NIC, `INSTANCE/NETWORK`. */
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

  /** A control operation of the driver begins. */
  operation(what: string): OpenSpan {
    return this.log.begin(this.track(), what);
  }

  /** To be called between a round of the host and one of the guest, as long as the port is there. */
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

  /** What the driver tells its application. */
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
    const activity = this.activities.get(track.thread) ?? new Activity(this.log, kind === 'rx' ? 'receives' : 'sends');
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

  /** The port goes. */
  end(): void {
    for (const activity of this.activities.values()) activity.end();
    this.attached();
  }
}
