/** Builds capture files of either byte order by hand, for the tests of the reader. */

/** Encodes numbers in one byte order. */
export interface Fields {
  u16(value: number): Buffer;
  u32(value: number): Buffer;
  u64(value: bigint): Buffer;
}

export const LITTLE: Fields = {
  u16: (value) => number(2, (out) => out.writeUInt16LE(value)),
  u32: (value) => number(4, (out) => out.writeUInt32LE(value)),
  u64: (value) => number(8, (out) => out.writeBigUInt64LE(BigInt.asUintN(64, value))),
};

export const BIG: Fields = {
  u16: (value) => number(2, (out) => out.writeUInt16BE(value)),
  u32: (value) => number(4, (out) => out.writeUInt32BE(value)),
  u64: (value) => number(8, (out) => out.writeBigUInt64BE(BigInt.asUintN(64, value))),
};

export const BYTE_ORDERS = [
  ['little-endian', LITTLE],
  ['big-endian', BIG],
] as const;

/** A pcap file header. `linkField` is its last word: link type and FCS bits. */
export function pcapHeader(f: Fields, magic = 0xa1b2c3d4, linkField = 1, minor = 4): Buffer {
  return Buffer.concat([f.u32(magic), f.u16(2), f.u16(minor), f.u32(0), f.u32(0), f.u32(65_535), f.u32(linkField)]);
}

/** A pcap record. Both lengths are that of `data` unless given. */
export function pcapRecord(
  f: Fields,
  time: readonly [seconds: number, fraction: number],
  data: Buffer,
  lengths?: readonly [captured: number, original: number],
): Buffer {
  const [captured, original] = lengths ?? [data.length, data.length];
  return Buffer.concat([f.u32(time[0]), f.u32(time[1]), f.u32(captured), f.u32(original), data]);
}

/** A pcapng block around `body`, padded to four bytes. */
export function block(f: Fields, type: number, ...body: Buffer[]): Buffer {
  const padded = pad(Buffer.concat(body));
  const length = f.u32(padded.length + 12);
  return Buffer.concat([f.u32(type), length, padded, length]);
}

/** A pcapng option, padded to four bytes. */
export function option(f: Fields, code: number, value: Buffer): Buffer {
  return Buffer.concat([f.u16(code), f.u16(value.length), pad(value)]);
}

/** A section header of version `major`.0. */
export function section(f: Fields, major = 1): Buffer {
  return block(f, 0x0a0d0d0a, f.u32(0x1a2b3c4d), f.u16(major), f.u16(0), f.u64(-1n));
}

/** An interface description. */
export function describeInterface(f: Fields, options: Buffer[] = [], snapLength = 0, linkType = 1): Buffer {
  return block(f, 1, f.u16(linkType), f.u16(0), f.u32(snapLength), ...options);
}

/** An enhanced packet block. */
export function enhanced(f: Fields, index: number, time: bigint, data: Buffer, options: Buffer[] = []): Buffer {
  return block(f, 6, f.u32(index), packetFields(f, time, data), pad(data), ...options);
}

/** An obsolete packet block. Readers ignore its drop count. */
export function obsolete(f: Fields, index: number, time: bigint, data: Buffer, options: Buffer[] = []): Buffer {
  return block(f, 2, f.u16(index), f.u16(77), packetFields(f, time, data), pad(data), ...options);
}

/** A simple packet block. */
export function simple(f: Fields, originalLength: number, data: Buffer): Buffer {
  return block(f, 3, f.u32(originalLength), data);
}

function packetFields(f: Fields, time: bigint, data: Buffer): Buffer {
  const words = [f.u32(Number(time >> 32n)), f.u32(Number(time & 0xffff_ffffn))];
  return Buffer.concat([...words, f.u32(data.length), f.u32(data.length)]);
}

function pad(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

function number(length: number, write: (out: Buffer) => void): Buffer {
  const out = Buffer.alloc(length);
  write(out);
  return out;
}
