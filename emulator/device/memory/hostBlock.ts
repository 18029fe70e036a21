import { DESC_BYTES, MAX_MBUF_SIZE, MAX_PACKET_BYTES } from '../../../shared/loops/layout';
import { JUNK_STARTS } from '../loops/buffers';
import {
  HOST_BUFFER_BYTES,
  HOST_FRAME_BYTES,
  HOST_PORT_BYTES,
  HOST_RX_QUEUE_BYTES,
  HOST_TX_QUEUE_BYTES,
} from '../loops/records';
import { BURST_FRAMES } from '../loops/fromGuest';
import type { AvpDeviceSettings } from '../settings/schema';

export const CACHE_LINE_BYTES = 64;

/** Offsets of a host's private records within their one allocation, which starts with `host_port`. */
export interface HostBlock {
  readonly txQueues: number;
  readonly rxQueues: number;
  readonly buffers: number;
  readonly stack: number;
  readonly frames: number;
  readonly frameArea: number;
  /** 0 without poison mode. */
  readonly junk: number;
  readonly bytes: number;
}

/** Room for the longest packet, which starts at a cache line, and for a tag before it. */
const FRAME_BYTES = CACHE_LINE_BYTES + MAX_PACKET_BYTES;
/** A packet may start up to this offset in the frame area; the longest one still fits after it. */
export const FRAMES_BEFORE_BYTES = 65_536;
/** Size of the block of junk that poison mode copies from. */
export const JUNK_BYTES = Math.max(DESC_BYTES, MAX_MBUF_SIZE) + JUNK_STARTS;

/** Returns the number of packet buffers in all pools. */
export function bufferTotal(settings: AvpDeviceSettings): number {
  return settings.pools.reduce((sum, pool) => sum + pool.buffers, 0);
}

/** Returns how many buffers may be lent through alloc at a time, over all queues. */
export function allocShare(settings: AvpDeviceSettings): number {
  return Math.max(1, Math.floor((bufferTotal(settings) * settings.allocSharePercent) / 100));
}

/** Lays out the host's private records. */
export function hostBlock(settings: AvpDeviceSettings): HostBlock {
  let end = HOST_PORT_BYTES;
  const take = (bytes: number): number => {
    const offset = end;
    end = Math.ceil((offset + bytes) / CACHE_LINE_BYTES) * CACHE_LINE_BYTES;
    return offset;
  };
  const parts = {
    txQueues: take(settings.txQueues.max * HOST_TX_QUEUE_BYTES),
    rxQueues: take(settings.rxQueues.max * HOST_RX_QUEUE_BYTES),
    buffers: take(bufferTotal(settings) * HOST_BUFFER_BYTES),
    stack: take(bufferTotal(settings) * 4),
    frames: take(BURST_FRAMES * HOST_FRAME_BYTES),
    frameArea: take(FRAMES_BEFORE_BYTES + FRAME_BYTES),
    junk: settings.poisonAlloc ? take(JUNK_BYTES) : 0,
  };
  return { ...parts, bytes: end };
}
