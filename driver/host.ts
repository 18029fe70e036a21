import { load32 } from '#mem';
import { ErrnoError } from '../shared/errors';
import { hex64 } from '../shared/hex';
import { fifoBytes } from '../shared/loops/fifo';
import {
  BAR_DEVICE,
  BAR_MEMMAP,
  BAR_MEMORY,
  BAR_MMIO,
  DESC_ALIGN_BYTES,
  DEVICE_INFO_BYTES,
  FIFO_ALIGN_BYTES,
  FIFO_BYTES,
  FIFO_ELEM_BYTES,
  FIFO_ELEM_SIZE,
  FIFO_LEN,
  FIFO_MIN_LEN,
  FIFO_READ,
  FIFO_WRITE,
  MAX_QUEUES,
  MEMMAP_BYTES,
  MEMMAP_INFO_MAPS,
  REG_MIGRATION_ACK,
  REQUEST_BYTES,
} from '../shared/loops/layout';
import { ARENA_BYTES } from '../shared/mem/memory';
import type { PciFunction } from '../shared/pci';
import { needInteger, refusal } from './context';
import { copyDescription, digestOf } from './description';
import { type DeviceInfo, parseDeviceInfo, type RingRun } from './deviceInfo';
import { MemoryMap } from './memmap';

/** Reads and checks all that a host says about itself: at probe, and again after a migration. */

/** A FIFO whose header has been checked; both indices as they were then. */
export interface Ring {
  readonly base: number;
  readonly len: number;
  readonly write: number;
  readonly read: number;
}

/** A pool of host packet buffers, and its place in the arena. */
export interface Window {
  readonly va: bigint;
  readonly length: number;
  readonly address: number;
}

/** A host as the driver may use it: fetched once, checked, everything translated. */
export interface Host {
  /** SHA-256 of the device info and the memory map. Another digest, another host. */
  readonly digest: Uint8Array;
  readonly info: DeviceInfo;
  readonly tx: readonly Ring[];
  readonly rx: readonly Ring[];
  readonly alloc: readonly Ring[];
  readonly free: readonly Ring[];
  readonly req: Ring;
  readonly resp: Ring;
  /** Arena address of the sync area. */
  readonly sync: number;
  readonly windows: readonly Window[];
}

const BARS: readonly (readonly [bar: number, name: string, leastBytes: number])[] = [
  [BAR_MMIO, 'avp-mmio', REG_MIGRATION_ACK + 4],
  [BAR_MEMORY, 'avp-memory', 1],
  [BAR_MEMMAP, 'avp-memmap', MEMMAP_INFO_MAPS + MEMMAP_BYTES],
  [BAR_DEVICE, 'avp-device', DEVICE_INFO_BYTES],
];

/** The longest FIFO whose size 32 bits express; far more than BAR 2 can hold. */
const MAX_LEN = 1 << 28;

/**
 * Checks that the BARs in use are there, large enough, and mapped inside the arena (section 2).
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

/**
 * Fetches an index from a FIFO's header.
 * @param which offset of the index: `FIFO_READ` or `FIFO_WRITE`.
 * @throws ErrnoError EINVAL where it lies outside the ring.
 */
export function readIndex(name: string, base: number, which: number, len: number): number {
  const index = load32(base + which);
  needInteger(`${name}: ${which === FIFO_WRITE ? 'write' : 'read'}`, index, 0, len - 1);
  return index;
}

/**
 * Finds one FIFO and checks its header (section 6).
 * @param name what messages call the FIFO.
 * @param field the field that gives its address.
 * @throws ErrnoError EINVAL for a bad header, EFAULT where the FIFO is not wholly in the map.
 */
function findRing(map: MemoryMap, name: string, field: string, phys: bigint): Ring {
  const { address: base } = map.place(field, phys, FIFO_BYTES);
  if (base % FIFO_ALIGN_BYTES !== 0) throw refusal('EINVAL', field, hex64(phys), `a multiple of ${FIFO_ALIGN_BYTES}`);
  const len = load32(base + FIFO_LEN);
  if (len < FIFO_MIN_LEN || len > MAX_LEN || (len & (len - 1)) !== 0)
    throw refusal('EINVAL', `${name}: len`, len, `a power of two, at least ${FIFO_MIN_LEN}`);
  const elemSize = load32(base + FIFO_ELEM_SIZE);
  if (elemSize !== FIFO_ELEM_BYTES) throw refusal('EINVAL', `${name}: elem_size`, elemSize, `${FIFO_ELEM_BYTES}`);
  map.place(`${field} (${name} of ${len} slots)`, phys, fifoBytes(len));
  return { base, len, write: readIndex(name, base, FIFO_WRITE, len), read: readIndex(name, base, FIFO_READ, len) };
}

function checkStride(kind: string, run: RingRun, ring: Ring): void {
  const least = fifoBytes(ring.len);
  if (run.stride < least || run.stride % FIFO_ALIGN_BYTES !== 0) {
    const expected = `a multiple of ${FIFO_ALIGN_BYTES}, at least ${least} for FIFOs of ${ring.len} slots`;
    throw refusal('EINVAL', `device_info.${kind}_size`, run.stride, expected);
  }
}

/** Finds and checks the first `count` FIFOs of a kind. */
function findRings(map: MemoryMap, kind: string, run: RingRun, count: number): Ring[] {
  const rings: Ring[] = [];
  for (let index = 0; index < count; index++) {
    const step = index === 0 ? '' : ` + ${index} * ${kind}_size`;
    const phys = run.phys + BigInt(index) * BigInt(run.stride);
    const ring = findRing(map, `${kind} FIFO ${index}`, `device_info.${kind}_phys${step}`, phys);
    if (count > 1) checkStride(kind, run, ring);
    rings.push(ring);
  }
  return rings;
}

/** Finds the packet buffers (section 4): the pools where the list has any, else all that follows the base pair. */
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

/** True if the device info and the memory map are still those that gave the digest. */
export function isSameHost(pci: PciFunction, digest: Uint8Array): boolean {
  try {
    checkBars(pci);
  } catch (error) {
    if (error instanceof ErrnoError) return false;
    throw error;
  }
  return Buffer.compare(digestOf(copyDescription(pci)), digest) === 0;
}

/** @throws ErrnoError EINVAL or EFAULT, naming field, value and what was expected (section 14). */
export function readHost(pci: PciFunction): Host {
  checkBars(pci);
  const description = copyDescription(pci);
  const info = parseDeviceInfo(description.info);
  const map = MemoryMap.parse(description.map, pci);
  const rxFifos = Math.min(info.maxRxQueues, MAX_QUEUES);
  const txFifos = Math.min(info.maxTxQueues, MAX_QUEUES);
  return {
    digest: digestOf(description),
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
