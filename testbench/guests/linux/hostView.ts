import { readBytes } from '#mem';
import { ErrnoError } from '../../../shared/errors';
import { formatMac, isGroupMac, MAC_BYTES } from '../../../shared/ethernet';
import { hex64 } from '../../../shared/hex';
import {
  BAR_DEVICE,
  BAR_MEMMAP,
  BAR_MEMORY,
  DEVICE_INFO_ALLOC_PHYS,
  DEVICE_INFO_ALLOC_SIZE,
  DEVICE_INFO_BYTES,
  DEVICE_INFO_DEVICE_ID,
  DEVICE_INFO_ETHADDR,
  DEVICE_INFO_FEATURES,
  DEVICE_INFO_FREE_PHYS,
  DEVICE_INFO_FREE_SIZE,
  DEVICE_INFO_MAGIC,
  DEVICE_INFO_MAX_RX_PKT_LEN,
  DEVICE_INFO_MAX_RX_QUEUES,
  DEVICE_INFO_MAX_TX_QUEUES,
  DEVICE_INFO_MBUF_SIZE,
  DEVICE_INFO_MIN_RX_QUEUES,
  DEVICE_INFO_MIN_TX_QUEUES,
  DEVICE_INFO_MODE,
  DEVICE_INFO_NUM_TX_QUEUES,
  DEVICE_INFO_POOL,
  DEVICE_INFO_REQ_PHYS,
  DEVICE_INFO_RESP_PHYS,
  DEVICE_INFO_RX_PHYS,
  DEVICE_INFO_RX_SIZE,
  DEVICE_INFO_SYNC_PHYS,
  DEVICE_INFO_SYNC_VA,
  DEVICE_INFO_TX_PHYS,
  DEVICE_INFO_TX_SIZE,
  DEVICE_INFO_VERSION,
  DEVICE_MAGIC,
  LINUX_DRIVER_VERSION,
  MAX_POOLS,
  MAX_QUEUES,
  MEMPOOL_INFO_BYTES,
  MEMPOOL_INFO_LENGTH,
  MEMPOOL_INFO_PHYS_ADDR,
} from '../../../shared/loops/layout';
import type { PciFunction } from '../../../shared/pci';
import { readMemmap, type Translate } from './memmap';
import { Ring } from './ring';

/** The FIFOs of one kind: address of the first, and the stride. */
interface Fifos {
  readonly first: number;
  readonly stride: number;
}

/** A pool of packet buffers. `va` is its host virtual address, `address` its guest address. */
interface Pool {
  readonly va: bigint;
  readonly length: bigint;
  readonly address: number;
}

/** A host as its BARs describe it: read once, checked and translated. */
export interface HostView {
  /** A copy of the device info. */
  readonly raw: Uint8Array;
  readonly features: number;
  readonly mode: number;
  readonly deviceId: bigint;
  readonly mac: Uint8Array;
  readonly mbufSize: number;
  readonly maxRxPktLen: number;
  readonly rxQueues: { readonly min: number; readonly max: number };
  readonly txQueues: { readonly recommended: number; readonly max: number };
  readonly syncVa: bigint;
  readonly sync: number;
  readonly req: Ring;
  readonly resp: Ring;
  readonly tx: Fifos;
  readonly rx: Fifos;
  readonly alloc: Fifos;
  readonly free: Fifos;
  readonly pools: readonly Pool[];
}

export type QueueKind = 'tx' | 'rx' | 'alloc' | 'free';

/** Guest address of a FIFO. Only the first of a kind is translated; strides are added in guest space (section 5). */
export function fifoAt(host: HostView, kind: QueueKind, queue: number): number {
  return host[kind].first + queue * host[kind].stride;
}

/**
 * Returns the guest address of a descriptor or of data, from the pool table alone.
 * @throws Error if no pool holds all of it. That is a fault of the host and ends the clause.
 */
export function bufferAddress(host: HostView, va: bigint, bytes: number): number {
  for (const pool of host.pools) {
    const offset = va - pool.va;
    if (offset >= 0n && offset + BigInt(bytes) <= pool.length) return pool.address + Number(offset);
  }
  throw new Error(`the host names ${bytes} bytes at ${hex64(va)}: no pool holds them`);
}

function refuse(field: string, value: string | number, expected: string): never {
  throw new ErrnoError('EINVAL', `${field} is ${value}: expected ${expected}`);
}

function checkHeader(info: DataView): void {
  const magic = info.getUint32(DEVICE_INFO_MAGIC, true);
  if (magic !== DEVICE_MAGIC) refuse('magic of the device info', magic, `${DEVICE_MAGIC}`);
  const version = info.getUint32(DEVICE_INFO_VERSION, true);
  if (version >>> 8 > LINUX_DRIVER_VERSION >>> 8)
    refuse('host version', version, `at most that of the driver, ${LINUX_DRIVER_VERSION}`);
}

function checkQueues(info: DataView): void {
  for (const [name, at, maxAt] of [
    ['rx', DEVICE_INFO_MIN_RX_QUEUES, DEVICE_INFO_MAX_RX_QUEUES],
    ['tx', DEVICE_INFO_MIN_TX_QUEUES, DEVICE_INFO_MAX_TX_QUEUES],
  ] as const) {
    const min = info.getUint8(at);
    const max = info.getUint8(maxAt);
    if (min > MAX_QUEUES) refuse(`min_${name}_queues`, min, `at most ${MAX_QUEUES}`);
    if (min > max || max === 0) refuse(`max_${name}_queues`, max, `at least 1 and min_${name}_queues, ${min}`);
  }
}

function readMac(raw: Uint8Array): Uint8Array {
  const mac = raw.slice(DEVICE_INFO_ETHADDR, DEVICE_INFO_ETHADDR + MAC_BYTES);
  if (isGroupMac(mac) || mac.every((byte) => byte === 0)) refuse('ethaddr', formatMac(mac), 'a unicast address');
  return mac;
}

function readPools(info: DataView, translate: Translate): Pool[] {
  return Array.from({ length: MAX_POOLS }, (_unused, i) => DEVICE_INFO_POOL + i * MEMPOOL_INFO_BYTES)
    .map((at) => ({
      va: info.getBigUint64(at, true),
      phys: info.getBigUint64(at + MEMPOOL_INFO_PHYS_ADDR, true),
      length: info.getBigUint64(at + MEMPOOL_INFO_LENGTH, true),
    }))
    .filter(({ length }) => length > 0n)
    .map(({ va, phys, length }) => ({ va, length, address: translate(phys, 'pool') }));
}

function checkRing(name: string, ring: Ring): Ring {
  const fault = ring.fault();
  if (fault !== null) throw new ErrnoError('EINVAL', `FIFO ${name}: ${fault}`);
  return ring;
}

function checkRings(host: HostView): void {
  for (const [kind, count] of [
    ['tx', host.txQueues.max],
    ['alloc', host.txQueues.max],
    ['rx', host.rxQueues.max],
    ['free', host.rxQueues.max],
  ] as const)
    for (let queue = 0; queue < count; queue++) checkRing(`${kind} ${queue}`, Ring.at(fifoAt(host, kind, queue)));
}

/** Reads and checks a host. @throws ErrnoError where the driver refuses it. */
export function readHost(pci: PciFunction): HostView {
  if (pci.barBytes(BAR_DEVICE) < DEVICE_INFO_BYTES || pci.barBytes(BAR_MEMORY) === 0)
    throw new ErrnoError('EFAULT', 'the device has no BAR 5 or no BAR 2');
  const raw = readBytes(pci.barAddress(BAR_DEVICE), DEVICE_INFO_BYTES);
  const info = new DataView(raw.buffer, raw.byteOffset, raw.length);
  checkHeader(info);
  checkQueues(info);
  const translate = readMemmap(pci, BAR_MEMMAP, BAR_MEMORY);
  const phys = (at: number, name: string): number => translate(info.getBigUint64(at, true), name);
  const fifos = (at: number, strideAt: number, name: string): Fifos => ({
    first: phys(at, name),
    stride: info.getUint32(strideAt, true),
  });
  const capped = (at: number): number => Math.min(MAX_QUEUES, info.getUint8(at));
  const host: HostView = {
    raw,
    features: info.getUint32(DEVICE_INFO_FEATURES, true),
    mode: info.getUint8(DEVICE_INFO_MODE),
    deviceId: info.getBigUint64(DEVICE_INFO_DEVICE_ID, true),
    mac: readMac(raw),
    mbufSize: info.getUint32(DEVICE_INFO_MBUF_SIZE, true),
    maxRxPktLen: info.getUint32(DEVICE_INFO_MAX_RX_PKT_LEN, true),
    rxQueues: { min: info.getUint8(DEVICE_INFO_MIN_RX_QUEUES), max: capped(DEVICE_INFO_MAX_RX_QUEUES) },
    txQueues: { recommended: info.getUint8(DEVICE_INFO_NUM_TX_QUEUES), max: capped(DEVICE_INFO_MAX_TX_QUEUES) },
    syncVa: info.getBigUint64(DEVICE_INFO_SYNC_VA, true),
    sync: phys(DEVICE_INFO_SYNC_PHYS, 'sync_phys'),
    req: checkRing('req', Ring.at(phys(DEVICE_INFO_REQ_PHYS, 'req_phys'))),
    resp: checkRing('resp', Ring.at(phys(DEVICE_INFO_RESP_PHYS, 'resp_phys'))),
    tx: fifos(DEVICE_INFO_TX_PHYS, DEVICE_INFO_TX_SIZE, 'tx_phys'),
    rx: fifos(DEVICE_INFO_RX_PHYS, DEVICE_INFO_RX_SIZE, 'rx_phys'),
    alloc: fifos(DEVICE_INFO_ALLOC_PHYS, DEVICE_INFO_ALLOC_SIZE, 'alloc_phys'),
    free: fifos(DEVICE_INFO_FREE_PHYS, DEVICE_INFO_FREE_SIZE, 'free_phys'),
    pools: readPools(info, translate),
  };
  checkRings(host);
  return host;
}
