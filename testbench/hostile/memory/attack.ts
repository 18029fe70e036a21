import { describeAddress } from '../../../shared/arena';
import { watchedMemory } from '../../../shared/mem/build';
import { bytes8, words32 } from '../../../shared/mem/memory';
import type { AccessKind } from '../../../shared/mem/watched';
import type { Change, HostileCase, Write } from '../cases/hostileCase';
import { Broken } from '../finding';
import type { SharedMemory } from './sharedMemory';

/** Allocations do not share a line of 64 bytes. */
const LINE_SHIFT = 6;

/** An echo copies no pointer: there is no class of words. */
const NO_WORDS = new Uint32Array(1);

const SHARED = 1;
const OTHERS = 2;

export interface MemoryRange {
  readonly address: number;
  readonly bytes: number;
}

/** Ranges of the arena that are not the attacked side's own. */
export interface AttackedRanges {
  /** Memory that it shares with its neighbour. Default: what lies in BAR 2. */
  readonly shared?: readonly MemoryRange[];
  /** Memory of another port, which it must not touch. Default: none. */
  readonly others?: readonly MemoryRange[];
}

/** Follows the attacked side's accesses to shared memory. */
export interface Follower {
  load(address: number, bytes: number): void;
  copy(source: number, bytes: number): void;
  /** Called right after a store of the attacked side. */
  stored?(address: number, bytes: number, isCopy: boolean): void;
  /** Called right after a load that all checks have let pass. */
  loaded?(address: number, bytes: number): void;
}

/** The neighbour of one side: makes the writes of a case between the side's accesses to shared memory. */
export class Attack {
  private writes: readonly Write[] = [];
  private echo: Change | null = null;
  private next = 0;
  private since = 0;
  private shared = 0;
  private all = 0;
  private mostShared = 0;
  private mostAll = 0;
  private follower: Follower | null = null;
  /** Whose memory each line of 64 bytes is: `SHARED`, `OTHERS`, or 0 for the side's own. */
  private readonly lines: Uint8Array;

  /**
   * @param actor the attacked side (`shared/loops/rights`).
   * @param places classes of words that the neighbour may write, as arena addresses. A class is as likely as it is often listed.
   */
  constructor(
    private readonly memory: SharedMemory,
    private readonly actor: number,
    private readonly places: readonly Uint32Array[],
    { shared = [{ address: memory.bar, bytes: memory.bytes }], others = [] }: AttackedRanges = {},
  ) {
    const end = Math.max(...[...shared, ...others].map(({ address, bytes }) => address + bytes));
    this.lines = new Uint8Array((end >>> LINE_SHIFT) + 1);
    this.mark(shared, SHARED);
    this.mark(others, OTHERS);
  }

  private mark(ranges: readonly MemoryRange[], whose: number): void {
    for (const { address, bytes } of ranges)
      this.lines.fill(whose, address >>> LINE_SHIFT, ((address + bytes - 1) >>> LINE_SHIFT) + 1);
  }

  /** Begins a case. */
  begin({ writes, echo }: HostileCase): void {
    this.writes = writes;
    this.echo = echo;
    this.next = 0;
    this.since = 0;
  }

  /** Ends the attack: the neighbour behaves from now on. */
  end(): void {
    this.writes = [];
    this.echo = null;
    this.next = 0;
  }

  /** Makes the writes that come before the first access of a step. */
  beforeStep(): void {
    this.since = 0;
    while (this.next < this.writes.length && this.writes[this.next]!.after < 0) this.make(this.writes[this.next++]!);
  }

  /**
   * Runs an operation of the attacked side under attack.
   * @param mostShared accesses to shared memory that the operation needs at most.
   * @param mostAll accesses to any memory that it needs at most.
   * @throws Broken where the side goes on for longer, and what the follower throws.
   */
  during<T>(mostShared: number, mostAll: number, follower: Follower | null, body: () => T): T {
    this.shared = 0;
    this.all = 0;
    this.mostShared = mostShared;
    this.mostAll = mostAll;
    this.follower = follower;
    const stop = watchedMemory!.addWatcher(this.watch, { bulk: true });
    try {
      return body();
    } finally {
      stop();
    }
  }

  private readonly watch = (kind: AccessKind, address: number, bytes: number, who: number, source: number): void => {
    if (who !== this.actor) return;
    if (++this.all > this.mostAll) throw new Broken('bounded', `goes on after ${this.mostAll} accesses to memory`);
    const { lines, follower } = this;
    const target = lines[address >>> LINE_SHIFT];
    const origin = source < 0 ? 0 : lines[source >>> LINE_SHIFT];
    if (target === OTHERS || origin === OTHERS)
      throw new Broken('isolation', `${kind} of ${bytes} bytes of another port, at ${describeAddress(address)}`);
    const fetches = kind === 'copy' && origin === SHARED;
    if (!fetches && target !== SHARED) return;
    if (++this.shared > this.mostShared)
      throw new Broken('bounded', `goes on after ${this.mostShared} accesses to shared memory`);
    if (follower !== null) {
      if (kind === 'load') follower.load(address, bytes);
      else if (fetches) follower.copy(source, bytes);
      else follower.stored?.(address, bytes, kind === 'copy');
      if (kind === 'load') follower.loaded?.(address, bytes);
    }
    if (this.echo !== null && (kind === 'load' || fetches))
      this.change((fetches ? source : address) & ~3, this.echo, NO_WORDS);
    this.makeDue();
  };

  private makeDue(): void {
    while (this.next < this.writes.length) {
      const write = this.writes[this.next]!;
      if (write.after < 0 || this.since < write.after) break;
      this.since = 0;
      this.next++;
      this.make(write);
    }
    this.since++;
  }

  private make({ place, word, change }: Write): void {
    const words = this.places[place % this.places.length]!;
    this.change(words[word % words.length]!, change, words);
  }

  private change(at: number, change: Change, words: Uint32Array): void {
    if ('add' in change) words32[at >>> 2] = (words32[at >>> 2]! + change.add) >>> 0;
    else if ('point' in change) this.point(at & ~7, change.point, change.beyond);
    else if ('self' in change) this.pointToSelf(at & ~7, change.self);
    else if ('copy' in change) this.copyPointer(at & ~7, words[change.copy % words.length]! & ~7);
    else if (change.bytes === 4) words32[at >>> 2] = change.set;
    else for (let i = 0; i < change.bytes; i++) bytes8[at + change.at + i] = change.set >>> (8 * i);
  }

  private point(at: number, number: number, beyond: number): void {
    const { targets } = this.memory;
    this.setPointer(at, targets[number % targets.length]!, beyond);
  }

  /** Does nothing outside of descriptors. */
  private pointToSelf(at: number, beyond: number): void {
    const desc = this.memory.bufferAt(at);
    if (desc !== null) this.setPointer(at, desc, beyond);
  }

  private setPointer(at: number, { lo, hi }: { readonly lo: number; readonly hi: number }, beyond: number): void {
    const sum = lo + beyond;
    words32[at >>> 2] = sum >>> 0;
    words32[(at >>> 2) + 1] = (hi + Math.floor(sum / 0x1_0000_0000)) >>> 0;
  }

  private copyPointer(to: number, from: number): void {
    words32[to >>> 2] = words32[from >>> 2]!;
    words32[(to >>> 2) + 1] = words32[(from >>> 2) + 1]!;
  }
}
