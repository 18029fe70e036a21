import { fifoBytes } from '../../../shared/loops/fifo';
import {
  FIFO_ALIGN_BYTES,
  DESC_ALIGN_BYTES,
  DESC_BYTES,
  MAP_ALIGN_BYTES,
  REQUEST_BYTES,
} from '../../../shared/loops/layout';
import type { AvpDeviceSettings } from '../settings/schema';

/** Kinds of FIFO of which each queue has one. */
export const QUEUE_FIFOS = ['tx', 'rx', 'alloc', 'free'] as const;
/** Kind of a FIFO of which each queue has one. */
export type QueueFifo = (typeof QUEUE_FIFOS)[number];
/** Kind of a FIFO (section 6). */
export type FifoKind = QueueFifo | 'req' | 'resp';

/** Name of a run: a part of exported memory that is contiguous virtually, physically and in BAR 2. */
export type RunName = FifoKind | 'sync' | `pool${number}`;

/** A run that has no address yet. */
export interface Run {
  readonly name: RunName;
  /** Length in bytes. */
  readonly bytes: number;
  /** Alignment in bytes, a power of two. */
  readonly align: number;
}

/** True for the FIFOs that belong to a queue, false for req and resp. */
export function isQueueFifo(kind: FifoKind): kind is QueueFifo {
  return kind !== 'req' && kind !== 'resp';
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** Returns the bytes from one FIFO of a kind to the next. */
export function fifoStride(settings: AvpDeviceSettings, kind: QueueFifo): number {
  return settings.fifoStrideBytes[kind] || fifoBytes(settings.fifoSlots[kind]);
}

/** Returns the number of FIFOs of a kind. */
export function fifosOfKind(settings: AvpDeviceSettings, kind: QueueFifo): number {
  return kind === 'tx' || kind === 'alloc' ? settings.txQueues.max : settings.rxQueues.max;
}

/** Returns the bytes from one descriptor of a pool to the next: descriptor, gap, data, canary. */
export function bufferStride(settings: AvpDeviceSettings): number {
  const bytes = DESC_BYTES + settings.dataGapBytes + settings.mbufSize + settings.canaryBytes;
  return roundUp(bytes, DESC_ALIGN_BYTES);
}

/** Returns the size of a pool: canary bytes in front, then the buffers. */
export function poolBytes(settings: AvpDeviceSettings, buffers: number): number {
  return DESC_ALIGN_BYTES + buffers * bufferStride(settings);
}

/** Returns all runs of a device. A kind without a FIFO has a run too, for its address in the device info. */
export function memoryRuns(settings: AvpDeviceSettings): Run[] {
  const rings = QUEUE_FIFOS.map((name) => ({
    name,
    bytes: Math.max(1, fifosOfKind(settings, name)) * fifoStride(settings, name),
    align: FIFO_ALIGN_BYTES,
  }));
  return [
    ...rings,
    { name: 'req', bytes: fifoBytes(settings.fifoSlots.req), align: FIFO_ALIGN_BYTES },
    { name: 'resp', bytes: fifoBytes(settings.fifoSlots.resp), align: FIFO_ALIGN_BYTES },
    { name: 'sync', bytes: REQUEST_BYTES, align: FIFO_ALIGN_BYTES },
    ...settings.pools.map(({ buffers }, index) => ({
      name: `pool${index}` as const,
      bytes: poolBytes(settings, buffers),
      align: DESC_ALIGN_BYTES,
    })),
  ];
}

/** Returns an upper bound for the bytes that the segments of the map add up to. */
export function exportedBytes(settings: AvpDeviceSettings): number {
  const runs = memoryRuns(settings).map((run) => roundUp(run.bytes + run.align, MAP_ALIGN_BYTES));
  return runs.reduce((sum, bytes) => sum + bytes, 0);
}
