import { Random } from '../../../shared/random';

/** The side that is attacked, and what it does meanwhile. */
export const SIDES = ['receive', 'transmit', 'control', 'host'] as const;
export type Side = (typeof SIDES)[number];

/** Descriptions of the sides for `avp hostile --list`. */
export const SIDE_TEXTS: Readonly<Record<Side, string>> = {
  receive: 'receive bursts of the driver, against the host',
  transmit: 'transmit bursts of the driver, against the host',
  control: 'control operations of the driver from probe to removal, against the host',
  host: 'the host of a port, against its guest',
};

/** Change of a word. The host's pointers consist of two words, which `point` sets together. */
export type Change =
  /** Sets `bytes` bytes from byte `at` of the word on. */
  | { readonly set: number; readonly bytes: 1 | 2 | 4; readonly at: number }
  /** Adds to the word, modulo 2^32. */
  | { readonly add: number }
  /** Sets a pointer to a descriptor, or the first or last byte of a pool, plus `beyond`; modulo their number. */
  | { readonly point: number; readonly beyond: number }
  /** Sets a pointer to the descriptor that holds it, plus a number of bytes: a chain that loops. */
  | { readonly self: number }
  /** Copies a pointer from the word of this number, modulo that of the class: an entry or a link that is there twice. */
  | { readonly copy: number };

/** One write of the neighbour. */
export interface Write {
  /**
   * Accesses of the attacked side to shared memory since the former write, after which this one comes; -1 stands for
   * the beginning of the next step, before its first access.
   */
  readonly after: number;
  /** Class of words, and which of them; both modulo their number. */
  readonly place: number;
  readonly word: number;
  readonly change: Change;
}

/** Operation of the attacked side's world with three operands, which each operation takes modulo what it needs. */
export type Step = readonly [operation: number, a: number, b: number, c: number];

/** Everything that happens in one case, as plain data that can be kept and replayed. */
export interface HostileCase {
  /** World that the case begins in, modulo their number. */
  readonly world: number;
  readonly steps: readonly Step[];
  readonly writes: readonly Write[];
  /** Change that each word undergoes right after the attacked side has read it; null for none. */
  readonly echo: Change | null;
  /** Whether another host takes over at the end, which behaves, and traffic has to flow again. */
  readonly recovers: boolean;
}

/** Odd numbers that spread seeds and indices over all 32 bits. */
const SEED_FACTOR = 0x9e37_79b1;
const INDEX_FACTOR = 0x85eb_ca6b;
/** Cases among which one ends with a recovery, which takes far longer than the case. */
const RECOVERY_EVERY = 64;

/** Values at which checks turn over: sizes of descriptors, rings and buffers, and the ends of their ranges. */
export const EDGES = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 14, 15, 16, 31, 32, 33, 63, 64, 65, 127, 128, 199, 200, 201, 255, 256, 257, 1_000,
  1_200, 1_201, 2_048, 2_049, 4_095, 4_096, 65_535, 65_536, 0x7fff_ffff, 0x8000_0000, 0xffff_ff00, 0xffff_fff0,
  0xffff_fffe, 0xffff_ffff,
] as const;
const STEPS_AWAY = [-64, -8, -4, -1, 1, 2, 4, 8, 64, 256, 0x1_0000, -0x1_0000] as const;
const BEYOND = [
  0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 32, 63, 64, 128, 300, -1, -3, -13, -63, -64, -200, 4_096, 0x1_0000,
] as const;
const SIZES = [1, 2, 2, 4, 4] as const;

export function drawChange(random: Random): Change {
  const kind = random.below(12);
  if (kind < 5) return drawSet(random);
  if (kind < 8) return { point: random.below(256), beyond: random.pick(BEYOND) };
  if (kind < 9) return { self: random.pick(BEYOND) };
  if (kind < 10) return { copy: random.below(1 << 10) };
  return { add: random.pick(STEPS_AWAY) };
}

/** An echo changes what was read; it copies nothing. */
function drawEcho(random: Random): Change {
  const change = drawChange(random);
  return 'copy' in change ? drawSet(random) : change;
}

function drawSet(random: Random): Change {
  const bytes = random.pick(SIZES);
  const at = bytes === 4 ? 0 : random.below(4 / bytes) * bytes;
  return { set: random.below(5) === 0 ? random.u32() : random.pick(EDGES), bytes, at };
}

function drawAfter(random: Random): number {
  const kind = random.below(4);
  if (kind < 2) return -1;
  return random.below(kind === 2 ? 12 : 120);
}

export function drawWrite(random: Random): Write {
  return { after: drawAfter(random), place: random.below(64), word: random.below(1 << 16), change: drawChange(random) };
}

export function drawStep(random: Random): Step {
  return [random.below(16), random.below(1 << 12), random.below(1 << 12), random.below(1 << 12)];
}

/** Case number `index` of a seed. The two numbers alone decide it. */
export function caseOf(seed: number, index: number): HostileCase {
  return drawCase(new Random(Math.imul(seed + 1, SEED_FACTOR) ^ Math.imul(index + 1, INDEX_FACTOR)));
}

function drawCase(random: Random): HostileCase {
  const steps = Array.from({ length: random.between(2, 9) }, () => drawStep(random));
  const writes = Array.from({ length: random.below(12) }, () => drawWrite(random));
  const echo = random.below(6) === 0 ? drawEcho(random) : null;
  return { world: random.below(64), steps, writes, echo, recovers: random.below(RECOVERY_EVERY) === 0 };
}
