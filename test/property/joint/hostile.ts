/**
 * Corrupts shared memory: overwrites words between the turns of the two sides, and during a turn after any
 * single access.
 */
import { load32, protect, store32 } from '#mem';
import fc from 'fast-check';
import { asGuest } from '../../../shared/actors';
import { addWatcher, MemoryViolation } from '../../../shared/mem/watched';
import { BAR_MMIO } from '../../../shared/loops/layout';
import * as plain from '../../../shared/mem/plain';
import { BOTH } from '../../../shared/loops/rights';
import { ensure } from './ensure';
import type { Bars, Rig } from './rig';
import { RINGS, RingWalk } from './ringWalk';

const EDGES = [
  0, 1, 2, 3, 5, 6, 7, 8, 13, 14, 31, 32, 33, 63, 64, 65, 255, 256, 2_047, 2_048, 2_049, 4_095, 65_535, 65_536,
  0x7fff_ffff, 0x8000_0000, 0x0800_0000, 0x0001_0000, 0xffff_0000, 0xffff_fff0, 0xffff_fffe, 0xffff_ffff,
] as const;

/** A change to a word, or to the two words of a pointer. */
export type Change =
  | { readonly set: number }
  | { readonly add: number }
  /** The host virtual address of a descriptor plus `beyond`. */
  | { readonly buffer: number; readonly beyond: number };

export const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...EDGES).map((set) => ({ set })) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff_ffff }).map((set) => ({ set })) },
  { weight: 2, arbitrary: fc.constantFrom(-64, -8, -1, 1, 8, 64, 0x1_0000, -0x1_0000).map((add) => ({ add })) },
  {
    weight: 2,
    arbitrary: fc.record({ buffer: fc.nat({ max: 255 }), beyond: fc.constantFrom(0, 0, 0, 1, 32, 64, -64, 4_096) }),
  },
);

/** One word to overwrite; `range` and `word` are taken modulo their number. */
export interface Corruption {
  readonly kind: number;
  readonly range: number;
  readonly word: number;
  readonly change: Change;
  /** Accesses of the attacked side before the word is overwritten. */
  readonly after: number;
}

export const corruption: fc.Arbitrary<Corruption> = fc.record({
  /** A kind that `Target` does not list selects a descriptor in use. */
  kind: fc.nat({ max: 18 }),
  range: fc.nat({ max: 1_000 }),
  word: fc.nat({ max: 100_000 }),
  change,
  after: fc.oneof(fc.constant(0), fc.nat({ max: 40 }), fc.nat({ max: 600 })),
});

interface Words {
  readonly address: number;
  readonly words: number;
}

/** More accesses to shared memory than any burst or any step of the host needs here. */
const MAX_ACCESSES = 400_000;

/** Knows the words of a device that can be corrupted. Make it while the layout is still sound. */
export class Target {
  private readonly kinds: Words[][] = [];
  private readonly rings: readonly number[];
  private readonly descs: { readonly va: bigint; readonly address: number }[] = [];
  private readonly addresses = new Map<bigint, number>();

  constructor(
    private readonly rig: Rig,
    private readonly bars: Bars = rig.bars,
  ) {
    const walk = new RingWalk(bars);
    const rings = RINGS.flatMap((ring) =>
      Array.from({ length: walk.fifos(ring) }, (_unused, queue) => walk.fifo(ring, queue)),
    );
    this.rings = rings;
    const { host } = rig.device.inspect;
    const control = (['req', 'resp'] as const).map((kind) => host.address(kind));
    this.findDescriptors();
    const headers = rings.map((address) => ({ address, words: 4 }));
    const slots = [...rings, ...control].map((address) => ({
      address: address + 16,
      words: 2 * plain.load32(address + 8),
    }));
    const descriptors = this.descs.map(({ address }) => ({ address, words: 16 }));
    this.kinds.push(headers, headers, slots, slots, slots, descriptors);
    this.kinds.push(control.map((address) => ({ address, words: 4 })));
    this.kinds.push([
      { address: host.address('sync'), words: 9 },
      { address: bars.mmio, words: 4 },
    ]);
    this.kinds.push([{ address: bars.memory, words: bars.memoryBytes / 4 }]);
  }

  private findDescriptors(): void {
    const { settings } = this.rig.device;
    const { host } = this.rig.device.inspect;
    settings.pools.forEach(({ buffers }, pool) => {
      const { va } = host.run(`pool${pool}`);
      for (let i = 0; i < buffers; i++) {
        const offset = 64 + i * host.bufferStride;
        const address = host.address(`pool${pool}`) + offset;
        this.descs.push({ va: va + BigInt(offset), address });
        this.addresses.set(va + BigInt(offset), address);
      }
    });
  }

  /**
   * Corrupts a word as a guest can: a register through the PCI function, which allows two of them; memory
   * anywhere if `everywhere` is set, otherwise only words that the guest may write.
   */
  corruptAsGuest(one: Corruption, everywhere: boolean): void {
    const at = this.wordOf(one);
    const register = at - this.bars.mmio;
    if (register >= 0 && register < 16) {
      this.rig.device.function.write32(BAR_MMIO, register, 'set' in one.change ? one.change.set : 0);
      return;
    }
    // A pointer has two words.
    const words = 'buffer' in one.change ? [at & ~7, (at & ~7) + 4] : [at];
    if (everywhere || words.every((word) => this.guestMayWrite(word))) this.corrupt(one);
  }

  private guestMayWrite(at: number): boolean {
    try {
      asGuest(() => store32(at, load32(at)));
      return true;
    } catch (error) {
      if (error instanceof MemoryViolation) return false;
      throw error;
    }
  }

  corrupt(one: Corruption): void {
    this.change(this.wordOf(one), one.change);
  }

  private wordOf({ kind, range, word }: Corruption): number {
    const ranges = this.kinds[kind] ?? [this.onRing(range)];
    const { address, words } = ranges[range % ranges.length]!;
    return address + 4 * (word % words);
  }

  private change(at: number, what: Change): void {
    if ('set' in what) plain.store32(at, what.set);
    else if ('add' in what) plain.store32(at, (plain.load32(at) + what.add) >>> 0);
    else this.point(at & ~7, this.descs[what.buffer % this.descs.length]!.va + BigInt(what.beyond));
  }

  /** The fields `ol_flags` to `vlan_tci` of a descriptor near the read index of some ring. */
  private onRing(range: number): Words {
    const base = this.rings[range % this.rings.length]!;
    const len = plain.load32(base + 8) || 1;
    const slot = base + 16 + 8 * ((plain.load32(base + 4) + (range >>> 5)) % Math.min(len, 64));
    const va = (BigInt(plain.load32(slot + 4)) << 32n) | BigInt(plain.load32(slot));
    return { address: (this.addresses.get(va) ?? this.descs[range % this.descs.length]!.address) + 28, words: 8 };
  }

  private point(at: number, va: bigint): void {
    plain.store32(at, Number(va & 0xffff_ffffn));
    plain.store32(at + 4, Number((va >> 32n) & 0xffff_ffffn));
  }

  /** Lets the guest access all of BAR 2, because a hostile host may point it anywhere in its own memory. */
  grantAll(): void {
    protect(this.bars.memory, this.bars.memoryBytes, BOTH);
  }

  /**
   * Runs `body` and applies the corruptions between the accesses of `actor` to shared memory; those still left
   * follow at the end. Fails after too many accesses.
   * @param afterLoad how each word changes right after `actor` has read it; null leaves it.
   * @param corrupt applies one corruption.
   */
  attackDuring<T>(
    actor: number,
    corruptions: readonly Corruption[],
    afterLoad: Change | null,
    body: () => T,
    corrupt: (one: Corruption) => void = (one) => this.corrupt(one),
  ): T {
    const due = [...corruptions];
    let sinceLast = 0;
    let accesses = 0;
    const stopWatching = addWatcher((kind, address, _bytes, who) => {
      if (who !== actor || address < this.bars.memory || address >= this.bars.memory + this.bars.memoryBytes) return;
      ensure(++accesses < MAX_ACCESSES, () => `${accesses} accesses of shared memory in one turn`);
      if (afterLoad !== null && kind === 'load') this.change(address & ~3, afterLoad);
      if (due.length > 0 && sinceLast++ >= due[0]!.after) {
        sinceLast = 0;
        corrupt(due.shift()!);
      }
    });
    try {
      return body();
    } finally {
      stopWatching();
      for (const late of due) corrupt(late);
    }
  }
}
