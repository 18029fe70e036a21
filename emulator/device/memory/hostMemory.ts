import { protect } from '#mem';
import { allocate, release } from '../../../shared/arena';
import { fifoInit, fifoOpen } from '../../../shared/loops/fifo';
import { FIFO_BYTES, FIFO_READ, FIFO_WRITE } from '../../../shared/loops/layout';
import { DRIVER_READ, DRIVER_WRITE, HOST_ONLY, HOST_READ } from '../../../shared/loops/rights';
import type { Random } from '../../../shared/random';
import { fillHostPort, hostBlock, type HostBlock } from './hostBlock';
import {
  bufferStride,
  fifoCount,
  fifoStride,
  poolBytes,
  type FifoKind,
  type QueueFifo,
  type RunName,
} from './memoryRuns';
import type { MemoryPlan, PlacedRun } from './memoryPlan';
import {
  HOST_PORT_REQ,
  HOST_PORT_RESP,
  HOST_RX_QUEUE_BYTES,
  HOST_RX_QUEUE_FREE,
  HOST_RX_QUEUE_RX,
  HOST_TX_QUEUE_ALLOC,
  HOST_TX_QUEUE_BYTES,
  HOST_TX_QUEUE_TX,
  loadHostPortRingRights,
  RINGS_GRANTED,
  RINGS_HEADERS,
  storeHostPortRingRights,
} from '../loops/records';
import { brokenCanaries, buildPools, type BrokenCanary } from './packetPools';
import type { AvpDeviceSettings } from '../settings';

/** FIFOs that the guest produces into (section 6). */
const FROM_GUEST: ReadonlySet<FifoKind> = new Set<FifoKind>(['tx', 'free', 'req']);

/** Host and guest read, the guest alone writes. */
const GUESTS_WORD = HOST_READ | DRIVER_READ | DRIVER_WRITE;
/** Host and guest read, the host alone writes. */
const HOSTS_WORD = HOST_ONLY | DRIVER_READ;

/** True for the FIFOs that belong to a queue: not for req and resp. */
export function isQueueFifo(kind: FifoKind): kind is QueueFifo {
  return kind !== 'req' && kind !== 'resp';
}

/**
 * Takes arena memory for a host's private records.
 * @throws ErrnoError ENOMEM where there is no room; nothing has changed then.
 */
export function allocateHost(settings: AvpDeviceSettings, label: string): number {
  return allocate(hostBlock(settings).bytes, { rights: HOST_ONLY, label: `${label} host` });
}

/**
 * The memory of one host behind a device: what BAR 2 exports, and the host's private records
 * of it. Another host brings another one (section 15); the PCI function outlives both.
 */
export class HostMemory {
  /** Told of each FIFO that is made empty after the host came; for records of a run. */
  onFifoInit: ((kind: FifoKind, queue: number) => void) | null = null;
  private readonly block: HostBlock;

  /**
   * @param port what `allocateHost` gave: arena address of `host_port`.
   * @param bar arena address of BAR 2, `plan.barBytes` large, all zero and the host's own.
   * @param counters arena address of `port_counters`.
   */
  constructor(
    readonly settings: AvpDeviceSettings,
    readonly plan: MemoryPlan,
    readonly port: number,
    private readonly bar: number,
    counters: number,
    random: Random,
  ) {
    this.block = hostBlock(settings);
    fillHostPort(this, this.block, counters, random);
    buildPools(this, port + this.block.buffers, random);
    for (const { kind, queue } of this.fifos()) this.initFifo(kind, queue);
  }

  run(name: RunName): PlacedRun {
    return this.plan.runs.get(name)!;
  }

  /** Arena address of a run. */
  address(name: RunName): number {
    return this.bar + this.run(name).offset;
  }

  /** Arena address of a FIFO's header. */
  fifoAddress(kind: FifoKind, queue: number): number {
    return this.address(kind) + (isQueueFifo(kind) ? queue * fifoStride(this.settings, kind) : 0);
  }

  /** How many FIFOs of a kind exist. */
  fifoCount(kind: FifoKind): number {
    return isQueueFifo(kind) ? fifoCount(this.settings, kind) : 1;
  }

  /** Arena address of the host's private end of a FIFO. */
  fifoEnd(kind: FifoKind, queue: number): number {
    if (kind === 'tx') return this.txQueue(queue) + HOST_TX_QUEUE_TX;
    if (kind === 'alloc') return this.txQueue(queue) + HOST_TX_QUEUE_ALLOC;
    if (kind === 'rx') return this.rxQueue(queue) + HOST_RX_QUEUE_RX;
    if (kind === 'free') return this.rxQueue(queue) + HOST_RX_QUEUE_FREE;
    return this.port + (kind === 'req' ? HOST_PORT_REQ : HOST_PORT_RESP);
  }

  /** Arena address of `host_tx_queue`. */
  txQueue(queue: number): number {
    return this.port + this.block.txQueues + queue * HOST_TX_QUEUE_BYTES;
  }

  /** Arena address of `host_rx_queue`. */
  rxQueue(queue: number): number {
    return this.port + this.block.rxQueues + queue * HOST_RX_QUEUE_BYTES;
  }

  /** Makes a FIFO empty and opens the host's end of it (section 6: the host alone does so). */
  initFifo(kind: FifoKind, queue: number): void {
    const base = this.fifoAddress(kind, queue);
    const slots = this.settings.fifoSlots[kind];
    protect(base, FIFO_BYTES + 8 * slots, HOST_ONLY);
    fifoInit(base, slots);
    fifoOpen(this.fifoEnd(kind, queue), base, slots, 0);
    this.grantFifo(kind, queue);
    this.onFifoInit?.(kind, queue);
  }

  /**
   * The guest reads all of a FIFO, and writes the index and the slots that are a producer's or
   * consumer's own; of a ring that the host has let go of, less or nothing (`ring_rights`).
   */
  grantFifo(kind: FifoKind, queue: number): void {
    const base = this.fifoAddress(kind, queue);
    const producer = FROM_GUEST.has(kind);
    const rights = isQueueFifo(kind) ? loadHostPortRingRights(this.port) : RINGS_GRANTED;
    if (rights !== RINGS_GRANTED) {
      protect(base, FIFO_BYTES + 8 * this.settings.fifoSlots[kind], HOST_ONLY);
      if (rights === RINGS_HEADERS) protect(base, FIFO_BYTES, HOSTS_WORD);
      return;
    }
    protect(base, FIFO_BYTES, HOSTS_WORD);
    protect(base + (producer ? FIFO_WRITE : FIFO_READ), 4, GUESTS_WORD);
    protect(base + FIFO_BYTES, 8 * this.settings.fifoSlots[kind], producer ? GUESTS_WORD : HOSTS_WORD);
  }

  /** What the guest may do with tx, rx, alloc and free from now on: `RINGS_GRANTED` and its like. */
  set ringRights(rights: number) {
    if (loadHostPortRingRights(this.port) === rights) return;
    storeHostPortRingRights(this.port, rights);
    for (const { kind, queue } of this.fifos()) this.grantFifo(kind, queue);
  }

  get ringRights(): number {
    return loadHostPortRingRights(this.port);
  }

  /** All FIFOs there are. */
  fifos(): { readonly kind: FifoKind; readonly queue: number }[] {
    const kinds: readonly FifoKind[] = ['tx', 'rx', 'alloc', 'free', 'req', 'resp'];
    return kinds.flatMap((kind) => Array.from({ length: this.fifoCount(kind) }, (_unused, queue) => ({ kind, queue })));
  }

  brokenCanaries(): BrokenCanary[] {
    return brokenCanaries(this, this.port + this.block.buffers);
  }

  /** Bytes that the pool's buffers take each, and a pool as a whole. */
  get bufferStride(): number {
    return bufferStride(this.settings);
  }

  poolBytes(pool: number): number {
    return poolBytes(this.settings, this.settings.pools[pool]!.buffers);
  }

  /** Takes BAR 2 from the guest and gives the private records up. */
  release(): void {
    protect(this.bar, this.plan.barBytes, HOST_ONLY);
    release(this.port);
  }
}
