import { onCpu } from '../runtime/affinity';
import type { Application } from './application';
import {
  CIRCLING_FRAMES,
  EMPTYING_ROUNDS,
  SPREADING_MS,
  type DriverCase,
  type DriverOptions,
  type MeasuredDriver,
  type RunCost,
} from './cases';
import { CGuest } from './cGuest';
import { C_HOST_BURST, CHost, REFLECT, SINK, SOURCE } from './cHost';
import { OwnApplication } from './ownApplication';
import { endGuest, startGuest, type StartedGuest } from './startedGuest';

const EMPTYING_MS = 2;

/** A driver in this thread, on devices that the C host serves from another thread. */
export class InProcessDriver implements MeasuredDriver {
  private constructor(
    private readonly options: DriverOptions,
    private readonly guest: StartedGuest,
    private readonly application: Application,
    private readonly host: CHost,
  ) {}

  private static open(options: DriverOptions, applicationOn: (guest: StartedGuest) => Application): InProcessDriver {
    const guest = startGuest(options);
    const application = applicationOn(guest);
    const host = CHost.open(options.libraries.hostLoop, ...guest.devices);
    return new InProcessDriver(options, guest, application, host);
  }

  /** Our driver. */
  static ours(options: DriverOptions): InProcessDriver {
    return InProcessDriver.open(options, (guest) => new OwnApplication(guest));
  }

  /** The bare loop in C. */
  static inC(options: DriverOptions): InProcessDriver {
    return InProcessDriver.open(options, (guest) => CGuest.open(options.libraries.driverLoop, guest));
  }

  async measure({ loop, burst }: DriverCase, frame: Uint8Array, durationMs: number): Promise<RunCost> {
    if (loop === 'circle') return this.circle(burst, frame, durationMs);
    const io = loop === 'io';
    const mode = io ? SOURCE + SINK : SOURCE;
    const { busyNs, received, sent, bursts, scavenges } = await this.beside(mode, frame, () =>
      this.application.run(io, burst, durationMs),
    );
    return { nsPerPacket: busyNs / received, sentShare: sent / received, packets: received, bursts, scavenges };
  }

  private async circle(burst: number, frame: Uint8Array, durationMs: number): Promise<RunCost> {
    await this.empty(burst);
    this.host.run({ mode: SOURCE, frame, rounds: CIRCLING_FRAMES / C_HOST_BURST });
    const { totalNs, received, sent, bursts, scavenges } = await this.beside(REFLECT, frame, async () => {
      await this.application.run(true, burst, SPREADING_MS);
      return this.application.run(true, burst, durationMs);
    });
    await this.empty(burst);
    return { nsPerPacket: totalNs / received, sentShare: sent / received, packets: received, bursts, scavenges };
  }

  /** Runs `work` on the guest's CPU while the host serves on its own. */
  private async beside<T>(mode: number, frame: Uint8Array, work: () => Promise<T>): Promise<T> {
    const { host, guest } = this.options.cpus;
    const run = this.host.start({ mode, frame, cpu: host });
    try {
      return await onCpu(guest, work);
    } finally {
      await run.stop();
    }
  }

  /** Drops whatever is on the rings. */
  private async empty(burst: number): Promise<void> {
    this.host.run({ mode: SINK, rounds: EMPTYING_ROUNDS });
    await this.application.run(false, burst, EMPTYING_MS);
    this.host.run({ mode: SINK, rounds: EMPTYING_ROUNDS });
  }

  async close(): Promise<void> {
    this.host.close();
    this.application.close();
    endGuest(this.guest);
  }
}
