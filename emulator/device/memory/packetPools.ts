import { fill } from '#mem';
import {
  DESC_ALIGN_BYTES,
  DESC_BYTES,
  storeDescDataHi,
  storeDescDataLo,
  storeDescNbSegs,
} from '../../../shared/loops/layout';
import type { Random } from '../../../shared/random';
import { high32, low32 } from '../../../shared/u64';
import { emptyDesc, nameBuffer, returnBuffer } from '../loops/buffers';
import {
  HOST_BUFFER_BYTES,
  HOST_POOL_BYTES,
  HOST_PORT_POOL,
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
import type { AvpDeviceSettings } from '../settings/schema';
import type { HostLayout } from './hostLayout';

const MAX_U32 = 0xffff_ffff;

/** Value of the bytes around descriptors and data that belong to nobody. */
export const CANARY = 0xa5;

function fillPoolRecord(host: HostLayout, pool: number, records: number): void {
  const at = host.port + HOST_PORT_POOL + pool * HOST_POOL_BYTES;
  const { va } = host.run(`pool${pool}`);
  storeHostPoolBaseLo(at, low32(va));
  storeHostPoolBaseHi(at, high32(va));
  storeHostPoolLength(at, host.poolBytes(pool));
  storeHostPoolFirst(at, DESC_ALIGN_BYTES);
  storeHostPoolStride(at, host.bufferStride);
  storeHostPoolRecords(at, records);
}

/** Returns the gap between descriptor and data of the next buffer, bytes. */
function drawGap({ dataGapBytes, dataGap }: AvpDeviceSettings, random: Random): number {
  return dataGap === 'fixed' ? dataGapBytes : 4 * random.between(0, Math.floor(dataGapBytes / 4));
}

/** Arena addresses of a buffer's descriptor and data, and the descriptor's host virtual address in two halves. */
interface Spot {
  readonly desc: number;
  readonly data: number;
  readonly lo: number;
  readonly hi: number;
}

/** Writes the record of one buffer and its canaries. The descriptor is written when the buffer is handed out. */
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

function buildPool(host: HostLayout, pool: number, records: number, random: Random): void {
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

/** Builds all pools. Consecutive buffers on the host's stack come from different pools, so that all pools are used. */
export function buildPools(host: HostLayout, random: Random): void {
  const { pools } = host.settings;
  const firsts: number[] = [];
  let at = host.buffers;
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
