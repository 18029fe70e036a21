import {
  ACTOR_DRIVER,
  ACTOR_HOST,
  DRIVER_READ,
  DRIVER_WRITE,
  HOST_READ,
  HOST_WRITE,
} from '../../../shared/loops/rights';
import type { MemoryModel } from '../models/model';
import { StoreBuffers } from '../models/storeBuffers';
import { MachineBytes } from './bytes';
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
import { MAX_PARTIES, SHARED, Sharing } from './sharing';
import { Violations } from './violations';

/**
 * The memory of a world, as twins access it. Each method answers at once where the access concerns its actor alone.
 * Otherwise it notes the access in the actor and answers -1, true or null, and the twin yields: the access is a
 * point, and `perform` makes it once the actor is chosen.
 */
export class Machine {
  readonly bytes = new MachineBytes();
  readonly buffers: StoreBuffers;
  readonly violations = new Violations();
  readonly sharing = new Sharing();
  /** True while a run goes on: code that is no twin may not access memory then. */
  exploring = false;
  /** Number of accesses to shared words that have changed a value, in all runs. */
  changes = 0;

  private readonly touched = this.sharing.touched;
  private readonly words = this.bytes.words32;
  private readonly rights = this.bytes.rights;
  private readonly buffered: boolean;
  private party: Party | null = null;
  private acting = ACTOR_DRIVER;
  private readRight = DRIVER_READ;
  private writeRight = DRIVER_WRITE;
  private readBit = 0;
  private writeBit = 0;

  constructor(readonly model: MemoryModel) {
    this.buffers = new StoreBuffers(model, MAX_PARTIES, this.bytes);
    this.buffered = model !== 'sc';
  }

  /** Makes an actor the one whose accesses follow. */
  enter(party: Party): void {
    this.party = party;
    this.readBit = 1 << party.index;
    this.writeBit = this.readBit << MAX_PARTIES;
    this.actAs(party.acting);
  }

  /** Sets whose rights apply. Returns whose did before. */
  actAs(actor: number): number {
    const former = this.acting;
    this.acting = actor;
    if (this.party !== null) this.party.acting = actor;
    this.readRight = actor === ACTOR_HOST ? HOST_READ : DRIVER_READ;
    this.writeRight = actor === ACTOR_HOST ? HOST_WRITE : DRIVER_WRITE;
    return former;
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

  // Carrying out

  /** Makes the access that an actor stands before. Returns its value, 0 where it has none. */
  perform(party: Party): number {
    const { kind, address, length, site } = party;
    switch (kind) {
      case LOAD:
      case LOAD_ACQUIRE:
        this.needRead(address, length, site);
        return this.buffers.load(party.index, address, length);
      case STORE:
      case STORE_RELEASE:
        this.needWrite('store', address, length, site);
        return this.store(party);
      case COMPARE_EXCHANGE:
      case EXCHANGE:
      case ADD:
        return this.update(party);
      case COPY:
        this.needBoth(party.source, address, length, site);
        return this.writeOut(party, this.bytesFor(party, party.source, length));
      case FILL:
        this.needWrite('fill', address, length, site);
        return this.writeOut(party, new Uint8Array(length).fill(party.value));
      case WRITE_BYTES:
        this.needWrite('store', address, length, site);
        return this.writeOut(party, party.bytes!);
      case READ_BYTES:
        this.needRead(address, length, site);
        party.bytes = this.bytesFor(party, address, length);
        return 0;
      case PROTECT:
        if (this.buffered) this.findLateStores(party);
        this.bytes.protect(address, length, party.value);
        return 0;
      default:
        return 0;
    }
  }

  /** The word at an address as the others see it, for an actor that waits for it to change. */
  load(address: number): number {
    return this.bytes.load(address, 4);
  }

  /** Puts an actor to sleep until a moment of virtual time. */
  sleep(untilNs: number): void {
    this.put(SLEEP, 0, 0, -1);
    this.party!.wakeNs = untilNs;
  }

  /** Makes an actor wait while a word has a value. */
  wait(address: number, value: number): void {
    this.isShared(address, 4, this.readBit);
    this.party!.value = value >>> 0;
    this.stand(WAIT, address, 4, -1);
  }

  /** Moves a buffered store to memory. */
  drain(actor: number, position: number): void {
    this.buffers.drain(actor, position);
    this.changes++;
  }

  private store(party: Party): number {
    const { address, length, value, index, site } = party;
    if (!this.buffered && this.bytes.load(address, length) !== value) this.changes++;
    if (party.kind === STORE_RELEASE) this.buffers.releaseStore(index, address, length, value, site, this.writeRight);
    else this.buffers.store(index, address, length, value, site, this.writeRight);
    return value;
  }

  private update(party: Party): number {
    const { kind, address, value, site } = party;
    this.needRead(address, 4, site);
    this.needWrite('update', address, 4, site);
    const found = this.bytes.load(address, 4);
    if (kind === COMPARE_EXCHANGE && found !== party.expected) {
      party.noteFailure(found);
      return found;
    }
    const next = kind === ADD ? (found + value) >>> 0 : value;
    if (next !== found) this.changes++;
    this.bytes.store(address, 4, next);
    return found;
  }

  private bytesFor(party: Party, address: number, length: number): Uint8Array {
    const into = new Uint8Array(length);
    this.buffers.read(party.index, address, into);
    return into;
  }

  private writeOut(party: Party, from: Uint8Array): number {
    const { address, index, site } = party;
    if ((this.touched[address >>> 2]! & SHARED) === 0) this.bytes.write(address, from);
    else {
      this.buffers.write(index, address, from, site, this.writeRight);
      this.changes++;
    }
    return 0;
  }

  // Rights

  private needRead(address: number, bytes: number, site: number): void {
    this.need('load', address, bytes, this.readRight, site);
  }

  private needWrite(what: string, address: number, bytes: number, site: number): void {
    this.need(what, address, bytes, this.writeRight, site);
  }

  private needBoth(from: number, to: number, bytes: number, site: number): void {
    this.need('copy', from, bytes, this.readRight, site);
    this.need('copy', to, bytes, this.writeRight, site);
  }

  private need(what: string, address: number, bytes: number, right: number, site: number): void {
    const last = (address + bytes - 1) >>> 2;
    for (let word = address >>> 2; word <= last; word++)
      if ((this.rights[word]! & right) === 0) return this.violate(what, Math.max(address, word << 2), bytes, site);
  }

  /**
   * Finds stores of other actors that reach memory only after this change of rights. An actor's own change comes after
   * its own stores, for whoever learns of it.
   */
  private findLateStores({ index, address, length, value: rights }: Party): void {
    const { buffers, violations } = this;
    for (let party = 0; party < MAX_PARTIES; party++) {
      const at = party === index ? -1 : buffers.withoutRight(party, rights, address, length);
      if (at < 0) continue;
      const actor = buffers.rightAt(party, at) === HOST_WRITE ? ACTOR_HOST : ACTOR_DRIVER;
      const [to, bytes, site] = [buffers.addressAt(party, at), buffers.bytesAt(party, at), buffers.siteAt(party, at)];
      violations.add({ what: 'store that is seen late,', address: to, bytes, site, actor, party });
    }
  }

  private violate(what: string, address: number, bytes: number, site: number): void {
    this.violations.add({ what, address, bytes, site, actor: this.acting, party: this.party!.index });
  }
}
