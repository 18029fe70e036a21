import { BurstTable, mbufFreeBulk, type Port } from '../../driver';
import { MAX_BURST } from '../../shared/loops/layout';
import type { Application, ApplicationRun } from './application';
import { Scavenges } from '../runtime/scavenges';
import type { StartedGuest } from './startedGuest';

/** Rounds between two looks at the clock of the run, where there is one queue; fewer rounds where there are more. */
const BURSTS_BETWEEN_LOOKS = 256;
const CLOCK_READS = 20_000;
const NS_PER_MS = 1e6;

/** Returns what one look at the clock costs at present: each burst is timed with two, and contains one. */
function clockMs(): number {
  const startMs = performance.now();
  let endMs = startMs;
  for (let read = 0; read < CLOCK_READS; read++) endMs = performance.now();
  return (endMs - startMs) / CLOCK_READS;
}

/** An application on our driver, in this thread. It works like testpmd and is timed in the same way. */
export class OwnApplication implements Application {
  private readonly out = BurstTable.create(MAX_BURST);
  private readonly scavenges = new Scavenges();
  private busyMs = 0;
  private bursts = 0;
  private received = 0;
  private sent = 0;

  constructor(private readonly guest: StartedGuest) {}

  async run(io: boolean, burst: number, durationMs: number): Promise<ApplicationRun> {
    this.busyMs = this.bursts = this.received = this.sent = 0;
    this.scavenges.take();
    const totalMs = this.rounds(io, burst, durationMs);
    const scavenges = this.scavenges.take();
    const busyMs = this.busyMs - this.bursts * clockMs();
    return {
      busyNs: busyMs * NS_PER_MS,
      totalNs: totalMs * NS_PER_MS,
      received: this.received,
      sent: this.sent,
      bursts: this.bursts,
      scavenges,
    };
  }

  close(): void {
    this.scavenges.close();
    this.out.release();
  }

  /** Returns the time that went by, in milliseconds. */
  private rounds(io: boolean, burst: number, durationMs: number): number {
    const { ports, queues } = this.guest;
    const rounds = Math.ceil(BURSTS_BETWEEN_LOOKS / (ports.length * queues));
    const startMs = performance.now();
    let endMs = startMs;
    for (; endMs - startMs < durationMs; endMs = performance.now())
      for (let round = 0; round < rounds; round++)
        for (let port = 0; port < ports.length; port++)
          for (let queue = 0; queue < queues; queue++) this.timed(ports[port]!, queue, io, burst);
    return endMs - startMs;
  }

  private timed(port: Port, queue: number, io: boolean, burst: number): void {
    const startMs = performance.now();
    const received = port.rxBurst(queue, this.out, burst);
    if (received === 0) return;
    const sent = io ? port.txBurst(queue, this.out, received) : 0;
    mbufFreeBulk(this.out, received - sent, sent);
    this.busyMs += performance.now() - startMs;
    this.bursts++;
    this.received += received;
    this.sent += sent;
  }
}
