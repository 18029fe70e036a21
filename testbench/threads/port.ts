import type { AppPort, AppPortSettings } from '../api/bench';
import { portAccounts } from '../traffic/portAccounts';
import { ErrnoError } from '../../shared/errors';
import { formatMac } from '../../shared/ethernet';
import type { PortAccount } from '../api/result';
import type { Remote } from './workerGroup';
import type { OpenedPort, PortReading } from './roles/control';
import type { GuestThreads } from './guestWorkers';
import type { HostOperations } from './hostOperations';
import type { PortCounts } from './traffic/messages';
import type { PulseReading } from './traffic/silence';

const POOL_MBUFS = 4_096;
const HEADROOM_BYTES = 128;
const LEAST_ROOM_BYTES = 2_048;
const FRAME_OVERHEAD_BYTES = 22;

/** Where a port stands: its instance, its network, and the threads of both sides. */
export interface PortPlace {
  readonly instance: string;
  readonly network: string;
  /** Arena address of its PCI function. */
  readonly base: number;
  readonly threads: GuestThreads;
  readonly host: Remote<HostOperations>;
}

function sum(counts: readonly PortCounts[], field: keyof PortCounts): number {
  return counts.reduce((total, one) => total + one[field], 0);
}

/** One AVP port of an instance: opened and closed by its control thread, polled by its queue threads. */
export class ThreadsPort implements AppPort {
  readonly name: string;
  readonly network: string;
  readonly mac: Uint8Array;
  readonly rxQueues: number;
  readonly txQueues: number;
  private readonly opened: OpenedPort;
  /** What the queue threads counted, once they have let go of it. */
  private left: readonly PortCounts[] | null = null;
  /** What became of its frames, and what it held last, once it is closed and can't be asked any more. */
  private final: { readonly reading: PortReading; readonly accounts: readonly PortAccount[] } | null = null;

  /** Has it opened and polled. @throws ErrnoError */
  constructor(
    readonly place: PortPlace,
    settings: AppPortSettings,
  ) {
    const { promiscuous = false, rxQueues = 1, txQueues = 1, ...rest } = settings;
    const { instance, network, base, threads } = place;
    this.name = `${instance}/${network}`;
    this.network = network;
    this.rxQueues = rxQueues;
    this.txQueues = txQueues;
    const dataRoomBytes = HEADROOM_BYTES + Math.max(LEAST_ROOM_BYTES, (settings.mtu ?? 0) + FRAME_OVERHEAD_BYTES);
    const config = { rxQueues, txQueues, ...rest };
    const order = { config, promiscuous, mbufs: POOL_MBUFS, dataRoomBytes, label: this.name };
    this.opened = threads.control.operations.open(base, order);
    this.mac = this.opened.mac;
    threads.handler.operations.serve(this.address, base);
    const { port, pool, pulse } = this.opened;
    threads.queues.forEach((thread, queue) =>
      thread.operations.serve({ port, pool, pulse, receives: queue < rxQueues, sends: queue < txQueues }),
    );
  }

  get macText(): string {
    return formatMac(this.mac);
  }

  /** Arena address of the driver's record. */
  get address(): number {
    return this.opened.port;
  }

  get open(): boolean {
    return this.final === null;
  }

  get mbufsInUse(): number {
    return this.reading().mbufsInUse;
  }

  get leakedBuffers(): number {
    if (!this.open) return this.mbufsInUse;
    const { total, hostPool, alloc, tx, rx, free } = this.place.host.buffers(this.place.instance, this.network);
    return total - hostPool - alloc - tx - rx - free + this.mbufsInUse;
  }

  get foreign(): number {
    return sum(this.counts(), 'foreign');
  }

  get linkUp(): boolean {
    return this.reading().linkUp;
  }

  get queuePackets(): number[] {
    return this.reading().stats.rx.map(({ packets }) => packets);
  }

  get fifoPackets(): number[] {
    const { stats, rxQueues } = this.hostReading();
    return stats.queues.rx.slice(0, rxQueues);
  }

  /** When packets moved, and how long none did. */
  pulse(): PulseReading {
    return this.place.threads.control.operations.pulse(this.address);
  }

  restartPulse(): void {
    this.place.threads.control.operations.restartPulse(this.address);
  }

  /** What each of its queue threads has moved. */
  counts(): readonly PortCounts[] {
    return this.left ?? this.place.threads.queues.map((thread) => thread.operations.counts(this.address));
  }

  accounts(): readonly PortAccount[] {
    return this.final?.accounts ?? this.accountsNow();
  }

  /**
   * Stops and closes the port while its queues are still being polled; then their threads and the
   * handler let go of it, and the driver of the device. Frames that the driver has not taken are
   * given up. @throws ErrnoError EBUSY where mbufs are somebody's still.
   */
  close(): void {
    if (!this.open) return;
    const { control, handler, queues } = this.place.threads;
    try {
      control.operations.stop(this.address);
    } catch (error) {
      // A host that refuses or is gone, or a port that is detached, does not keep the application from closing.
      if (!(error instanceof ErrnoError)) throw error;
    }
    control.operations.close(this.address);
    handler.operations.leave(this.address);
    this.left = queues.map((thread) => thread.operations.leave(this.address));
    this.final = { reading: this.reading(), accounts: this.accountsNow() };
    control.operations.remove(this.address);
  }

  private reading(): PortReading {
    return this.final?.reading ?? this.place.threads.control.operations.read(this.address);
  }

  private hostReading(): ReturnType<HostOperations['nic']> {
    return this.place.host.nic(this.place.instance, this.network);
  }

  private accountsNow(): PortAccount[] {
    const { stats, refused } = this.hostReading();
    const { xstats } = this.reading();
    const counts = this.counts();
    const app = {
      received: sum(counts, 'received'),
      offered: sum(counts, 'offered'),
      noMbuf: sum(counts, 'noMbuf'),
      unsent: sum(counts, 'unsent'),
    };
    return portAccounts(this.name, { stats, refused }, xstats, app);
  }
}
