/** A range of memory with known bytes. */
export interface KnownRange {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** The known memory by address. Nothing here throws, because addresses may be rubbish. */
export class AddressSpace {
  private readonly ranges: readonly KnownRange[];

  /** @param ranges without overlaps. */
  constructor(ranges: readonly KnownRange[]) {
    this.ranges = [...ranges].sort((one, other) => one.address - other.address);
  }

  /** The range that contains an address, undefined where none does. */
  rangeAt(address: number): KnownRange | undefined {
    const range = this.ranges.findLast((one) => one.address <= address);
    return range !== undefined && address - range.address < range.bytes.length ? range : undefined;
  }

  /** A view of the bytes at an address; null where they are not all in one range. */
  bytesAt(address: number, bytes: number): Uint8Array | null {
    const range = this.rangeAt(address);
    if (range === undefined) return null;
    const offset = address - range.address;
    return bytes <= range.bytes.length - offset ? range.bytes.subarray(offset, offset + bytes) : null;
  }
}
