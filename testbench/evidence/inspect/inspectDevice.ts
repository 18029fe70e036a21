import { deviceConfig, deviceInfo, request } from '../../../shared/abi/structs';
import { formatMac } from '../../../shared/ethernet';
import { hex, hex32 } from '../../../shared/hex';
import {
  DEVICE_MAGIC,
  MAX_QUEUES,
  REG_INTERRUPT_MASK,
  REG_INTERRUPT_STATUS,
  REG_MIGRATION_ACK,
  REG_MIGRATION_STATUS,
  REQ_CHANGE_MTU,
  REQ_CONFIG,
  REQ_LINK,
} from '../../../shared/loops/layout';
import { locateBuffers } from './buffers';
import type { HostRecords } from './hostRecords';
import { MemoryMap } from './memoryMap';
import { Problems } from './problems';
import { type DriverIndex, readRings } from './rings';
import { StructView } from './structView';
import type { DeviceBars, DeviceInspection, Scalars } from './inspection';
import { Windows } from './windows';

const ALL_ONES = 0xffff_ffff;

/** Private records besides the BARs. A dump has them, a live export has none. */
interface PrivateRecords {
  readonly host: HostRecords | null;
  readonly driverIndex: DriverIndex;
  readonly problems: Problems;
}

/** Returns the records of a device of which only the BARs are known. */
function noPrivateRecords(): PrivateRecords {
  return { host: null, driverIndex: () => null, problems: new Problems() };
}

function registersOf(mmio: Uint8Array | null): Scalars | null {
  if (mmio === null || mmio.length < REG_MIGRATION_ACK + 4) return null;
  const view = new DataView(mmio.buffer, mmio.byteOffset, mmio.length);
  return {
    interrupt_mask: view.getUint32(REG_INTERRUPT_MASK, true),
    interrupt_status: view.getUint32(REG_INTERRUPT_STATUS, true),
    migration_status: view.getUint32(REG_MIGRATION_STATUS, true),
    migration_ack: view.getUint32(REG_MIGRATION_ACK, true),
  };
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return String.fromCharCode(...bytes.subarray(0, end < 0 ? bytes.length : end)).replace(/[^\x20-\x7e]/g, '?');
}

function infoOf(view: StructView): Scalars {
  return { ...view.scalars(), ifname: textOf(view.bytes('ifname')), ethaddr: formatMac(view.bytes('ethaddr')) };
}

function checkInfo(view: StructView, problems: Problems): void {
  const magic = view.number('magic');
  if (magic !== DEVICE_MAGIC) problems.add(`device_info.magic is ${hex32(magic)}, expected ${hex32(DEVICE_MAGIC)}`);
  for (const way of ['rx', 'tx']) {
    const [min, max] = [view.number(`min_${way}_queues`), view.number(`max_${way}_queues`)];
    if (min > max || min > MAX_QUEUES)
      problems.add(
        `device_info.min_${way}_queues is ${min}, expected at most max_${way}_queues, ${max}, and ${MAX_QUEUES}`,
      );
  }
}

/** The request in the sync area, with the fields of its `req_id` (section 8). */
function requestOf(
  info: StructView,
  map: MemoryMap | null,
  memory: Uint8Array | null,
  problems: Problems,
): Scalars | null {
  const phys = info.big('sync_phys');
  const offset = map?.offsetOf(phys, BigInt(request.bytes)) ?? null;
  const view = offset === null ? null : StructView.of(request, memory, offset);
  if (view === null) {
    problems.add(`device_info.sync_phys ${hex(phys)} is in no map`);
    return null;
  }
  const id = view.number('req_id');
  const carried: Readonly<Record<number, Scalars>> = {
    [REQ_CHANGE_MTU]: { new_mtu: view.number('new_mtu') },
    [REQ_LINK]: { if_up: view.number('if_up') },
    [REQ_CONFIG]: view.inner('config', deviceConfig).scalars(),
  };
  return { req_id: id, ...carried[id], result: view.number('result') };
}

function vanished(registers: Scalars | null, { device }: DeviceBars): boolean {
  const gone = registers === null || Object.values(registers).every((value) => value === ALL_ONES);
  const info = StructView.of(deviceInfo, device);
  return gone && info !== null && info.number('magic') === ALL_ONES;
}

/**
 * Inspects a device by the contents of its BARs and by private records. The contents may be rubbish:
 * contradictions are reported as problems, and the rest is read as far as possible.
 */
export function inspectDevice(
  bars: DeviceBars,
  { host, driverIndex, problems }: PrivateRecords = noPrivateRecords(),
): DeviceInspection {
  const registers = registersOf(bars.mmio);
  const nothing = {
    deviceInfo: null,
    memoryMap: null,
    rings: [],
    request: null,
    buffers: { total: null, counts: {}, pools: [] },
  };
  if (vanished(registers, bars)) return { present: false, registers, ...nothing, problems: problems.list };
  if (registers === null) problems.add('BAR 0 is missing or too short: there are no registers');
  const { memory } = bars;
  if (memory === null) problems.add('BAR 2 is missing: there is no exported memory');
  const map = MemoryMap.read(bars.memmap, memory?.length ?? 0, problems);
  const memoryMap = map === null ? null : { nb_maps: map.count, maps: map.entries };
  const info = StructView.of(deviceInfo, bars.device);
  if (info === null) {
    problems.add('BAR 5 is missing or too short: there is no device info');
    return { present: true, registers, ...nothing, memoryMap, problems: problems.list };
  }
  checkInfo(info, problems);
  const windows = new Windows(info, map, memory, problems);
  const rings = readRings({ info, map, memory, windows, host, driverIndex, problems });
  return {
    present: true,
    registers,
    deviceInfo: infoOf(info),
    memoryMap,
    rings,
    request: requestOf(info, map, memory, problems),
    buffers: locateBuffers(rings, windows, host, problems),
    problems: problems.list,
  };
}
