const FIRST_CAPACITY = 64;
const FIRST_BULK_BYTES = 4_096;

const RELEASE = 1;
const BULK = 2;

function grown(old: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const next = new Int32Array(old.length * 2);
  next.set(old);
  return next;
}

/** The stores of one actor that have not reached memory yet, oldest first. Forgets them without freeing anything. */
export class ActorBuffer {
  count = 0;
  address = new Int32Array(FIRST_CAPACITY);
  bytes = new Int32Array(FIRST_CAPACITY);
  site = new Int32Array(FIRST_CAPACITY);
  /** The right (`shared/loops/rights`) that the store needs; 0 where it needs none. */
  right = new Int32Array(FIRST_CAPACITY);
  /** Value of a store of 1, 2 or 4 bytes, or where the bytes of a bulk store begin in `bulk`. */
  value = new Int32Array(FIRST_CAPACITY);
  private flags = new Int32Array(FIRST_CAPACITY);
  private bulk = new Uint8Array(FIRST_BULK_BYTES);
  private bulkUsed = 0;

  clear(): void {
    this.count = 0;
    this.bulkUsed = 0;
  }

  /** Adds a store of 1, 2 or 4 bytes. */
  add(address: number, bytes: number, value: number, site: number, right: number, release: boolean): void {
    this.append(address, bytes, value, site, right, release ? RELEASE : 0);
  }

  /** Adds a store of any length. Copies the bytes. */
  addBulk(address: number, from: Uint8Array, site: number, right: number): void {
    const at = this.bulkUsed;
    while (at + from.length > this.bulk.length) {
      const next = new Uint8Array(this.bulk.length * 2);
      next.set(this.bulk);
      this.bulk = next;
    }
    this.bulk.set(from, at);
    this.bulkUsed += from.length;
    this.append(address, from.length, at, site, right, BULK);
  }

  private append(address: number, bytes: number, value: number, site: number, right: number, flags: number): void {
    if (this.count === this.address.length) this.grow();
    const at = this.count++;
    this.address[at] = address;
    this.bytes[at] = bytes;
    this.value[at] = value;
    this.site[at] = site;
    this.right[at] = right;
    this.flags[at] = flags;
  }

  /** True for a release store, which waits for all older stores. */
  isRelease(at: number): boolean {
    return this.flags[at] === RELEASE;
  }

  isBulk(at: number): boolean {
    return this.flags[at] === BULK;
  }

  remove(at: number): void {
    const { count } = this;
    if (at < count - 1)
      for (const list of [this.address, this.bytes, this.site, this.right, this.value, this.flags])
        list.copyWithin(at, at + 1, count);
    if (--this.count === 0) this.bulkUsed = 0;
  }

  overlaps(at: number, address: number, bytes: number): boolean {
    return address < this.address[at]! + this.bytes[at]! && this.address[at]! < address + bytes;
  }

  contains(at: number, address: number, bytes: number): boolean {
    return address >= this.address[at]! && address + bytes <= this.address[at]! + this.bytes[at]!;
  }

  /** The newest store that overlaps a range, -1 where none does. */
  newestOverlap(address: number, bytes: number): number {
    for (let at = this.count - 1; at >= 0; at--) if (this.overlaps(at, address, bytes)) return at;
    return -1;
  }

  /** The oldest store into a range that needs a right which is not among these; -1 where none does. */
  firstWithout(rights: number, address: number, bytes: number): number {
    for (let at = 0; at < this.count; at++)
      if (this.right[at] !== 0 && (this.right[at]! & rights) === 0 && this.overlaps(at, address, bytes)) return at;
    return -1;
  }

  /** Value of up to four bytes, as an unsigned number, out of a store that contains them. */
  valueAt(at: number, address: number, bytes: number): number {
    const skipped = address - this.address[at]!;
    if (!this.isBulk(at)) {
      const rest = this.value[at]! >>> (skipped * 8);
      return bytes === 4 ? rest >>> 0 : rest & ((1 << (bytes * 8)) - 1);
    }
    let value = 0;
    for (let i = bytes - 1; i >= 0; i--) value = value * 256 + this.bulk[this.value[at]! + skipped + i]!;
    return value;
  }

  /** Bytes out of a store that contains them. */
  readInto(at: number, address: number, into: Uint8Array): void {
    for (let i = 0; i < into.length; i++) into[i] = this.valueAt(at, address + i, 1);
  }

  /** The bytes of a bulk store. */
  bulkOf(at: number): Uint8Array {
    return this.bulk.subarray(this.value[at], this.value[at]! + this.bytes[at]!);
  }

  private grow(): void {
    this.address = grown(this.address);
    this.bytes = grown(this.bytes);
    this.site = grown(this.site);
    this.right = grown(this.right);
    this.value = grown(this.value);
    this.flags = grown(this.flags);
  }
}
