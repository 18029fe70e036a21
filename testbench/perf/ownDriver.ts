import { avpDriver, mbufFree, Mempool, type Port } from '../../driver';
import { ComputeNode } from '../../emulator';
import { VirtualClock } from '../../shared/clock';
import { onCpu } from '../runtime/affinity';
import { CHost, SINK, SOURCE } from './cHost';
import { BURST, type DriverCase, type DriverOptions, type MeasuredDriver, settingsFor, type StepCost } from './cases';

const MBUFS = 16_384;
/** Rounds between two looks at the clock. */
const ROUNDS = 256;
const NS_PER_MS = 1e6;

/**
 * Our driver in this thread, on a device that the C host serves from another thread. Its
 * applications work like testpmd's and are timed in the same way.
 */
export class OwnDriver implements MeasuredDriver {
  private readonly out = new Uint32Array(BURST);
  private busyMs = 0;
  private received = 0;
  private sent = 0;

  private constructor(
    private readonly options: DriverOptions,
    private readonly node: ComputeNode,
    private readonly pool: Mempool,
    private readonly port: Port,
    private readonly c: CHost,
  ) {}

  static open(options: DriverOptions): OwnDriver {
    const { shape, seed, library } = options;
    const node = new ComputeNode({ name: 'node', clock: new VirtualClock(), seed, deviceDefaults: settingsFor(shape) });
    const instance = node.boot('vm', ['net-id=A,vif-model=avp'], { drivers: [avpDriver] });
    const nic = instance.nics[0]!;
    const port = instance.portOf(nic, avpDriver)!;
    const pool = Mempool.create({ mbufs: MBUFS, label: 'perf' });
    port.configure({ rxQueues: 1, txQueues: 1 });
    port.rxQueueSetup(0, { mempool: pool });
    port.txQueueSetup(0);
    port.start();
    // As testpmd does.
    port.promiscuousEnable();
    return new OwnDriver(options, node, pool, port, CHost.open(library, nic.device!));
  }

  async measure({ loop }: DriverCase, frame: Uint8Array, durationMs: number): Promise<StepCost> {
    const { host, guest } = this.options.cpus;
    const io = loop === 'io';
    const run = this.c.start({ mode: io ? SOURCE + SINK : SOURCE, frame, cpu: host });
    this.busyMs = this.received = this.sent = 0;
    try {
      await onCpu(guest, () => {
        for (const endMs = performance.now() + durationMs; performance.now() < endMs;)
          for (let round = 0; round < ROUNDS; round++) this.timed(io);
      });
    } finally {
      await run.stop();
    }
    return { nsPerPacket: (this.busyMs * NS_PER_MS) / this.received, sentShare: this.sent / this.received };
  }

  private timed(io: boolean): void {
    const startMs = performance.now();
    const received = this.port.rxBurst(0, this.out, BURST);
    if (received === 0) return;
    const sent = io ? this.port.txBurst(0, this.out, received) : 0;
    for (let i = sent; i < received; i++) mbufFree(this.out[i]!);
    this.busyMs += performance.now() - startMs;
    this.received += received;
    this.sent += sent;
  }

  async close(): Promise<void> {
    this.c.close();
    this.node.shutdown();
    this.pool.release();
  }
}
