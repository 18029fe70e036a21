import type { Port, PortEvent, PortEventDetail } from '../../driver';
import { Silence } from './silence';

/** What the driver told the application. */
export interface AppEvent extends PortEventDetail {
  readonly atMs: number;
  readonly event: PortEvent;
}

/** What an application notes of its port besides frames: when packets move, and what the driver tells. */
export class PortWatch {
  readonly events: AppEvent[] = [];
  private readonly silences = new Set<Silence>();
  /** Number of the last event that was heard. */
  private sequence: number;
  private lastMovedMs: number | null = null;

  constructor(private readonly driver: Port) {
    this.sequence = driver.eventSequence;
  }

  private get nowMs(): number {
    return this.driver.platform.clock.nowMs();
  }

  /** A packet has moved. */
  beat(): void {
    this.lastMovedMs = this.nowMs;
    for (const silence of this.silences) {
      silence.beat(this.lastMovedMs);
      if (silence.broken) this.silences.delete(silence);
    }
  }

  /** Asks the driver what is new. */
  hear(): void {
    for (const { sequence, event, detail } of this.driver.eventsSince(this.sequence)) {
      this.sequence = sequence;
      this.events.push({ atMs: this.nowMs, event, ...detail });
    }
  }

  silence(): Silence {
    const silence = new Silence(this.lastMovedMs ?? this.nowMs);
    this.silences.add(silence);
    return silence;
  }
}
