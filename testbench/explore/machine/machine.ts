import { Executor } from './executor';
import {
  ADD,
  COMPARE_EXCHANGE,
  COPY,
  EXCHANGE,
  FENCE,
  FILL,
  LOAD,
  LOAD_ACQUIRE,
  type Party,
  PROTECT,
  READ_BYTES,
  SLEEP,
  STORE,
  STORE_RELEASE,
  WAIT,
  WRITE_BYTES,
} from './party';
import { MAX_PARTIES, SHARED } from './sharing';

/**
 * The memory of a world, as twins access it. Each method answers at once where the access concerns its actor alone.
 * Otherwise it notes the access in the actor and answers -1, true or null, and the twin yields: the access is a
 * point, and `perform` makes it once the actor is chosen.
 */
export class Machine extends Executor {
  /** True while a run goes on: code that is no twin may not access memory then. */
  exploring = false;
  /** Set once the actor that runs looks at the clock. */
  lookedAtClock = false;
  private readonly words = this.bytes.words32;
  private readBit = 0;
  private writeBit = 0;

  /** Makes an actor the one whose accesses follow. */
  enter(party: Party): void {
    this.party = party;
    this.readBit = 1 << party.index;
    this.writeBit = this.readBit << MAX_PARTIES;
    this.actAs(party.acting);
  }

  // Accesses of twins

  load32(address: number, site: number): number {
    const word = address >>> 2;
    if (this.isPoint(word, this.readBit)) return this.stand(LOAD, address, 4, site);
    if ((this.rights[word]! & this.readRight) === 0) this.violate('load', address, 4, site);
    return this.private(address, 4);
  }

  load16(address: number, site: number): number {
    if (this.isPoint(address >>> 2, this.readBit)) return this.stand(LOAD, address, 2, site);
    this.needRead(address, 2, site);
    return this.private(address, 2);
  }

  load8(address: number, site: number): number {
    if (this.isPoint(address >>> 2, this.readBit)) return this.stand(LOAD, address, 1, site);
    this.needRead(address, 1, site);
    return this.private(address, 1);
  }

  loadAcquire32(address: number, site: number): number {
    if (this.isPoint(address >>> 2, this.readBit)) return this.stand(LOAD_ACQUIRE, address, 4, site);
    this.needRead(address, 4, site);
    return this.private(address, 4);
  }

  store32(address: number, value: number, site: number): boolean {
    return this.storing(STORE, address, 4, value, site);
  }

  store16(address: number, value: number, site: number): boolean {
    return this.storing(STORE, address, 2, value, site);
  }

  store8(address: number, value: number, site: number): boolean {
    return this.storing(STORE, address, 1, value, site);
  }

  storeRelease32(address: number, value: number, site: number): boolean {
    return this.storing(STORE_RELEASE, address, 4, value, site);
  }

  compareExchange32(address: number, expected: number, value: number, site: number): number {
    this.party!.expected = expected >>> 0;
    return this.updating(COMPARE_EXCHANGE, address, value, site);
  }

  exchange32(address: number, value: number, site: number): number {
    return this.updating(EXCHANGE, address, value, site);
  }

  add32(address: number, value: number, site: number): number {
    return this.updating(ADD, address, value, site);
  }

  fence(site: number): boolean {
    if (!this.buffered || this.buffers.isEmpty(this.party!.index)) return false;
    this.stand(FENCE, 0, 0, site);
    return true;
  }

  copy(to: number, from: number, bytes: number, site: number): boolean {
    if (bytes === 0) return false;
    const reads = this.isShared(from, bytes, this.readBit);
    const writes = this.isShared(to, bytes, this.writeBit);
    const party = this.party!;
    party.source = from;
    this.put(COPY, to, bytes, site);
    if (reads || writes) return true;
    party.source = -1;
    this.needBoth(from, to, bytes, site);
    this.bytes.copy(to, from, bytes);
    return false;
  }

  copyShort(to: number, from: number, bytes: number, site: number): boolean {
    return this.copy(to, from, bytes, site);
  }

  copy16(to: number, from: number, site: number): boolean {
    return this.copy(to, from, 16, site);
  }

  fill(address: number, value: number, bytes: number, site: number): boolean {
    if (bytes === 0) return false;
    this.party!.value = value;
    return this.bulk(FILL, address, bytes, site);
  }

  writeBytes(address: number, bytes: Uint8Array, site: number): boolean {
    if (bytes.length === 0) return false;
    this.party!.bytes = bytes;
    return this.bulk(WRITE_BYTES, address, bytes.length, site);
  }

  readBytes(address: number, bytes: number, site: number): Uint8Array | null {
    if (bytes === 0) return new Uint8Array();
    const party = this.party!;
    const shared = this.isShared(address, bytes, this.readBit);
    this.put(READ_BYTES, address, bytes, site);
    if (shared) return null;
    this.perform(party);
    return party.bytes;
  }

  /** A change of rights is a point where another actor has touched any of the words. */
  protect(address: number, bytes: number, rights: number, site: number): boolean {
    const { party } = this;
    if (bytes === 0) return false;
    party!.value = rights;
    const shared = this.isShared(address, bytes, this.writeBit);
    this.put(PROTECT, address, bytes, site);
    if (!shared) this.bytes.protect(address, bytes, rights);
    return shared;
  }

  // Points

  /** True for a shared word, also for one that this access makes shared. */
  private isPoint(word: number, bit: number): boolean {
    const seen = this.touched[word]!;
    return (seen & bit) === 0 ? this.sharing.touch(word, bit) : (seen & SHARED) !== 0;
  }

  /** True if any word of a range is shared; then all of it is, so that a bulk access lies in a store buffer whole. */
  private isShared(address: number, bytes: number, bit: number): boolean {
    const first = address >>> 2;
    const last = (address + bytes - 1) >>> 2;
    let shared = false;
    let whole = true;
    for (let word = first; word <= last; word++) {
      if (this.isPoint(word, bit)) shared = true;
      else whole = false;
    }
    if (shared && !whole && this.buffered) this.sharing.shareAll(first, last);
    return shared;
  }

  private private(address: number, bytes: number): number {
    if (this.buffered) return this.buffers.load(this.party!.index, address, bytes);
    return bytes === 4 ? (this.words[address >>> 2] ?? 0) : this.bytes.load(address, bytes);
  }

  private storing(kind: number, address: number, bytes: number, value: number, site: number): boolean {
    const word = address >>> 2;
    if (this.isPoint(word, this.writeBit)) {
      this.party!.value = value >>> 0;
      this.stand(kind, address, bytes, site);
      return true;
    }
    if ((this.rights[word]! & this.writeRight) === 0) this.violate('store', address, bytes, site);
    this.bytes.store(address, bytes, value);
    return false;
  }

  private updating(kind: number, address: number, value: number, site: number): number {
    const party = this.party!;
    party.value = value >>> 0;
    const shared = this.isShared(address, 4, this.writeBit);
    this.stand(kind, address, 4, site);
    if (shared || (this.buffered && !this.buffers.isEmpty(party.index))) return -1;
    return this.perform(party);
  }

  private bulk(kind: number, address: number, bytes: number, site: number): boolean {
    const shared = this.isShared(address, bytes, this.writeBit);
    this.put(kind, address, bytes, site);
    if (!shared) this.perform(this.party!);
    return shared;
  }

  private stand(kind: number, address: number, length: number, site: number): -1 {
    this.party!.source = -1;
    this.put(kind, address, length, site);
    return -1;
  }

  private put(kind: number, address: number, length: number, site: number): void {
    const party = this.party!;
    party.kind = kind;
    party.address = address;
    party.length = length;
    party.site = site;
  }

  // Waiting

  /** Puts an actor to sleep until a moment of virtual time. @param rests between two rounds of its work. */
  sleep(untilNs: number, rests: boolean): void {
    this.put(SLEEP, 0, 0, -1);
    this.party!.rests = rests;
    this.party!.wakeNs = untilNs;
  }

  /** Makes an actor wait while a word has a value. */
  wait(address: number, value: number): void {
    this.isShared(address, 4, this.readBit);
    this.party!.value = value >>> 0;
    this.stand(WAIT, address, 4, -1);
  }
}
