import { deviceInfo as layout } from '../shared/abi/structs';
import { formatMac, isGroupMac, MAC_BYTES } from '../shared/ethernet';
import { hex32 } from '../shared/hex';
import {
  DEVICE_INFO_ETHADDR,
  DEVICE_INFO_POOL,
  DEVICE_MAGIC,
  DPDK_DRIVER_VERSION,
  MAX_MBUF_SIZE,
  MAX_PACKET_BYTES,
  MAX_POOLS,
  MAX_QUEUES,
  MEMPOOL_INFO_ADDR,
  MEMPOOL_INFO_BYTES,
  MEMPOOL_INFO_LENGTH,
  MEMPOOL_INFO_PHYS_ADDR,
  MIN_MBUF_SIZE,
  MIN_PACKET_BYTES,
} from '../shared/loops/layout';
import { needInteger, refusal } from './context';

/** Version of this driver, which is also that of the newest host that it accepts (section 9). */
export const DRIVER_VERSION = DPDK_DRIVER_VERSION;

/** The FIFOs of a kind: host physical address of the first, and bytes from one to the next. */
export interface RingRun {
  readonly phys: bigint;
  readonly stride: number;
}

/** A pool of packet buffers: host virtual and physical address, and bytes. */
export interface HostPool {
  readonly va: bigint;
  readonly phys: bigint;
  readonly length: bigint;
}

/** The device info (section 5): numbers checked, addresses not yet translated. */
export interface DeviceInfo {
  readonly version: number;
  readonly features: number;
  readonly minRxQueues: number;
  readonly maxRxQueues: number;
  readonly maxTxQueues: number;
  readonly tx: RingRun;
  readonly rx: RingRun;
  readonly alloc: RingRun;
  readonly free: RingRun;
  readonly reqPhys: bigint;
  readonly respPhys: bigint;
  readonly syncPhys: bigint;
  readonly syncVa: bigint;
  readonly mbufVa: bigint;
  readonly mbufPhys: bigint;
  readonly pools: readonly HostPool[];
  readonly mac: Uint8Array;
  readonly mbufSize: number;
  readonly deviceId: bigint;
  readonly maxRxPktLen: number;
}

/** A copy of the device info whose fields are read by name. */
class Snapshot {
  private readonly view: DataView;

  constructor(readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  number(name: string): number {
    const field = layout.fields.find((one) => one.name === name)!;
    return field.bytes === 1 ? this.view.getUint8(field.offset) : this.view.getUint32(field.offset, true);
  }

  address(name: string): bigint {
    return this.at64(layout.fields.find((one) => one.name === name)!.offset);
  }

  at64(offset: number): bigint {
    return this.view.getBigUint64(offset, true);
  }
}

function versionText(version: number): string {
  return `${version >>> 16}.${(version >>> 8) & 0xff}.${version & 0xff}`;
}

function checkIdentity(info: Snapshot): void {
  const magic = info.number('magic');
  if (magic !== DEVICE_MAGIC) throw refusal('EINVAL', 'device_info.magic', hex32(magic), hex32(DEVICE_MAGIC));
  const version = info.number('version');
  if (version >>> 8 > DRIVER_VERSION >>> 8)
    throw refusal(
      'EINVAL',
      'device_info.version',
      versionText(version),
      `at most ${versionText(DRIVER_VERSION | 0xff)}`,
    );
}

function checkQueues(info: Snapshot, direction: 'rx' | 'tx'): void {
  const fewest = info.number(`min_${direction}_queues`);
  const most = info.number(`max_${direction}_queues`);
  if (fewest > MAX_QUEUES || fewest > most) {
    const expected = `at most ${MAX_QUEUES} and at most max_${direction}_queues (${most})`;
    throw refusal('EINVAL', `device_info.min_${direction}_queues`, fewest, expected);
  }
}

function checkMac(mac: Uint8Array): void {
  if (isGroupMac(mac) || mac.every((byte) => byte === 0))
    throw refusal('EINVAL', 'device_info.ethaddr', formatMac(mac), 'the address of one station');
}

function readPools(info: Snapshot): HostPool[] {
  const pools: HostPool[] = [];
  for (let index = 0; index < MAX_POOLS; index++) {
    const at = DEVICE_INFO_POOL + index * MEMPOOL_INFO_BYTES;
    const pool = {
      va: info.at64(at + MEMPOOL_INFO_ADDR),
      phys: info.at64(at + MEMPOOL_INFO_PHYS_ADDR),
      length: info.at64(at + MEMPOOL_INFO_LENGTH),
    };
    const field = `device_info.pool[${index}]`;
    if (pool.length === 0n && pool.phys !== 0n)
      throw refusal('EINVAL', `${field}.length`, 0, 'above 0 where phys_addr is not 0');
    if (pool.va + pool.length > 1n << 64n)
      throw refusal(
        'EINVAL',
        `${field}.length`,
        pool.length,
        `at most ${(1n << 64n) - pool.va}, to the end of the address space`,
      );
    if (pool.length !== 0n) pools.push(pool);
  }
  return pools;
}

/**
 * Checks in a copy of the device info what can be checked without the memory map.
 * @throws ErrnoError EINVAL, naming field, value and what was expected (sections 5, 9, 14).
 */
export function parseDeviceInfo(bytes: Uint8Array): DeviceInfo {
  const info = new Snapshot(bytes);
  checkIdentity(info);
  checkQueues(info, 'rx');
  checkQueues(info, 'tx');
  needInteger('device_info.mbuf_size', info.number('mbuf_size'), MIN_MBUF_SIZE, MAX_MBUF_SIZE);
  needInteger('device_info.max_rx_pkt_len', info.number('max_rx_pkt_len'), MIN_PACKET_BYTES, MAX_PACKET_BYTES);
  const mac = info.bytes.slice(DEVICE_INFO_ETHADDR, DEVICE_INFO_ETHADDR + MAC_BYTES);
  checkMac(mac);
  const run = (kind: string): RingRun => ({ phys: info.address(`${kind}_phys`), stride: info.number(`${kind}_size`) });
  return {
    version: info.number('version'),
    features: info.number('features'),
    minRxQueues: info.number('min_rx_queues'),
    maxRxQueues: info.number('max_rx_queues'),
    maxTxQueues: info.number('max_tx_queues'),
    tx: run('tx'),
    rx: run('rx'),
    alloc: run('alloc'),
    free: run('free'),
    reqPhys: info.address('req_phys'),
    respPhys: info.address('resp_phys'),
    syncPhys: info.address('sync_phys'),
    syncVa: info.address('sync_va'),
    mbufVa: info.address('mbuf_va'),
    mbufPhys: info.address('mbuf_phys'),
    pools: readPools(info),
    mac,
    mbufSize: info.number('mbuf_size'),
    deviceId: info.address('device_id'),
    maxRxPktLen: info.number('max_rx_pkt_len'),
  };
}
