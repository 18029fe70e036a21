import { mbufFree } from '../../driver';
import { onCpu } from '../runtime/affinity';
import { CHost, SINK, SOURCE } from './cHost';
import { BURST, type DriverCase, type DriverOptions, type MeasuredDriver, type StepCost } from './cases';
import { endGuest, startGuest, type StartedGuest } from './startedGuest';

/** Rounds between two looks at the clock. */
const ROUNDS = 256;
const NS_PER_MS = 1e6;
const CLOCK_READS = 20_000;

/** Returns what one look at the clock costs at present: each burst is timed with two, and contains one. */
function clockMs(): number {
  const startMs = performance.now();
  let endMs = startMs;
  for (let read = 0; read < CLOCK_READS; read++) endMs = performance.now();
  return (endMs - startMs) / CLOCK_READS;
}

/**
 * Our driver in this thread, on a device that the C host serves from another thread. Its
 * applications work like testpmd's and are timed in the same way.
 */
export class OwnDriver implements MeasuredDriver {
  private readonly out = new Uint32Array(BURST);
  private busyMs = 0;
  private bursts = 0;
  private received = 0;
  private sent = 0;

  private constructor(
    private readonly options: DriverOptions,
    private readonly guest: StartedGuest,
    private readonly c: CHost,
  ) {}

  static open(options: DriverOptions): OwnDriver {
    const guest = startGuest(options.shape, options.seed);
    return new OwnDriver(options, guest, CHost.open(options.libraries.hostLoop, guest.device));
  }

  async measure({ loop }: DriverCase, frame: Uint8Array, durationMs: number): Promise<StepCost> {
    const { host, guest } = this.options.cpus;
    const io = loop === 'io';
    const run = this.c.start({ mode: io ? SOURCE + SINK : SOURCE, frame, cpu: host });
    this.busyMs = this.bursts = this.received = this.sent = 0;
    try {
      await onCpu(guest, () => {
        for (const endMs = performance.now() + durationMs; performance.now() < endMs;)
          for (let round = 0; round < ROUNDS; round++) this.timed(io);
      });
    } finally {
      await run.stop();
    }
    const busyMs = this.busyMs - this.bursts * clockMs();
    return { nsPerPacket: (busyMs * NS_PER_MS) / this.received, sentShare: this.sent / this.received };
  }

  private timed(io: boolean): void {
    const startMs = performance.now();
    const received = this.guest.port.rxBurst(0, this.out, BURST);
    if (received === 0) return;
    const sent = io ? this.guest.port.txBurst(0, this.out, received) : 0;
    for (let i = sent; i < received; i++) mbufFree(this.out[i]!);
    this.busyMs += performance.now() - startMs;
    this.bursts++;
    this.received += received;
    this.sent += sent;
  }

  async close(): Promise<void> {
    this.c.close();
    endGuest(this.guest);
  }
}
