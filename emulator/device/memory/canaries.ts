import { readBytes } from '#mem';
import { DESC_BYTES } from '../../../shared/loops/layout';
import { HOST_BUFFER_BYTES, loadHostBufferData, loadHostBufferDesc } from '../loops/records';
import type { HostLayout } from './hostLayout';
import { CANARY } from './packetPools';

/** A buffer with an overwritten byte outside of descriptor and data. */
export interface BrokenCanary {
  /** Index of the pool, from 0. */
  readonly pool: number;
  /** Index of the buffer in its pool, from 0. */
  readonly buffer: number;
  /** Offset of the first such byte from the buffer's descriptor. */
  readonly offset: number;
}

/** Returns the offset of the first byte between `from` and `to` that is no canary, -1 if there is none. */
function firstBroken(from: number, to: number): number {
  return to > from ? readBytes(from, to - from).findIndex((byte) => byte !== CANARY) : -1;
}

/** Checks every byte of the pools that belongs to nobody; slow. */
export function brokenCanaries(host: HostLayout): BrokenCanary[] {
  const broken: BrokenCanary[] = [];
  let record = host.buffers;
  host.settings.pools.forEach(({ buffers }, pool) => {
    let from = host.address(`pool${pool}`);
    for (let buffer = 0; buffer < buffers; buffer++) {
      const desc = loadHostBufferDesc(record);
      const data = loadHostBufferData(record);
      const zones = [
        [from, desc],
        [desc + DESC_BYTES, data],
        [data + host.settings.mbufSize, desc + host.bufferStride],
      ] as const;
      for (const [start, end] of zones) {
        const at = firstBroken(start, end);
        if (at >= 0) broken.push({ pool, buffer, offset: start + at - desc });
      }
      from = desc + host.bufferStride;
      record += HOST_BUFFER_BYTES;
    }
  });
  return broken;
}
