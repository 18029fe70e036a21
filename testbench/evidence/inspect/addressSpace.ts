/** A range of memory whose bytes are known. */
export interface KnownRange {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** Memory by address, as far as it is known. Nothing here throws: addresses may come from anywhere. */
export class AddressSpace {
  private readonly ranges: readonly KnownRange[];

  /** @param ranges none overlaps another. */
  constructor(ranges: readonly KnownRange[]) {
    this.ranges = [...ranges].sort((one, other) => one.address - other.address);
  }

  /** The range that holds an address, undefined where none does. */
  rangeAt(address: number): KnownRange | undefined {
    const range = this.ranges.findLast((one) => one.address <= address);
    return range !== undefined && address - range.address < range.bytes.length ? range : undefined;
  }

  /** A view of the bytes from an address on; null where they are not all within one range. */
  bytesAt(address: number, bytes: number): Uint8Array | null {
    const range = this.rangeAt(address);
    if (range === undefined) return null;
    const offset = address - range.address;
    return bytes <= range.bytes.length - offset ? range.bytes.subarray(offset, offset + bytes) : null;
  }
}
