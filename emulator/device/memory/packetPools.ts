import { fill, readBytes } from '#mem';
import {
  DESC_ALIGN_BYTES,
  DESC_BYTES,
  storeDescDataHi,
  storeDescDataLo,
  storeDescNbSegs,
} from '../../../shared/loops/layout';
import type { Random } from '../../../shared/random';
import { high32, low32 } from '../../../shared/u64';
import type { HostMemory } from './hostMemory';
import {
  HOST_BUFFER_BYTES,
  HOST_POOL_BYTES,
  HOST_PORT_POOL,
  loadHostBufferData,
  loadHostBufferDesc,
  storeHostBufferData,
  storeHostBufferDesc,
  storeHostBufferDescHi,
  storeHostBufferDescLo,
  storeHostPoolBaseHi,
  storeHostPoolBaseLo,
  storeHostPoolFirst,
  storeHostPoolLength,
  storeHostPoolRecords,
  storeHostPoolStride,
} from '../loops/records';
import { emptyDesc, nameBuffer, returnBuffer } from '../loops/buffers';
import type { AvpDeviceSettings } from '../settings';

const MAX_U32 = 0xffff_ffff;

/** What stands in the bytes round descriptors and data that are nobody's. */
const CANARY = 0xa5;

/** A buffer of which a byte outside descriptor and data was overwritten. */
export interface BrokenCanary {
  readonly pool: number;
  readonly buffer: number;
  /** Offset of the first such byte from the buffer's descriptor. */
  readonly offset: number;
}

function fillPoolRecord(host: HostMemory, pool: number, records: number): void {
  const at = host.port + HOST_PORT_POOL + pool * HOST_POOL_BYTES;
  const { va } = host.run(`pool${pool}`);
  storeHostPoolBaseLo(at, low32(va));
  storeHostPoolBaseHi(at, high32(va));
  storeHostPoolLength(at, host.poolBytes(pool));
  storeHostPoolFirst(at, DESC_ALIGN_BYTES);
  storeHostPoolStride(at, host.bufferStride);
  storeHostPoolRecords(at, records);
}

/** The gap between descriptor and data in the next buffer. */
function drawGap({ dataGapBytes, dataGap }: AvpDeviceSettings, random: Random): number {
  return dataGap === 'fixed' ? dataGapBytes : 4 * random.between(0, Math.floor(dataGapBytes / 4));
}

/** Where a buffer lies; `lo` and `hi` are the descriptor's host virtual address. */
interface Spot {
  readonly desc: number;
  readonly data: number;
  readonly lo: number;
  readonly hi: number;
}

/** Writes the record of one buffer and its canaries. The descriptor is made when the buffer is handed out. */
function buildBuffer(record: number, { desc, data, lo, hi }: Spot, mbufSize: number, stride: number): void {
  const dataLo = lo + (data - desc);
  storeHostBufferDesc(record, desc);
  storeHostBufferData(record, data);
  storeHostBufferDescLo(record, lo);
  storeHostBufferDescHi(record, hi);
  const empty = emptyDesc(record);
  storeDescDataLo(empty, dataLo >>> 0);
  storeDescDataHi(empty, dataLo > MAX_U32 ? (hi + 1) >>> 0 : hi);
  storeDescNbSegs(empty, 1);
  fill(desc + DESC_BYTES, CANARY, data - desc - DESC_BYTES);
  fill(data + mbufSize, CANARY, desc + stride - data - mbufSize);
  nameBuffer(record);
}

function buildPool(host: HostMemory, pool: number, records: number, random: Random): void {
  const { settings, bufferStride } = host;
  const { va } = host.run(`pool${pool}`);
  const base = host.address(`pool${pool}`);
  fillPoolRecord(host, pool, records);
  fill(base, CANARY, DESC_ALIGN_BYTES);
  for (let index = 0; index < settings.pools[pool]!.buffers; index++) {
    const offset = DESC_ALIGN_BYTES + index * bufferStride;
    const desc = base + offset;
    const data = desc + DESC_BYTES + drawGap(settings, random);
    const lo = low32(va) + offset;
    const hi = lo > MAX_U32 ? (high32(va) + 1) >>> 0 : high32(va);
    const record = records + index * HOST_BUFFER_BYTES;
    buildBuffer(record, { desc, data, lo: lo >>> 0, hi }, settings.mbufSize, bufferStride);
  }
}

/** Makes all pools; their buffers come out of the host's pool in turn, so that each is used. */
export function buildPools(host: HostMemory, records: number, random: Random): void {
  const { pools } = host.settings;
  const firsts: number[] = [];
  let at = records;
  pools.forEach(({ buffers }, pool) => {
    firsts.push(at);
    buildPool(host, pool, at, random);
    at += buffers * HOST_BUFFER_BYTES;
  });
  const most = Math.max(...pools.map(({ buffers }) => buffers));
  for (let index = most - 1; index >= 0; index--)
    for (let pool = pools.length - 1; pool >= 0; pool--)
      if (index < pools[pool]!.buffers) returnBuffer(host.port, firsts[pool]! + index * HOST_BUFFER_BYTES);
}

/** Offset of the first byte from `from` to `to` that is no canary, -1 where all are. */
function firstBroken(from: number, to: number): number {
  return to > from ? readBytes(from, to - from).findIndex((byte) => byte !== CANARY) : -1;
}

/** Looks at every byte of the pools that is nobody's. For tests; takes its time. */
export function brokenCanaries(host: HostMemory, records: number): BrokenCanary[] {
  const broken: BrokenCanary[] = [];
  let record = records;
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
