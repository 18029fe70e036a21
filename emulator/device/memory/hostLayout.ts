import {
  HOST_PORT_REQ,
  HOST_PORT_RESP,
  HOST_RX_QUEUE_BYTES,
  HOST_RX_QUEUE_FREE,
  HOST_RX_QUEUE_RX,
  HOST_TX_QUEUE_ALLOC,
  HOST_TX_QUEUE_BYTES,
  HOST_TX_QUEUE_TX,
} from '../loops/records';
import type { AvpDeviceSettings } from '../settings/schema';
import { hostBlock, type HostBlock } from './hostBlock';
import type { MemoryPlan, PlacedRun } from './memoryPlan';
import {
  bufferStride,
  fifosOfKind,
  fifoStride,
  isQueueFifo,
  poolBytes,
  type FifoKind,
  type RunName,
} from './memoryRuns';

/** A FIFO of a device. */
export interface FifoName {
  /** Kind of the FIFO (section 6). */
  readonly kind: FifoKind;
  /** Queue of the FIFO, from 0; 0 for req and resp. */
  readonly queue: number;
}

/** Arena addresses of everything that belongs to one host. Computes only; reads and writes nothing. */
export class HostLayout {
  /** Offsets of the host's private records. */
  readonly block: HostBlock;

  /**
   * @param port arena address of `host_port`, the start of the host's private records.
   * @param bar arena address of BAR 2.
   */
  constructor(
    /** Settings of the device, all filled in. */
    readonly settings: AvpDeviceSettings,
    /** Layout of the exported memory (section 4). */
    readonly plan: MemoryPlan,
    readonly port: number,
    readonly bar: number,
  ) {
    this.block = hostBlock(settings);
  }

  /** Returns the place of a run of objects in the exported memory. */
  run(name: RunName): PlacedRun {
    return this.plan.runs.get(name)!;
  }

  /** Returns the arena address of a run. */
  address(name: RunName): number {
    return this.bar + this.run(name).offset;
  }

  /** Returns the arena address of a FIFO's header. */
  fifoAddress(kind: FifoKind, queue: number): number {
    return this.address(kind) + (isQueueFifo(kind) ? queue * fifoStride(this.settings, kind) : 0);
  }

  /** Returns the number of FIFOs of a kind. */
  fifosOfKind(kind: FifoKind): number {
    return isQueueFifo(kind) ? fifosOfKind(this.settings, kind) : 1;
  }

  /** Returns the arena address of the host's private end of a FIFO. */
  fifoEnd(kind: FifoKind, queue: number): number {
    if (kind === 'tx') return this.txQueue(queue) + HOST_TX_QUEUE_TX;
    if (kind === 'alloc') return this.txQueue(queue) + HOST_TX_QUEUE_ALLOC;
    if (kind === 'rx') return this.rxQueue(queue) + HOST_RX_QUEUE_RX;
    if (kind === 'free') return this.rxQueue(queue) + HOST_RX_QUEUE_FREE;
    return this.port + (kind === 'req' ? HOST_PORT_REQ : HOST_PORT_RESP);
  }

  /** Returns the arena address of a `host_tx_queue`. */
  txQueue(queue: number): number {
    return this.port + this.block.txQueues + queue * HOST_TX_QUEUE_BYTES;
  }

  /** Returns the arena address of a `host_rx_queue`. */
  rxQueue(queue: number): number {
    return this.port + this.block.rxQueues + queue * HOST_RX_QUEUE_BYTES;
  }

  /** Arena address of the first `host_buffer`; those of all pools follow, in order. */
  get buffers(): number {
    return this.port + this.block.buffers;
  }

  /** Lists all FIFOs, req and resp included. */
  fifos(): FifoName[] {
    const kinds: readonly FifoKind[] = ['tx', 'rx', 'alloc', 'free', 'req', 'resp'];
    return kinds.flatMap((kind) =>
      Array.from({ length: this.fifosOfKind(kind) }, (_unused, queue) => ({ kind, queue })),
    );
  }

  /** Bytes from one descriptor of a pool to the next. */
  get bufferStride(): number {
    return bufferStride(this.settings);
  }

  /** Returns the size of a pool, bytes. */
  poolBytes(pool: number): number {
    return poolBytes(this.settings, this.settings.pools[pool]!.buffers);
  }
}
