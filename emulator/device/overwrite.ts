import { load32, protect, readBytes, writeBytes } from '#mem';
import { sharedRecords } from '../../shared/abi/records';
import type { Field } from '../../shared/abi/struct';
import { structs } from '../../shared/abi/structs';
import { UsageError } from '../../shared/errors';
import {
  BAR_DEVICE,
  BAR_MEMMAP,
  DEVICE_INFO_POOL,
  FIFO_BYTES,
  FIFO_ELEM_BYTES,
  loadFifoRead,
  MEMMAP_BYTES,
  MEMMAP_INFO_MAPS,
  MEMPOOL_INFO_BYTES,
} from '../../shared/loops/layout';
import { BOTH } from '../../shared/loops/rights';
import type { DeviceFunction } from './pci/deviceFunction';
import type { HostMemory } from './memory/hostMemory';
import type { FifoKind } from './memory/memoryRuns';
import { loadHostBufferChain, loadHostBufferDesc } from './loops/records';
import { bufferAt } from './loops/buffers';

/** Selects one of several structures or elements. */
export interface OverwriteOptions {
  /**
   * For `memmap` and `mempool_info` the number of the structure; for `fifo` and `desc` the entry,
   * counted from the consumer's index; otherwise the element of an array field.
   * @defaultValue 0
   * @unit none
   */
  readonly index?: number;
  /**
   * Ring of a `fifo` or `desc`.
   * @defaultValue none; these two structures need it
   */
  readonly fifo?: FifoKind;
  /**
   * Queue of that ring.
   * @defaultValue 0
   * @unit none
   */
  readonly queue?: number;
  /**
   * Segment of a `desc` in its chain.
   * @defaultValue 0
   * @unit none
   */
  readonly segment?: number;
}

/** Structures whose `index` selects the structure, not the element of a field. */
const INDEXED = new Set(['memmap', 'mempool_info', 'desc', 'fifo']);

/** Structures by which the device describes itself: BAR, and offset of the first byte in it. */
const DESCRIPTIONS: Readonly<
  Record<string, { readonly bar: number; readonly first: (options: OverwriteOptions) => number }>
> = {
  device_info: { bar: BAR_DEVICE, first: () => 0 },
  mempool_info: { bar: BAR_DEVICE, first: ({ index = 0 }) => DEVICE_INFO_POOL + index * MEMPOOL_INFO_BYTES },
  memmap_info: { bar: BAR_MEMMAP, first: () => 0 },
  memmap: { bar: BAR_MEMMAP, first: ({ index = 0 }) => MEMMAP_INFO_MAPS + index * MEMMAP_BYTES },
};

function bad(text: string): never {
  throw new UsageError(`overwrite: ${text}`);
}

function fieldOf(structName: string, fieldName: string): Field {
  const struct = [...structs, ...sharedRecords].find(({ name }) => name === structName);
  if (struct === undefined) bad(`there is no structure '${structName}'`);
  const field = struct.fields.find(({ name }) => name === fieldName);
  return (
    field ??
    bad(`${structName} has no field '${fieldName}'; it has ${struct.fields.map(({ name }) => name).join(', ')}`)
  );
}

function ringOf(host: HostMemory, options: OverwriteOptions): { kind: FifoKind; queue: number; base: number } {
  const { fifo: kind, queue = 0 } = options;
  if (kind === undefined) return bad("'fifo' must say which ring: tx, rx, alloc, free, req or resp");
  if (queue >= host.fifosOfKind(kind)) bad(`there is no ${kind} FIFO ${queue}`);
  return { kind, queue, base: host.fifoAddress(kind, queue) };
}

/** Returns the arena address of slot `index`, counted from the consumer's index. */
function slotOf(host: HostMemory, options: OverwriteOptions): number {
  const { kind, base } = ringOf(host, options);
  const slot = (loadFifoRead(base) + (options.index ?? 0)) % host.settings.fifoSlots[kind];
  return base + FIFO_BYTES + FIFO_ELEM_BYTES * slot;
}

/** Returns the arena address of a descriptor: of a host's chain on rx, or of a single buffer on another ring. */
function descOf(host: HostMemory, options: OverwriteOptions): number {
  const slot = slotOf(host, options);
  let record = bufferAt(host.port, load32(slot), load32(slot + 4));
  for (let i = options.segment ?? 0; i > 0 && record !== 0; i--) record = loadHostBufferChain(record);
  return record === 0 ? bad('no such descriptor is on that ring') : loadHostBufferDesc(record);
}

function baseOf(device: DeviceFunction, host: HostMemory, struct: string, options: OverwriteOptions): number {
  switch (struct) {
    case 'fifo':
      return ringOf(host, options).base;
    case 'desc':
      return descOf(host, options);
    case 'request':
      return host.address('sync');
    case 'pci_function':
      return device.function.base;
    default:
      return bad(`'${struct}' has no place of its own`);
  }
}

function littleEndian(value: bigint | number, bytes: number): Uint8Array {
  const all = BigInt.asUintN(8 * bytes, BigInt(value));
  return Uint8Array.from({ length: bytes }, (_unused, i) => Number((all >> BigInt(8 * i)) & 0xffn));
}

/** Writes into a FIFO, the words included that only the guest may write. */
function writeFifo(host: HostMemory, options: OverwriteOptions, at: number, bytes: Uint8Array): void {
  const { kind, queue } = ringOf(host, options);
  protect(at, bytes.length, BOTH);
  writeBytes(at, bytes);
  host.grantFifo(kind, queue);
}

/**
 * Overwrites a field that the guest reads, named as in the protocol. The field `slot` of `fifo` is one of
 * its entries; `segment` follows the host's own chain. The host's private records do not change.
 * The structures in `DESCRIPTIONS` stay overwritten until another host is behind the device.
 * @throws UsageError for a name or a place that does not exist.
 */
export function overwrite(
  device: DeviceFunction,
  host: HostMemory,
  struct: string,
  field: string,
  value: bigint | number,
  options: OverwriteOptions = {},
): void {
  if (struct === 'fifo' && field === 'slot')
    return writeFifo(host, options, slotOf(host, options), littleEndian(value, FIFO_ELEM_BYTES));
  const { offset, bytes, count } = fieldOf(struct, field);
  const element = bytes / count;
  const image = littleEndian(value, element);
  const within = offset + (INDEXED.has(struct) ? 0 : (options.index ?? 0) * element);
  const described = DESCRIPTIONS[struct];
  if (described !== undefined)
    return device.describe(described.bar, (base) => writeBytes(base + described.first(options) + within, image));
  const at = baseOf(device, host, struct, options) + within;
  if (struct === 'fifo') writeFifo(host, options, at, image);
  else writeBytes(at, image);
}

/**
 * Reads a field, named as in `overwrite`, from where the guest reads it.
 * @returns the little-endian unsigned integer that it holds.
 * @throws UsageError for a name or a place that does not exist.
 */
export function readField(
  device: DeviceFunction,
  host: HostMemory,
  struct: string,
  field: string,
  options: OverwriteOptions = {},
): bigint {
  if (struct === 'fifo' && field === 'slot') return bigAt(slotOf(host, options), FIFO_ELEM_BYTES);
  const { offset, bytes, count } = fieldOf(struct, field);
  const element = bytes / count;
  const within = offset + (INDEXED.has(struct) ? 0 : (options.index ?? 0) * element);
  const described = DESCRIPTIONS[struct];
  const base =
    described === undefined
      ? baseOf(device, host, struct, options)
      : device.function.barAddress(described.bar) + described.first(options);
  return bigAt(base + within, element);
}

function bigAt(address: number, bytes: number): bigint {
  return readBytes(address, bytes).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
