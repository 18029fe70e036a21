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
  FILL,
  LOAD,
  LOAD_ACQUIRE,
  type Party,
  PROTECT,
  READ_BYTES,
  STORE,
  STORE_RELEASE,
  WRITE_BYTES,
} from './party';
import { MAX_PARTIES, SHARED, Sharing } from './sharing';
import { Violations } from './violations';

/** Memory, store buffers and rights of a world, and the accesses that actors make to them. */
export class Executor {
  readonly bytes = new MachineBytes();
  readonly buffers: StoreBuffers;
  readonly violations = new Violations();
  readonly sharing = new Sharing();
  /** Number of accesses to shared words that have changed a value, in all runs. */
  changes = 0;

  protected readonly touched = this.sharing.touched;
  protected readonly rights = this.bytes.rights;
  protected readonly buffered: boolean;
  /** The actor whose accesses follow; null during set-up. */
  protected party: Party | null = null;
  protected readRight = DRIVER_READ;
  protected writeRight = DRIVER_WRITE;
  private acting = ACTOR_DRIVER;

  constructor(readonly model: MemoryModel) {
    this.buffers = new StoreBuffers(model, MAX_PARTIES, this.bytes);
    this.buffered = model !== 'sc';
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

  protected needRead(address: number, bytes: number, site: number): void {
    this.need('load', address, bytes, this.readRight, site);
  }

  protected needWrite(what: string, address: number, bytes: number, site: number): void {
    this.need(what, address, bytes, this.writeRight, site);
  }

  protected needBoth(from: number, to: number, bytes: number, site: number): void {
    this.need('copy', from, bytes, this.readRight, site);
    this.need('copy', to, bytes, this.writeRight, site);
  }

  private need(what: string, address: number, bytes: number, right: number, site: number): void {
    const last = (address + bytes - 1) >>> 2;
    for (let word = address >>> 2; word <= last; word++)
      if ((this.rights[word]! & right) === 0) return this.violate(what, Math.max(address, word << 2), bytes, site);
  }

  /** True if a change of rights comes before a store of another actor has drained (`findLateStores`). */
  hasLateStores({ index, address, length, value: rights }: Party): boolean {
    for (let party = 0; party < MAX_PARTIES; party++)
      if (party !== index && this.buffers.withoutRight(party, rights, address, length) >= 0) return true;
    return false;
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

  protected violate(what: string, address: number, bytes: number, site: number): void {
    this.violations.add({ what, address, bytes, site, actor: this.acting, party: this.party!.index });
  }
}
