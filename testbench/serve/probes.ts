import { readBytes } from '#mem';
import type { FrameSink } from '../../emulator';
import { type Arrival, type TrafficReport, TrafficOracle } from '../traffic/trafficOracle';
import { FrameSource } from '../traffic/frameSource';
import type { Clock } from '../../shared/clock';
import { MAC_BYTES, parseMac } from '../../shared/ethernet';
import type { FrameBytes } from '../api/traffic';
import { probeFlow, probeFrame, type ProbeFlow } from '../traffic/probeFrame';

const MS_PER_S = 1_000;
/** Largest number of frames sent at once. Frames beyond it, due after a long pause, are skipped. */
const MAX_BURST = 256;
const MAX_FRAME_BYTES = 65_535;

/** Source address of probes, which no NIC has. */
const TESTER_MAC = parseMac('02:41:56:50:00:01');

/** One NIC's stream of probe frames. */
export class ProbeStream {
  private dueSinceMs: number;
  private sentSince = 0;

  constructor(
    readonly flow: ProbeFlow,
    private readonly perSecond: number,
    private readonly clock: Clock,
  ) {
    this.dueSinceMs = clock.nowMs();
  }

  /** Returns the number of frames that are due now, and counts them as sent. */
  takeDue(): number {
    const nowMs = this.clock.nowMs();
    const due = Math.floor(((nowMs - this.dueSinceMs) * this.perSecond) / MS_PER_S) - this.sentSince;
    if (due <= MAX_BURST) {
      this.sentSince += due;
      return due;
    }
    this.dueSinceMs = nowMs;
    this.sentSince = 0;
    return MAX_BURST;
  }
}

/**
 * Sends probe frames to guests that send back what they get, unchanged or with swapped addresses.
 * Compares what comes back, at any NIC, byte by byte.
 */
export class Probes {
  private readonly oracle = new TrafficOracle();
  private readonly source = new FrameSource('probes', MAX_FRAME_BYTES);
  private flows = 0;

  constructor(
    private readonly seed: number,
    private readonly clock: Clock,
  ) {}

  /** Makes a stream of probes to a NIC's address. @throws UsageError for a size out of range. */
  stream(mac: Uint8Array, perSecond: number, frameBytes: FrameBytes): ProbeStream {
    const flow = probeFlow({ id: this.flows, seed: this.seed, sourceMac: TESTER_MAC, destinationMac: mac, frameBytes });
    this.oracle.addFlows([flow]);
    this.flows++;
    return new ProbeStream(flow, perSecond, this.clock);
  }

  /** Sends the frames of a stream that are due. */
  send(stream: ProbeStream, to: FrameSink): void {
    const { flow } = stream;
    for (let left = stream.takeDue(); left > 0; left--)
      this.source.send(to, probeFrame(flow, this.oracle.nextSequence(flow.id)));
  }

  /** Judges a frame from a guest, with the host's rights. */
  judge(address: number, bytes: number): Arrival {
    const frame = readBytes(address, bytes);
    return this.oracle.judge(isTester(frame, 0) ? swapped(frame) : frame);
  }

  report(): Omit<TrafficReport, 'flows'> {
    const { flows: _flows, ...sums } = this.oracle.report();
    return sums;
  }

  destroy(): void {
    this.source.destroy();
  }
}

function isTester(frame: Uint8Array, offset: number): boolean {
  return TESTER_MAC.every((byte, index) => frame[offset + index] === byte);
}

/** Copies a frame with its two addresses swapped. */
function swapped(frame: Uint8Array): Uint8Array {
  const result = frame.slice();
  result.set(frame.subarray(MAC_BYTES, 2 * MAC_BYTES), 0);
  result.set(frame.subarray(0, MAC_BYTES), MAC_BYTES);
  return result;
}
