/** Faults of the device info and of the memory map (sections 4 and 5): each field wrong in each way. */
import { readBytes } from '#mem';
import type { OverwriteOptions } from '../../../emulator';
import { structs } from '../../../shared/abi/structs';
import { asHost } from '../../../shared/actors';
import {
  BAR_DEVICE,
  BAR_MEMMAP,
  DEVICE_INFO_POOL,
  MEMMAP_BYTES,
  MEMMAP_INFO_MAPS,
  MEMPOOL_INFO_BYTES,
} from '../../../shared/loops/layout';
import type { Random } from '../../../shared/random';
import type { Undo } from '../decorate';
import { type Fault, fault } from '../fault';
import type { FaultyDevice } from '../site';
import { whole, word } from '../values';
import { eachReading, MOMENT } from './moments';

const WAYS = ['zero', 'ones', 'plus-one', 'minus-one', 'half', 'double', 'high-bit', 'random'] as const;
type Way = (typeof WAYS)[number];

const CHANGES: Readonly<Record<Way, (value: bigint, bits: bigint, random: Random) => bigint>> = {
  zero: () => 0n,
  ones: (_value, bits) => (1n << bits) - 1n,
  'plus-one': (value) => value + 1n,
  'minus-one': (value) => value - 1n,
  half: (value) => value / 2n,
  double: (value) => value * 2n,
  'high-bit': (value, bits) => value ^ (1n << (bits - 1n)),
  random: (_value, _bits, random) => random.u64(),
};

/** A field that describes the device, as the protocol names it. */
interface Described {
  readonly struct: 'device_info' | 'memmap_info' | 'memmap' | 'mempool_info';
  readonly field: string;
  readonly index: number;
}

function placeOf({ struct, field, index }: Described) {
  const { offset, bytes, count } = structs
    .find(({ name }) => name === struct)!
    .fields.find(({ name }) => name === field)!;
  const element = bytes / count;
  const first = {
    device_info: index * element,
    memmap_info: index * element,
    memmap: MEMMAP_INFO_MAPS + index * MEMMAP_BYTES,
    mempool_info: DEVICE_INFO_POOL + index * MEMPOOL_INFO_BYTES,
  }[struct];
  const bar = struct === 'memmap_info' || struct === 'memmap' ? BAR_MEMMAP : BAR_DEVICE;
  return { bar, offset: first + offset, bytes: element };
}

/** Reads a field as the guest finds it. */
function valueOf({ device }: FaultyDevice, field: Described): bigint {
  const { bar, offset, bytes } = placeOf(field);
  const image = asHost(() => readBytes(device.function.barAddress(bar) + offset, bytes));
  return image.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function write({ device }: FaultyDevice, { struct, field, index }: Described, value: bigint): void {
  const options: OverwriteOptions = { index };
  device.tamper.overwrite(struct, field, value, options);
}

/** Makes a field wrong. Returns what makes it right again, unless another host has written it. */
export function garble(place: FaultyDevice, field: Described, change: (value: bigint, bits: bigint) => bigint): Undo {
  const former = valueOf(place, field);
  const bits = BigInt(8 * placeOf(field).bytes);
  const wrong = BigInt.asUintN(Number(bits), change(former, bits));
  write(place, field, wrong);
  return () => {
    if (place.device.function.present && valueOf(place, field) === wrong) write(place, field, former);
  };
}

export const OPERATION = 'time at which a guest reads it: before its probe, and at an attach';

function parameters(way: Way) {
  return {
    at: MOMENT,
    way: word(WAYS, way, 'what it is instead'),
    index: whole(0, 'which element of an array, or which entry', 0, 2_047),
  };
}
type FieldFault = Fault<ReturnType<typeof parameters>>;

/** A fault of one field. */
export function fieldFault(struct: Described['struct'], field: string, about: string, standard: Way): FieldFault {
  return fault({
    about,
    operation: OPERATION,
    seam: 'device',
    parameters: parameters(standard),
    put: (placed) =>
      eachReading(placed, 'replaceHost', (place) => {
        const { way, index } = placed.parameters;
        return garble(place, { struct, field, index }, (value, bits) => CHANGES[way](value, bits, placed.random));
      }),
  });
}

/** The fields of the device info, with the way of being wrong that tells most. */
const INFO = {
  magic: 'plus-one',
  version: 'ones',
  ifname: 'random',
  tx_phys: 'ones',
  rx_phys: 'ones',
  alloc_phys: 'ones',
  free_phys: 'ones',
  features: 'zero',
  min_rx_queues: 'ones',
  num_rx_queues: 'ones',
  max_rx_queues: 'zero',
  min_tx_queues: 'ones',
  num_tx_queues: 'ones',
  max_tx_queues: 'zero',
  tx_size: 'ones',
  rx_size: 'ones',
  alloc_size: 'ones',
  free_size: 'ones',
  req_phys: 'ones',
  resp_phys: 'ones',
  sync_phys: 'ones',
  sync_va: 'plus-one',
  mbuf_va: 'ones',
  mbuf_phys: 'ones',
  ethaddr: 'ones',
  mode: 'ones',
  mbuf_size: 'zero',
  device_id: 'plus-one',
  max_rx_pkt_len: 'zero',
} as const satisfies Readonly<Record<string, Way>>;

type Dashed<S extends string> = S extends `${infer A}_${infer B}` ? `${A}-${Dashed<B>}` : S;
type InfoName = `deviceinfo.${Dashed<keyof typeof INFO>}`;

function infoFaults(): Readonly<Record<InfoName, FieldFault>> {
  const made = Object.entries(INFO).map(([field, way]) => [
    `deviceinfo.${field.replaceAll('_', '-')}`,
    fieldFault('device_info', field, `the field ${field} is wrong`, way),
  ]);
  return Object.fromEntries(made) as Record<InfoName, FieldFault>;
}

export const DEVICEINFO = {
  ...infoFaults(),
  'deviceinfo.pool-addr': fieldFault('mempool_info', 'addr', 'the address of a pool is wrong', 'ones'),
  'deviceinfo.pool-phys-addr': fieldFault(
    'mempool_info',
    'phys_addr',
    'the physical address of a pool is wrong',
    'ones',
  ),
  'deviceinfo.pool-length': fieldFault('mempool_info', 'length', 'the length of a pool is wrong', 'double'),
} as const;

const ENTRY = { struct: 'memmap', index: 0 } as const;

export const MEMMAP = {
  'memmap.magic': fieldFault('memmap_info', 'magic', 'the magic of the map is wrong', 'plus-one'),
  'memmap.version': fieldFault('memmap_info', 'version', 'the version of the map is wrong', 'plus-one'),
  'memmap.count': fieldFault('memmap_info', 'nb_maps', 'the number of segments is wrong', 'ones'),
  'memmap.addr': fieldFault('memmap', 'addr', 'the address of a segment is wrong', 'high-bit'),
  'memmap.phys-addr': fieldFault('memmap', 'phys_addr', 'the physical address of a segment is wrong', 'high-bit'),
  'memmap.length': fieldFault('memmap', 'length', 'the length of a segment is wrong', 'half'),
  'memmap.wrapping': fault({
    about: 'a segment is so long that its end wraps round the address space',
    operation: OPERATION,
    seam: 'device',
    parameters: { at: MOMENT },
    put: (placed) =>
      eachReading(placed, 'replaceHost', (place) =>
        garble(place, { ...ENTRY, field: 'length' }, () => 0xffff_ffff_ffff_f000n),
      ),
  }),
  'memmap.beyond-bar': fault({
    about: 'the segments together are longer than BAR 2',
    operation: OPERATION,
    seam: 'device',
    parameters: { at: MOMENT },
    put: (placed) =>
      eachReading(placed, 'replaceHost', (place) =>
        garble(place, { ...ENTRY, field: 'length' }, (length) => length + 0x8000_0000n),
      ),
  }),
} as const;
