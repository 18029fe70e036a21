import type { PortEventEntry } from '../../driver';
import { ErrnoError } from '../../shared/errors';
import type { AppPort, AppPortSettings } from '../api/bench';
import type { PortAccount } from '../api/result';
import { portAccounts } from '../traffic/portAccounts';
import type { GuestWorkers } from './guestWorkers';
import type { HostOperations } from './hostOperations';
import type { OpenedPort, PortReading } from './roles/control';
import type { PortCounts } from './traffic/messages';
import type { SilenceReading } from './traffic/silence';
import type { RemoteOperations } from './workerGroup';

const POOL_MBUFS = 4_096;
const HEADROOM_BYTES = 128;
const MIN_ROOM_BYTES = 2_048;
/** Ethernet header, VLAN tag and CRC. */
const FRAME_OVERHEAD_BYTES = 22;

/** Instance and network of a port, and the threads of both sides. */
export interface PortContext {
  readonly instance: string;
  readonly network: string;
  /** Arena address of its PCI function. */
  readonly base: number;
  readonly workers: GuestWorkers;
  readonly host: RemoteOperations<HostOperations>;
}

function sum(counts: readonly PortCounts[], field: keyof PortCounts): number {
  return counts.reduce((total, one) => total + one[field], 0);
}

/** One AVP port of an instance. Its control thread opens and closes it, its queue threads poll it. */
export class ThreadsPort implements AppPort {
  readonly name: string;
  readonly network: string;
  readonly mac: Uint8Array;
  readonly rxQueues: number;
  readonly txQueues: number;
  readonly workers: GuestWorkers;
  private readonly opened: OpenedPort;
  /** Last counts of the queue threads, once they have left the port; null before. */
  private lastCounts: readonly PortCounts[] | null = null;
  /** Reading and accounts at the time of `close`: a closed port has no statistics. */
  private final: { readonly reading: PortReading; readonly accounts: readonly PortAccount[] } | null = null;

  /** Opens the port and starts polling its queues. @throws ErrnoError */
  constructor(
    private readonly context: PortContext,
    settings: AppPortSettings,
  ) {
    const { promiscuous = false, rxQueues = 1, txQueues = 1, ...rest } = settings;
    const { instance, network, base, workers } = context;
    this.name = `${instance}/${network}`;
    this.network = network;
    this.rxQueues = rxQueues;
    this.txQueues = txQueues;
    this.workers = workers;
    const dataRoomBytes = HEADROOM_BYTES + Math.max(MIN_ROOM_BYTES, (settings.mtu ?? 0) + FRAME_OVERHEAD_BYTES);
    const config = { rxQueues, txQueues, ...rest };
    const request = { config, promiscuous, mbufs: POOL_MBUFS, dataRoomBytes, label: this.name };
    this.opened = workers.control.operations.open(base, request);
    this.mac = this.opened.mac;
    workers.handler.operations.serve(this.address, base);
    const { pool, silence } = this.opened;
    workers.queues.forEach(({ operations }, queue) =>
      operations.serve({ address: this.address, pool, silence, receives: queue < rxQueues, sends: queue < txQueues }),
    );
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
    const { total, hostPool, alloc, tx, rx, free } = this.context.host.buffers(this.context.instance, this.network);
    return total - hostPool - alloc - tx - rx - free + this.mbufsInUse;
  }

  get foreign(): number {
    return sum(this.counts(), 'foreign');
  }

  get queuePackets(): number[] {
    return this.reading().stats.rx.map(({ packets }) => packets);
  }

  get fifoPackets(): number[] {
    const { stats, rxQueues } = this.hostReading();
    return stats.queues.rx.slice(0, rxQueues);
  }

  /** Number of the driver's last event. */
  eventSequence(): number {
    return this.workers.control.operations.eventSequence(this.address);
  }

  /** The driver's events after that number. */
  eventsSince(sequence: number): readonly PortEventEntry[] {
    return this.workers.control.operations.eventsSince(this.address, sequence);
  }

  /** Reads when a packet last moved, and the longest time without one. */
  silence(): SilenceReading {
    return this.workers.control.operations.silence(this.address);
  }

  resetSilence(): void {
    this.workers.control.operations.resetSilence(this.address);
  }

  /** Counts of each of its queue threads. */
  counts(): readonly PortCounts[] {
    return this.lastCounts ?? this.workers.queues.map(({ operations }) => operations.counts(this.address));
  }

  accounts(): readonly PortAccount[] {
    return this.final?.accounts ?? this.accountsNow();
  }

  /**
   * Stops and closes the port while its queues are still being polled. Then their threads and the handler let go of
   * it, and the driver removes the device. Frames that the driver has not taken are given up.
   * @throws ErrnoError EBUSY where mbufs are still in use.
   */
  close(): void {
    if (!this.open) return;
    const { control, handler, queues } = this.workers;
    try {
      control.operations.stop(this.address);
    } catch (error) {
      // A host that refuses or is gone, or a detached port, must not prevent the application from closing.
      if (!(error instanceof ErrnoError)) throw error;
    }
    control.operations.close(this.address);
    handler.operations.leave(this.address);
    this.lastCounts = queues.map(({ operations }) => operations.leave(this.address));
    this.final = { reading: this.reading(), accounts: this.accountsNow() };
    control.operations.remove(this.address);
  }

  private reading(): PortReading {
    return this.final?.reading ?? this.workers.control.operations.read(this.address);
  }

  private hostReading(): ReturnType<HostOperations['nic']> {
    return this.context.host.nic(this.context.instance, this.network);
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
