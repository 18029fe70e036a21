import { Recorder, type SwitchPort } from '../../emulator';
import type { Clock } from '../../shared/clock';
import { WireLog, type WireRecord } from '../targets/wireLog';

/** More events than any scenario that people read has; of a longer one the beginning and the end. */
const MAX_EVENTS = 20_000;

/** What is kept of a run, to explain its failure. Plain data that one thread can send to another. */
export interface Evidence {
  /** A pcapng file of every port. */
  readonly pcap: Uint8Array;
  readonly wire: WireRecord;
}

/** Collects everything that a failure is explained with: what crossed every port, and the events. */
export class EvidenceLog {
  readonly log = new WireLog({ frames: 0, frameBytes: 0, events: MAX_EVENTS });
  private readonly recorder: Recorder;

  constructor(clock: Clock) {
    this.log.timeBy(() => Number(clock.nowNs()));
    this.recorder = new Recorder({ clock });
  }

  record(port: SwitchPort, name: string): void {
    this.recorder.record(port, name);
  }

  kept(): Evidence {
    return { pcap: this.recorder.toBytes(), wire: this.log.record() };
  }

  stop(): void {
    this.recorder.stop();
  }
}
