import { ActorBuffer } from './actorBuffer';
import type { MemoryModel } from './model';

/** The memory that all actors share, below their store buffers. Numbers are little-endian, of 1, 2 or 4 bytes. */
export interface SharedMemory {
  load(address: number, bytes: number): number;
  store(address: number, bytes: number, value: number): void;
  read(address: number, into: Uint8Array): void;
  write(address: number, from: Uint8Array): void;
}

/**
 * The store buffers of all actors, under one memory model.
 *
 * An actor asks `mustWait` before each access. While it is true, the actor can only wait for its own stores to drain.
 * Then it makes the access at once. The scheduler drains stores by `drain`, at any time.
 *
 * - A fence and a read-modify-write wait until the buffer is empty.
 * - A load is answered by the newest own store that contains all its bytes. A load that overlaps it only partly waits
 *   until that store has drained, as CPUs do.
 * - tso: stores drain in order. pso: a store may overtake any older one that it does not overlap; a release store
 *   waits for all older ones.
 * - A copy, a fill and any other bulk store drains as one.
 */
export class StoreBuffers {
  private readonly buffers: readonly ActorBuffer[];
  private readonly buffered: boolean;

  constructor(
    readonly model: MemoryModel,
    actors: number,
    private readonly memory: SharedMemory,
  ) {
    this.buffers = Array.from({ length: actors }, () => new ActorBuffer());
    this.buffered = model !== 'sc';
  }

  /** Forgets all stores, before a new run. */
  begin(): void {
    for (const buffer of this.buffers) buffer.clear();
  }

  isEmpty(actor: number): boolean {
    return this.buffers[actor]!.count === 0;
  }

  /** True while a fence or a read-modify-write has to wait. */
  fenceMustWait(actor: number): boolean {
    return this.buffers[actor]!.count > 0;
  }

  /** True while a load, or the reading half of a copy, has to wait. */
  loadMustWait(actor: number, address: number, bytes: number): boolean {
    const buffer = this.buffers[actor]!;
    const at = buffer.newestOverlap(address, bytes);
    return at >= 0 && !buffer.contains(at, address, bytes);
  }

  /** True where the actor's own buffer answers a load that need not wait. */
  answers(actor: number, address: number, bytes: number): boolean {
    return this.buffers[actor]!.newestOverlap(address, bytes) >= 0;
  }

  /** Loads 1, 2 or 4 bytes as an unsigned number. */
  load(actor: number, address: number, bytes: number): number {
    const buffer = this.buffers[actor]!;
    const at = buffer.newestOverlap(address, bytes);
    return at < 0 ? this.memory.load(address, bytes) : buffer.valueAt(at, address, bytes);
  }

  /** Reads as many bytes as `into` has. */
  read(actor: number, address: number, into: Uint8Array): void {
    const buffer = this.buffers[actor]!;
    const at = buffer.newestOverlap(address, into.length);
    if (at < 0) this.memory.read(address, into);
    else buffer.readInto(at, address, into);
  }

  /** @param right the right that the store needs, as `withoutRight` looks for it. */
  store(actor: number, address: number, bytes: number, value: number, site = -1, right = 0): void {
    if (this.buffered) this.buffers[actor]!.add(address, bytes, value, site, right, false);
    else this.memory.store(address, bytes, value);
  }

  releaseStore(actor: number, address: number, bytes: number, value: number, site = -1, right = 0): void {
    if (this.buffered) this.buffers[actor]!.add(address, bytes, value, site, right, true);
    else this.memory.store(address, bytes, value);
  }

  /** Stores any number of bytes, which are copied. */
  write(actor: number, address: number, from: Uint8Array, site = -1, right = 0): void {
    if (!this.buffered || from.length === 0) this.memory.write(address, from);
    else this.buffers[actor]!.addBulk(address, from, site, right);
  }

  /**
   * Finds a store that has not reached memory although its right is taken away: it would change what is no longer its
   * actor's to change.
   * @param rights those that are left to the range.
   * @returns its position in the buffer, -1 for none.
   */
  withoutRight(actor: number, rights: number, address: number, bytes: number): number {
    return this.buffers[actor]!.firstWithout(rights, address, bytes);
  }

  /** Lets all stores of an actor reach memory whatever becomes of its rights. */
  waiveRights(actor: number): void {
    this.buffers[actor]!.right.fill(0);
  }

  /** The right that a buffered store needs. */
  rightAt(actor: number, position: number): number {
    return this.buffers[actor]!.right[position]!;
  }

  /**
   * Lists the stores of an actor that may drain now.
   * @param into gets their positions in the buffer, oldest first; grows as needed.
   * @returns how many there are.
   */
  drainable(actor: number, into: number[]): number {
    const buffer = this.buffers[actor]!;
    if (buffer.count === 0) return 0;
    into[0] = 0;
    if (this.model !== 'pso') return 1;
    let found = 1;
    for (let at = 1; at < buffer.count; at++) if (this.mayOvertake(buffer, at)) into[found++] = at;
    return found;
  }

  addressAt(actor: number, position: number): number {
    return this.buffers[actor]!.address[position]!;
  }

  bytesAt(actor: number, position: number): number {
    return this.buffers[actor]!.bytes[position]!;
  }

  siteAt(actor: number, position: number): number {
    return this.buffers[actor]!.site[position]!;
  }

  /** Value of a buffered store; 0 for a bulk store. */
  valueAt(actor: number, position: number): number {
    const buffer = this.buffers[actor]!;
    return buffer.isBulk(position) ? 0 : buffer.value[position]! >>> 0;
  }

  /** Moves one store to memory: any of those that `drainable` lists. */
  drain(actor: number, position: number): void {
    const buffer = this.buffers[actor]!;
    const address = buffer.address[position]!;
    if (buffer.isBulk(position)) this.memory.write(address, buffer.bulkOf(position));
    else this.memory.store(address, buffer.bytes[position]!, buffer.value[position]!);
    buffer.remove(position);
  }

  private mayOvertake(buffer: ActorBuffer, at: number): boolean {
    if (buffer.isRelease(at)) return false;
    const address = buffer.address[at]!;
    const bytes = buffer.bytes[at]!;
    for (let older = 0; older < at; older++) if (buffer.overlaps(older, address, bytes)) return false;
    return true;
  }
}
