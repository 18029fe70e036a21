import { onCpu } from '../runtime/affinity';
import { BURST, type DriverCase, type DriverOptions, type MeasuredDriver, type StepCost } from './cases';
import { CGuest } from './cGuest';
import { CHost, SINK, SOURCE } from './cHost';
import { endGuest, startGuest, type StartedGuest } from './startedGuest';

/** The bare C loop in this thread, on a device that the C host serves from another thread. */
export class CDriver implements MeasuredDriver {
  private constructor(
    private readonly options: DriverOptions,
    private readonly guest: StartedGuest,
    private readonly c: CGuest,
    private readonly host: CHost,
  ) {}

  static open(options: DriverOptions): CDriver {
    const { hostLoop, driverLoop } = options.libraries;
    const guest = startGuest(options.shape, options.seed);
    const c = CGuest.open(driverLoop, guest);
    return new CDriver(options, guest, c, CHost.open(hostLoop, guest.device));
  }

  async measure({ loop }: DriverCase, frame: Uint8Array, durationMs: number): Promise<StepCost> {
    const { host, guest } = this.options.cpus;
    const io = loop === 'io';
    const run = this.host.start({ mode: io ? SOURCE + SINK : SOURCE, frame, cpu: host });
    try {
      const { busyNs, received, sent } = await onCpu(guest, () => this.c.run(io, BURST, durationMs));
      return { nsPerPacket: busyNs / received, sentShare: sent / received };
    } finally {
      await run.stop();
    }
  }

  async close(): Promise<void> {
    this.host.close();
    this.c.close();
    endGuest(this.guest);
  }
}
