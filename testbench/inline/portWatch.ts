import type { Port, PortEvent, PortEventDetail } from '../../driver';
import { Silence } from './silence';

/** An event of the driver, with the time at which the application read it. */
export interface AppEvent extends PortEventDetail {
  /** Virtual time at which the application read the event, in milliseconds. */
  readonly atMs: number;
  /** Name of the event. */
  readonly event: PortEvent;
}

/** Records when packets move at a port, and the driver's events, for its application. */
export class PortWatch {
  readonly events: AppEvent[] = [];
  private readonly silences = new Set<Silence>();
  /** Number of the last event that was read. */
  private sequence: number;
  private lastMovedMs: number | null = null;

  constructor(private readonly driver: Port) {
    this.sequence = driver.eventSequence;
  }

  private get nowMs(): number {
    return this.driver.platform.clock.nowMs();
  }

  /** Call it when a packet has moved. */
  packetMoved(): void {
    this.lastMovedMs = this.nowMs;
    for (const silence of this.silences) {
      silence.packetMoved(this.lastMovedMs);
      if (silence.broken) this.silences.delete(silence);
    }
  }

  /** Reads the driver's new events. */
  readEvents(): void {
    for (const { sequence, event, detail } of this.driver.eventsSince(this.sequence)) {
      this.sequence = sequence;
      this.events.push({ atMs: this.nowMs, event, ...detail });
    }
  }

  /** Starts measuring the longest time without a packet, from the last packet that moved. */
  measureSilence(): Silence {
    const silence = new Silence(this.lastMovedMs ?? this.nowMs);
    this.silences.add(silence);
    return silence;
  }
}
