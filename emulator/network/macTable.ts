import { UsageError } from '../../shared/errors';

/** Index that stands for no entry. */
const NONE = -1;

/** Result of `lookup` for an address that is not known. */
export const UNKNOWN_PORT = -1;

/** Largest capacity of a table. Real switches have less. */
const MOST_MACS = 1 << 20;

/**
 * Records at which port a MAC address was last seen, for each VLAN. It is a chained hash table over
 * typed arrays, so that looking up and learning allocate nothing.
 *
 * The table holds `capacity` addresses. All entries stand in one list, most recently seen first; a
 * new address in a full table takes the place of the one not seen for the longest time.
 *
 * An address is two numbers: `high`, its first two bytes, and `low`, the other four.
 */
export class MacTable {
  private readonly buckets: Int32Array;
  private readonly highOf: Uint16Array;
  private readonly lowOf: Uint32Array;
  private readonly vlanOf: Uint16Array;
  private readonly portOf: Int32Array;
  private readonly seenMs: Float64Array;
  /** For each entry the next one of its bucket, or the next free one. */
  private readonly next: Int32Array;
  private readonly newer: Int32Array;
  private readonly older: Int32Array;
  private newest = NONE;
  private oldest = NONE;
  private free = 0;
  private count = 0;

  constructor(readonly capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > MOST_MACS)
      throw new UsageError(`maxMacs ${capacity}: expected 1 to ${MOST_MACS} addresses`);
    this.buckets = new Int32Array(2 ** Math.ceil(Math.log2(capacity) + 1)).fill(NONE);
    this.highOf = new Uint16Array(capacity);
    this.lowOf = new Uint32Array(capacity);
    this.vlanOf = new Uint16Array(capacity);
    this.portOf = new Int32Array(capacity);
    this.seenMs = new Float64Array(capacity);
    this.next = Int32Array.from({ length: capacity }, (_unused, entry) => (entry + 1 < capacity ? entry + 1 : NONE));
    this.newer = new Int32Array(capacity);
    this.older = new Int32Array(capacity);
  }

  /** Number of addresses known. */
  get size(): number {
    return this.count;
  }

  /** The port of an address, or `UNKNOWN_PORT`. */
  lookup(vlan: number, high: number, low: number): number {
    const entry = this.find(this.bucket(vlan, high, low), vlan, high, low);
    return entry === NONE ? UNKNOWN_PORT : this.portOf[entry]!;
  }

  /** Records that an address was seen at a port. Returns true if it displaced an older address. */
  learn(vlan: number, high: number, low: number, port: number, nowMs: number): boolean {
    const bucket = this.bucket(vlan, high, low);
    const known = this.find(bucket, vlan, high, low);
    if (known !== NONE) {
      this.portOf[known] = port;
      this.seenMs[known] = nowMs;
      this.moveToFront(known);
      return false;
    }
    const evicts = this.count === this.capacity;
    if (evicts) this.remove(this.oldest);
    const entry = this.free;
    this.free = this.next[entry]!;
    this.highOf[entry] = high;
    this.lowOf[entry] = low;
    this.vlanOf[entry] = vlan;
    this.portOf[entry] = port;
    this.seenMs[entry] = nowMs;
    this.next[entry] = this.buckets[bucket]!;
    this.buckets[bucket] = entry;
    this.linkFront(entry);
    this.count++;
    return evicts;
  }

  /** Forgets the addresses that were last seen before `beforeMs`. Returns how many. */
  expire(beforeMs: number): number {
    let expired = 0;
    for (; this.oldest !== NONE && this.seenMs[this.oldest]! < beforeMs; expired++) this.remove(this.oldest);
    return expired;
  }

  /** Forgets every address of a port. */
  forgetPort(port: number): void {
    for (let entry = this.newest; entry !== NONE;) {
      const after = this.older[entry]!;
      if (this.portOf[entry] === port) this.remove(entry);
      entry = after;
    }
  }

  private bucket(vlan: number, high: number, low: number): number {
    const key = Math.imul(low ^ Math.imul((high << 12) ^ vlan, 0x9e3779b1), 0x85ebca6b);
    return (key ^ (key >>> 15)) & (this.buckets.length - 1);
  }

  private find(bucket: number, vlan: number, high: number, low: number): number {
    let entry = this.buckets[bucket]!;
    while (entry !== NONE && (this.lowOf[entry] !== low || this.highOf[entry] !== high || this.vlanOf[entry] !== vlan))
      entry = this.next[entry]!;
    return entry;
  }

  private remove(entry: number): void {
    const bucket = this.bucket(this.vlanOf[entry]!, this.highOf[entry]!, this.lowOf[entry]!);
    const after = this.next[entry]!;
    if (this.buckets[bucket] === entry) this.buckets[bucket] = after;
    else {
      let before = this.buckets[bucket]!;
      while (this.next[before] !== entry) before = this.next[before]!;
      this.next[before] = after;
    }
    this.unlink(entry);
    this.next[entry] = this.free;
    this.free = entry;
    this.count--;
  }

  private moveToFront(entry: number): void {
    if (this.newest === entry) return;
    this.unlink(entry);
    this.linkFront(entry);
  }

  private linkFront(entry: number): void {
    this.newer[entry] = NONE;
    this.older[entry] = this.newest;
    if (this.newest === NONE) this.oldest = entry;
    else this.newer[this.newest] = entry;
    this.newest = entry;
  }

  private unlink(entry: number): void {
    const newer = this.newer[entry]!;
    const older = this.older[entry]!;
    if (newer === NONE) this.newest = older;
    else this.older[newer] = older;
    if (older === NONE) this.oldest = newer;
    else this.newer[older] = newer;
  }
}
