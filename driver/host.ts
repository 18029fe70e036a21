import { createHash } from 'node:crypto';
import { load32, readBytes } from '#mem';
import { ErrnoError } from '../shared/errors';
import { hex64 } from '../shared/hex';
import {
  BAR_DEVICE,
  BAR_MEMMAP,
  BAR_MEMORY,
  BAR_MMIO,
  DESC_ALIGN_BYTES,
  DEVICE_INFO_BYTES,
  MAX_MAPS,
  MAX_QUEUES,
  MEMMAP_BYTES,
  MEMMAP_INFO_MAPS,
  MEMMAP_INFO_NB_MAPS,
  REG_MIGRATION_ACK,
  REQUEST_BYTES,
} from '../shared/loops/layout';
import { ARENA_BYTES } from '../shared/mem/memory';
import type { PciFunction } from '../shared/pci';
import { readDeviceInfo, type DeviceInfo } from './deviceInfo';
import { MemoryMap } from './memmap';
import { refusal } from './refuse';
import { findRing, findRings, type Ring } from './rings';

/** A pool of host packet buffers and where it lies in the arena. */
export interface Window {
  readonly va: bigint;
  readonly length: number;
  readonly address: number;
}

/** A host as the driver may use it: fetched once, checked, everything translated. */
export interface Host {
  /** Of the device info and the memory map, 32 bytes: another one, another host. */
  readonly digest: Uint8Array;
  readonly info: DeviceInfo;
  readonly tx: readonly Ring[];
  readonly rx: readonly Ring[];
  readonly alloc: readonly Ring[];
  readonly free: readonly Ring[];
  readonly req: Ring;
  readonly resp: Ring;
  readonly sync: number;
  readonly windows: readonly Window[];
}

const BARS: readonly (readonly [bar: number, name: string, leastBytes: number])[] = [
  [BAR_MMIO, 'avp-mmio', REG_MIGRATION_ACK + 4],
  [BAR_MEMORY, 'avp-memory', 1],
  [BAR_MEMMAP, 'avp-memmap', MEMMAP_INFO_MAPS + MEMMAP_BYTES],
  [BAR_DEVICE, 'avp-device', DEVICE_INFO_BYTES],
];

/**
 * Section 2: the BARs in use are there, large enough, and mapped inside the arena.
 * @throws ErrnoError EFAULT where the device info has no BAR, else EINVAL.
 */
export function checkBars(pci: PciFunction): void {
  for (const [bar, name, least] of BARS) {
    const bytes = pci.barBytes(bar);
    const address = pci.barAddress(bar);
    const field = `BAR ${bar} (${name})`;
    if (bytes === 0 || address === 0)
      throw new ErrnoError(bar === BAR_DEVICE ? 'EFAULT' : 'EINVAL', `${field} is absent: expected a memory BAR`);
    if (bytes < least) throw refusal('EINVAL', `size of ${field}`, bytes, `at least ${least}`);
    if (bytes > ARENA_BYTES - address)
      throw refusal('EINVAL', `size of ${field}`, bytes, `at most ${ARENA_BYTES - address}`);
  }
}

/** Section 4: the pools where the list has any, else everything exported behind the base pair. */
function findWindows(map: MemoryMap, info: DeviceInfo): Window[] {
  const base = map.place('device_info.mbuf_phys', info.mbufPhys, DESC_ALIGN_BYTES);
  if (info.pools.length === 0) {
    const toTheEnd = (1n << 64n) - info.mbufVa;
    const length = toTheEnd < BigInt(base.bytes) ? Number(toTheEnd) : base.bytes;
    return [{ va: info.mbufVa, length, address: base.address }];
  }
  return info.pools.map((pool, index) => {
    const field = `device_info.pool[${index}].phys_addr`;
    const { address } = map.place(field, pool.phys, Number(pool.length));
    return { va: pool.va, length: Number(pool.length), address };
  });
}

function findSync(map: MemoryMap, info: DeviceInfo): number {
  const { address } = map.place('device_info.sync_phys', info.syncPhys, REQUEST_BYTES);
  if (address % 4 !== 0) throw refusal('EINVAL', 'device_info.sync_phys', hex64(info.syncPhys), 'a multiple of 4');
  return address;
}

/** The BARs have been checked. */
function digestOf(pci: PciFunction): Uint8Array {
  const map = pci.barAddress(BAR_MEMMAP);
  const maps = Math.min(load32(map + MEMMAP_INFO_NB_MAPS), MAX_MAPS);
  const mapBytes = Math.min(MEMMAP_INFO_MAPS + maps * MEMMAP_BYTES, pci.barBytes(BAR_MEMMAP));
  const hash = createHash('sha256').update(readBytes(pci.barAddress(BAR_DEVICE), DEVICE_INFO_BYTES));
  return hash.update(readBytes(map, mapBytes)).digest();
}

/** Whether the device info and the memory map are still those that gave the digest. */
export function isSameHost(pci: PciFunction, digest: Uint8Array): boolean {
  try {
    checkBars(pci);
  } catch (error) {
    if (error instanceof ErrnoError) return false;
    throw error;
  }
  return Buffer.compare(digestOf(pci), digest) === 0;
}

/**
 * Reads and checks all that the host says about itself: at probe, and anew after a migration.
 * @throws ErrnoError EINVAL or EFAULT, naming field, value and what was expected (section 14).
 */
export function readHost(pci: PciFunction): Host {
  checkBars(pci);
  const digest = digestOf(pci);
  const info = readDeviceInfo(pci);
  const map = MemoryMap.read(pci);
  const rxFifos = Math.min(info.maxRxQueues, MAX_QUEUES);
  const txFifos = Math.min(info.maxTxQueues, MAX_QUEUES);
  return {
    digest,
    info,
    tx: findRings(map, 'tx', info.tx, txFifos),
    rx: findRings(map, 'rx', info.rx, rxFifos),
    alloc: findRings(map, 'alloc', info.alloc, txFifos),
    free: findRings(map, 'free', info.free, rxFifos),
    req: findRing(map, 'request FIFO', 'device_info.req_phys', info.reqPhys),
    resp: findRing(map, 'response FIFO', 'device_info.resp_phys', info.respPhys),
    sync: findSync(map, info),
    windows: findWindows(map, info),
  };
}
