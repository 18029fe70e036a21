import { fill } from '#mem';
import { parseMac } from '../../../shared/ethernet';
import {
  DEVICE_INFO_BYTES,
  DEVICE_INFO_POOL,
  DEVICE_MAGIC,
  FEATURE_VLAN_OFFLOAD,
  MEMMAP_BYTES,
  MEMMAP_INFO_BYTES,
  MEMMAP_INFO_MAPS,
  MEMMAP_LENGTH,
  MEMMAP_MAGIC,
  MEMMAP_PHYS_ADDR,
  MEMMAP_VERSION,
  MEMPOOL_INFO_ADDR,
  MEMPOOL_INFO_BYTES,
  MEMPOOL_INFO_LENGTH,
  MEMPOOL_INFO_PHYS_ADDR,
  DEVICE_INFO_ALLOC_PHYS,
  DEVICE_INFO_DEVICE_ID,
  DEVICE_INFO_FREE_PHYS,
  DEVICE_INFO_MBUF_PHYS,
  DEVICE_INFO_MBUF_VA,
  DEVICE_INFO_REQ_PHYS,
  DEVICE_INFO_RESP_PHYS,
  DEVICE_INFO_RX_PHYS,
  DEVICE_INFO_SYNC_PHYS,
  DEVICE_INFO_SYNC_VA,
  DEVICE_INFO_TX_PHYS,
  storeDeviceInfoAllocSize,
  storeDeviceInfoEthaddr,
  storeDeviceInfoFeatures,
  storeDeviceInfoFreeSize,
  storeDeviceInfoIfname,
  storeDeviceInfoMagic,
  storeDeviceInfoMaxRxPktLen,
  storeDeviceInfoMaxRxQueues,
  storeDeviceInfoMaxTxQueues,
  storeDeviceInfoMbufSize,
  storeDeviceInfoMinRxQueues,
  storeDeviceInfoMinTxQueues,
  storeDeviceInfoMode,
  storeDeviceInfoNumRxQueues,
  storeDeviceInfoNumTxQueues,
  storeDeviceInfoRxSize,
  storeDeviceInfoTxSize,
  storeDeviceInfoVersion,
  storeMemmapInfoMagic,
  storeMemmapInfoNbMaps,
  storeMemmapInfoVersion,
} from '../../../shared/loops/layout';
import { store64 } from '../../../shared/u64';
import type { HostMemory } from './hostMemory';
import { fifoStride, type RunName } from './memoryRuns';
import type { MemoryPlan } from './memoryPlan';
import type { AvpDeviceSettings } from '../settings/schema';

/** Returns the feature bits that the host offers (section 5). */
export function hostFeatures(settings: AvpDeviceSettings): number {
  return settings.vlanOffload ? FEATURE_VLAN_OFFLOAD : 0;
}

/** Writes the memory map, BAR 4 (section 4). */
export function writeMemmap(bar: number, plan: MemoryPlan): void {
  fill(bar, 0, MEMMAP_INFO_BYTES);
  storeMemmapInfoMagic(bar, MEMMAP_MAGIC);
  storeMemmapInfoVersion(bar, MEMMAP_VERSION);
  storeMemmapInfoNbMaps(bar, plan.segments.length);
  plan.segments.forEach(({ va, phys, bytes }, index) => {
    const map = bar + MEMMAP_INFO_MAPS + index * MEMMAP_BYTES;
    store64(map, va);
    store64(map + MEMMAP_PHYS_ADDR, phys);
    store64(map + MEMMAP_LENGTH, BigInt(bytes));
  });
}

function writeQueues(bar: number, { rxQueues, txQueues }: AvpDeviceSettings): void {
  storeDeviceInfoMinRxQueues(bar, rxQueues.min);
  storeDeviceInfoNumRxQueues(bar, rxQueues.recommended);
  storeDeviceInfoMaxRxQueues(bar, rxQueues.max);
  storeDeviceInfoMinTxQueues(bar, txQueues.min);
  storeDeviceInfoNumTxQueues(bar, txQueues.recommended);
  storeDeviceInfoMaxTxQueues(bar, txQueues.max);
}

const PHYSICAL_ADDRESSES: readonly (readonly [field: number, run: RunName])[] = [
  [DEVICE_INFO_TX_PHYS, 'tx'],
  [DEVICE_INFO_RX_PHYS, 'rx'],
  [DEVICE_INFO_ALLOC_PHYS, 'alloc'],
  [DEVICE_INFO_FREE_PHYS, 'free'],
  [DEVICE_INFO_REQ_PHYS, 'req'],
  [DEVICE_INFO_RESP_PHYS, 'resp'],
  [DEVICE_INFO_SYNC_PHYS, 'sync'],
];

function writeAddresses(bar: number, host: HostMemory): void {
  for (const [field, run] of PHYSICAL_ADDRESSES) store64(bar + field, host.run(run).phys);
  storeDeviceInfoTxSize(bar, fifoStride(host.settings, 'tx'));
  storeDeviceInfoRxSize(bar, fifoStride(host.settings, 'rx'));
  storeDeviceInfoAllocSize(bar, fifoStride(host.settings, 'alloc'));
  storeDeviceInfoFreeSize(bar, fifoStride(host.settings, 'free'));
  store64(bar + DEVICE_INFO_SYNC_VA, host.run('sync').va);
}

/** Writes the first pool twice, as `pool[0]` and as `mbuf_va`/`mbuf_phys`: drivers read one or the other (section 4). */
function writePools(bar: number, host: HostMemory): void {
  host.settings.pools.forEach((_pool, index) => {
    const { va, phys } = host.run(`pool${index}`);
    const pool = bar + DEVICE_INFO_POOL + index * MEMPOOL_INFO_BYTES;
    store64(pool + MEMPOOL_INFO_ADDR, va);
    store64(pool + MEMPOOL_INFO_PHYS_ADDR, phys);
    store64(pool + MEMPOOL_INFO_LENGTH, BigInt(host.poolBytes(index)));
  });
  store64(bar + DEVICE_INFO_MBUF_VA, host.run('pool0').va);
  store64(bar + DEVICE_INFO_MBUF_PHYS, host.run('pool0').phys);
}

/** Writes the device info, BAR 5 (section 5). */
export function writeDeviceInfo(bar: number, host: HostMemory): void {
  const { settings } = host;
  fill(bar, 0, DEVICE_INFO_BYTES);
  storeDeviceInfoMagic(bar, DEVICE_MAGIC);
  storeDeviceInfoVersion(bar, settings.hostVersion);
  for (let i = 0; i < settings.ifname.length; i++) storeDeviceInfoIfname(bar, i, settings.ifname.charCodeAt(i));
  parseMac(settings.mac).forEach((byte, i) => storeDeviceInfoEthaddr(bar, i, byte));
  storeDeviceInfoFeatures(bar, hostFeatures(settings));
  storeDeviceInfoMode(bar, settings.mode);
  storeDeviceInfoMbufSize(bar, settings.mbufSize);
  storeDeviceInfoMaxRxPktLen(bar, settings.maxRxPacketBytes);
  store64(bar + DEVICE_INFO_DEVICE_ID, settings.deviceId);
  writeQueues(bar, settings);
  writeAddresses(bar, host);
  writePools(bar, host);
}
