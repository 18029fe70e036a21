/** Places of a device that a user can name: registers, fields of structures, ring entries, bytes of a BAR. */
import type { AvpDevice, OverwriteOptions } from '../../emulator';
import type { Struct } from '../../shared/abi/struct';
import { desc, deviceInfo, fifo, memmap, memmapInfo, mempoolInfo, request } from '../../shared/abi/structs';
import { UsageError } from '../../shared/errors';
import {
  BAR_MMIO,
  MAX_MAPS,
  MAX_POOLS,
  REG_INTERRUPT_MASK,
  REG_INTERRUPT_STATUS,
  REG_MIGRATION_ACK,
  REG_MIGRATION_STATUS,
} from '../../shared/loops/layout';
// Not through `#mem`: a debugger's look or change is no access of either side.
import { bytes8 } from '../../shared/mem/memory';
import { didYouMean } from '../../shared/nearest';

/** Registers of section 3 and their offsets in BAR 0. */
const REGISTERS: Readonly<Record<string, number>> = {
  interrupt_mask: REG_INTERRUPT_MASK,
  interrupt_status: REG_INTERRUPT_STATUS,
  migration_status: REG_MIGRATION_STATUS,
  migration_ack: REG_MIGRATION_ACK,
};

/** Structures that there is one of, or an array of. */
const STRUCTS: Readonly<Record<string, { readonly struct: Struct; readonly count: number }>> = {
  device_info: { struct: deviceInfo, count: 1 },
  mempool_info: { struct: mempoolInfo, count: MAX_POOLS },
  memmap_info: { struct: memmapInfo, count: 1 },
  memmap: { struct: memmap, count: MAX_MAPS },
  request: { struct: request, count: 1 },
};

const RINGS = ['tx', 'alloc', 'rx', 'free', 'req', 'resp'] as const;
type RingName = (typeof RINGS)[number];

/** Bytes of a BAR that one command shows or changes at most. */
const MAX_RAW_BYTES = 4_096;
/** Bytes of a value that is written without a length. */
const DEFAULT_RAW_BYTES = 4;
const MAX_VALUE_BYTES = 8;

/** A place that has been parsed. */
export type Place =
  | { readonly kind: 'register'; readonly name: string }
  | { readonly kind: 'raw'; readonly bar: number; readonly offset: number; readonly bytes: number | null }
  | {
      readonly kind: 'field';
      readonly struct: Struct;
      /** Null for all fields. */
      readonly field: string | null;
      readonly options: OverwriteOptions;
    };

/** A name and the value that stands there. */
export interface Peeked {
  readonly name: string;
  readonly value: bigint;
}

/** Fields that one integer, or an array of integers, makes. */
function plainFields(struct: Struct): string[] {
  return struct.fields.filter(({ of }) => of === null).map(({ name }) => name);
}

/** Lists the names of a device's rings: `rx0`, `rx1`, and so on for each kind. */
export function ringNames(device: AvpDevice): string[] {
  const { host } = device.inspect;
  return RINGS.flatMap((kind) => Array.from({ length: host.fifosOfKind(kind) }, (_unused, queue) => `${kind}${queue}`));
}

/** All places that can be named of a device, without array elements: for completion. */
export function placeNames(device: AvpDevice): string[] {
  const structs = Object.entries(STRUCTS).flatMap(([name, { struct, count }]) =>
    plainFields(struct).map((field) => `${name}${count > 1 ? '[0]' : ''}.${field}`),
  );
  const rings = ringNames(device).flatMap((ring) => [
    ...plainFields(fifo).map((field) => `${ring}.${field}`),
    `${ring}.slot[0]`,
    ...(/^(req|resp)/.test(ring) ? [] : plainFields(desc).map((field) => `${ring}.desc[0].${field}`)),
  ]);
  return [...Object.keys(REGISTERS), ...structs, ...rings, 'bar2+0x0'];
}

const FORMS =
  'a register (migration_ack), STRUCT.FIELD (device_info.magic, memmap[1].length), RING.FIELD (rx0.write, rx0.slot[2], rx0.desc[2].data_len), or barN+OFFSET[:BYTES]';

function bad(text: string, names: readonly string[] = []): never {
  throw new UsageError(`there is no place '${text}': ${didYouMean(text, names, `expected ${FORMS}`)}`);
}

function index(text: string, found: string | undefined, count: number): number {
  const value = found === undefined ? 0 : Number(found);
  if (value >= count) throw new UsageError(`'${text}': there are ${count} of them, numbered from 0`);
  return value;
}

/** A field, and for an array of integers the number of its element: `ethaddr[2]`. */
function parseField(
  text: string,
  struct: Struct,
  written: string | undefined,
): { readonly field: string | null; readonly element?: number } {
  if (written === undefined) return { field: null };
  const [, name = '', element] = /^(\w+)(?:\[(\d+)\])?$/.exec(written) ?? [];
  const field = struct.fields.find((one) => one.name === name && one.of === null);
  if (field === undefined) {
    const names = plainFields(struct);
    throw new UsageError(
      `'${text}': ${struct.name} has no field '${written}': ${didYouMean(written, names, `it has ${names.join(', ')}`)}`,
    );
  }
  return element === undefined ? { field: name } : { field: name, element: index(text, element, field.count) };
}

function parseRing(text: string, kind: RingName, queue: number, rest: string): Place {
  const fifoPlace = { fifo: kind, queue };
  const slot = /^slot\[(\d+)\]$/.exec(rest);
  if (slot !== null)
    return { kind: 'field', struct: fifo, field: 'slot', options: { ...fifoPlace, index: Number(slot[1]) } };
  const found = /^desc\[(\d+)(?::(\d+))?\](?:[.](.+))?$/.exec(rest);
  if (found === null)
    return { kind: 'field', struct: fifo, ...parseField(text, fifo, rest || undefined), options: fifoPlace };
  const [, entry, segment = '0', written] = found;
  const { field } = parseField(text, desc, written);
  const options = { ...fifoPlace, index: Number(entry), segment: Number(segment) };
  return { kind: 'field', struct: desc, field, options };
}

/** Parses the name of a place. @throws UsageError */
export function parsePlace(text: string, device: AvpDevice): Place {
  if (Object.hasOwn(REGISTERS, text)) return { kind: 'register', name: text };
  const raw = /^bar(\d)(?:\+(0x[0-9a-f]+|\d+))?(?::(0x[0-9a-f]+|\d+))?$/i.exec(text);
  if (raw !== null) return parseRaw(text, device, raw);
  const ring = /^(tx|alloc|rx|free|req|resp)(\d+)(?:[.](.+))?$/.exec(text);
  if (ring !== null) {
    const [, kind, queue, rest = ''] = ring;
    const count = device.inspect.host.fifosOfKind(kind as RingName);
    if (Number(queue) >= count)
      throw new UsageError(`there is no ring '${kind}${queue}': this host has ${count} ${kind}`);
    return parseRing(text, kind as RingName, Number(queue), rest);
  }
  const [, name = '', number, written] = /^(\w+)(?:\[(\d+)\])?(?:[.](.+))?$/.exec(text) ?? [];
  const known = Object.hasOwn(STRUCTS, name) ? STRUCTS[name]! : bad(text, placeNames(device));
  const { field, element } = parseField(text, known.struct, written);
  const which = known.count > 1 ? index(text, number, known.count) : (element ?? 0);
  return { kind: 'field', struct: known.struct, field, options: { index: which } };
}

function parseRaw(text: string, device: AvpDevice, [, bar, at = '0', length]: RegExpExecArray): Place {
  const [offset, bytes] = [Number(at), length === undefined ? null : Number(length)];
  const size = device.function.barBytes(Number(bar));
  if (size === 0) throw new UsageError(`'${text}': the device has BARs 0, 1, 2, 4 and 5`);
  const end = offset + (bytes ?? DEFAULT_RAW_BYTES);
  if (bytes === 0 || (bytes ?? 0) > MAX_RAW_BYTES || end > size)
    throw new UsageError(`'${text}': expected 1 to ${MAX_RAW_BYTES} bytes within the ${size} of BAR ${bar}`);
  return { kind: 'raw', bar: Number(bar), offset, bytes };
}

/** A view of the bytes of a raw place. */
export function rawBytes(device: AvpDevice, place: Place & { readonly kind: 'raw' }, standard: number): Uint8Array {
  const size = device.function.barBytes(place.bar);
  const bytes = place.bytes ?? Math.min(standard, size - place.offset);
  const address = device.function.barAddress(place.bar) + place.offset;
  return bytes8.subarray(address, address + bytes);
}

/** Reads a place; without a field all fields of the structure. @throws UsageError where there is no such entry now. */
export function peekPlace(device: AvpDevice, place: Exclude<Place, { readonly kind: 'raw' }>): Peeked[] {
  if (place.kind === 'register') {
    const address = device.function.barAddress(BAR_MMIO) + REGISTERS[place.name]!;
    return [{ name: place.name, value: littleEndian(bytes8.subarray(address, address + 4)) }];
  }
  const { struct, field, options } = place;
  if (field !== null) return [{ name: field, value: device.inspect.field(struct.name, field, options) }];
  return struct.fields
    .filter(({ of, count }) => of === null && count === 1)
    .map(({ name }) => ({ name, value: device.inspect.field(struct.name, name, options) }));
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** Reads a value to be written. @throws UsageError where it does not fit `bytes` bytes. */
function parseValue(text: string, bytes: number): bigint {
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? BigInt(text) : -1n;
  if (value >= 0n && value >> BigInt(8 * bytes) === 0n) return value;
  throw new UsageError(`value '${text}': expected an unsigned integer of ${bytes} bytes, such as 7 or 0x07`);
}

/** Writes a register as the side does that may write it: mask and ack as the guest, both status words as the host. */
function pokeRegister(device: AvpDevice, name: string, text: string): void {
  const value = Number(parseValue(text, 4));
  if (name === 'migration_status') device.tamper.setMigrationStatus(value);
  else if (name === 'interrupt_status') device.tamper.raiseInterrupt(value);
  else device.function.write32(BAR_MMIO, REGISTERS[name]!, value);
}

/** Writes a value to a place. @throws UsageError */
export function pokePlace(device: AvpDevice, place: Place, text: string): void {
  if (!device.function.present) throw new UsageError(`${device.name} has vanished: there is nothing to poke`);
  if (place.kind === 'register') return pokeRegister(device, place.name, text);
  if (place.kind === 'raw') {
    const target = rawBytes(device, place, DEFAULT_RAW_BYTES);
    if (target.length > MAX_VALUE_BYTES)
      throw new UsageError(`${target.length} bytes: one poke writes at most ${MAX_VALUE_BYTES}`);
    const value = parseValue(text, target.length);
    for (let i = 0; i < target.length; i++) target[i] = Number((value >> BigInt(8 * i)) & 0xffn);
    return;
  }
  const { struct, field, options } = place;
  if (field === null) throw new UsageError(`poke which field? ${struct.name} has ${plainFields(struct).join(', ')}`);
  const found = struct.fields.find(({ name }) => name === field);
  const bytes = found === undefined ? MAX_VALUE_BYTES : found.bytes / found.count;
  device.tamper.overwrite(struct.name, field, parseValue(text, bytes), options);
}
