import type { MemoryModel } from '../models/model';
import { acquireLoad, add, copy, fence, load, type Op, type Program, releaseStore, store } from './program';

/** A litmus test: programs of a few accesses, and the outcome that tells memory models apart. */
export interface Litmus {
  readonly name: string;
  readonly programs: Readonly<Record<string, Program>>;
  /** Words whose final value is part of an outcome, after the registers. */
  readonly finals: readonly number[];
  /** All outcomes that each model allows: values of the loads, in the order of the programs, then of the finals. */
  readonly outcomes: Readonly<Record<MemoryModel, readonly string[]>>;
  /** The outcome that sc forbids, and weaker models may allow. */
  readonly relaxed: string;
}

const X = 0;
const Y = 4;
/** Start of the memory that only one program touches. */
const Z = 16;

const WEAK: readonly MemoryModel[] = ['tso', 'pso'];
const PSO: readonly MemoryModel[] = ['pso'];
const NONE: readonly MemoryModel[] = [];

/** A program that makes its accesses one after another. Its result is the list of values that it has loaded. */
function straight(...ops: readonly Op[]): Program {
  return function* () {
    const loaded: number[] = [];
    for (const op of ops) {
      const value = yield op;
      if (op.op === 'load' || op.op === 'acquireLoad') loaded.push(value);
    }
    return loaded.join(' ');
  };
}

const named = (...programs: readonly Program[]): Record<string, Program> =>
  Object.fromEntries(programs.map((program, index) => [`P${index}`, program]));

/** A test whose variants differ in the instructions between the accesses. */
function family(
  { finals, sc, relaxed }: Pick<Litmus, 'finals' | 'relaxed'> & { readonly sc: readonly string[] },
  variants: Readonly<Record<string, readonly [allowedBy: readonly MemoryModel[], ...programs: (readonly Op[])[]]>>,
): Litmus[] {
  const allOf = (allowedBy: readonly MemoryModel[], model: MemoryModel): readonly string[] =>
    allowedBy.includes(model) ? [...sc, relaxed] : sc;
  return Object.entries(variants).map(([name, [allowedBy, ...programs]]) => ({
    name,
    finals,
    relaxed,
    outcomes: { sc, tso: allOf(allowedBy, 'tso'), pso: allOf(allowedBy, 'pso') },
    programs: named(...programs.map((ops) => straight(...ops))),
  }));
}

const SB = family(
  { finals: [], sc: ['0 1', '1 0', '1 1'], relaxed: '0 0' },
  {
    SB: [WEAK, [store(X, 1), load(Y)], [store(Y, 1), load(X)]],
    'SB+fences': [NONE, [store(X, 1), fence, load(Y)], [store(Y, 1), fence, load(X)]],
    'SB+one-fence': [WEAK, [store(X, 1), fence, load(Y)], [store(Y, 1), load(X)]],
    'SB+rmws': [NONE, [store(X, 1), add(Z, 1), load(Y)], [store(Y, 1), add(Z, 1), load(X)]],
    'SB+rel-acq': [WEAK, [releaseStore(X, 1), acquireLoad(Y)], [releaseStore(Y, 1), acquireLoad(X)]],
    'SB+copies': [WEAK, [store(X, 1), copy(Z, Z + 16, 8), load(Y)], [store(Y, 1), copy(Z + 32, Z + 48, 8), load(X)]],
  },
);

const MP = family(
  { finals: [], sc: ['0 0', '0 1', '1 1'], relaxed: '1 0' },
  {
    MP: [PSO, [store(X, 1), store(Y, 1)], [load(Y), load(X)]],
    'MP+fence': [NONE, [store(X, 1), fence, store(Y, 1)], [load(Y), load(X)]],
    'MP+rel-acq': [NONE, [store(X, 1), releaseStore(Y, 1)], [acquireLoad(Y), acquireLoad(X)]],
    'MP+wrong-rel': [PSO, [releaseStore(X, 1), store(Y, 1)], [load(Y), load(X)]],
  },
);

const LB = family(
  { finals: [], sc: ['0 0', '0 1', '1 0'], relaxed: '1 1' },
  {
    LB: [NONE, [load(X), store(Y, 1)], [load(Y), store(X, 1)]],
    'LB+fences': [NONE, [load(X), fence, store(Y, 1)], [load(Y), fence, store(X, 1)]],
  },
);

const R = family(
  { finals: [Y], sc: ['0 1', '1 1', '1 2'], relaxed: '0 2' },
  {
    R: [WEAK, [store(X, 1), store(Y, 1)], [store(Y, 2), load(X)]],
    'R+fences': [NONE, [store(X, 1), fence, store(Y, 1)], [store(Y, 2), fence, load(X)]],
    'R+store-fence': [WEAK, [store(X, 1), fence, store(Y, 1)], [store(Y, 2), load(X)]],
    'R+load-fence': [PSO, [store(X, 1), store(Y, 1)], [store(Y, 2), fence, load(X)]],
  },
);

const S = family(
  { finals: [X], sc: ['0 1', '0 2', '1 1'], relaxed: '1 2' },
  {
    S: [PSO, [store(X, 2), store(Y, 1)], [load(Y), store(X, 1)]],
    'S+rel-acq': [NONE, [store(X, 2), releaseStore(Y, 1)], [acquireLoad(Y), store(X, 1)]],
    'S+fences': [NONE, [store(X, 2), fence, store(Y, 1)], [load(Y), fence, store(X, 1)]],
  },
);

const TWO_PLUS_TWO_W = family(
  { finals: [X, Y], sc: ['1 2', '2 1', '2 2'], relaxed: '1 1' },
  {
    '2+2W': [PSO, [store(X, 1), store(Y, 2)], [store(Y, 1), store(X, 2)]],
    '2+2W+fences': [NONE, [store(X, 1), fence, store(Y, 2)], [store(Y, 1), fence, store(X, 2)]],
    '2+2W+rels': [NONE, [store(X, 1), releaseStore(Y, 2)], [store(Y, 1), releaseStore(X, 2)]],
    '2+2W+one-rel': [PSO, [store(X, 1), releaseStore(Y, 2)], [store(Y, 1), store(X, 2)]],
  },
);

const BITS = ['0', '1'];
const IRIW_OUTCOMES = BITS.flatMap((a) =>
  BITS.flatMap((b) => BITS.flatMap((c) => BITS.map((d) => `${a} ${b} ${c} ${d}`))),
);

const IRIW = family(
  { finals: [], sc: IRIW_OUTCOMES.filter((one) => one !== '1 0 1 0'), relaxed: '1 0 1 0' },
  {
    IRIW: [NONE, [store(X, 1)], [store(Y, 1)], [load(X), load(Y)], [load(Y), load(X)]],
    'IRIW+fences': [NONE, [store(X, 1)], [store(Y, 1)], [load(X), fence, load(Y)], [load(Y), fence, load(X)]],
    'IRIW+rel-acq': [
      NONE,
      [releaseStore(X, 1)],
      [releaseStore(Y, 1)],
      [acquireLoad(X), acquireLoad(Y)],
      [acquireLoad(Y), acquireLoad(X)],
    ],
  },
);

/** A load of a word of which a byte is in the store buffer waits until that byte has drained. */
const PARTIAL = family(
  { finals: [], sc: ['1 0 1', '1 1 0', '1 1 1'], relaxed: '1 0 0' },
  {
    'SB+forwarded': [WEAK, [store(X, 1), load(X), load(Y)], [store(Y, 1), fence, load(X)]],
    'SB+partial': [NONE, [store(X, 1, 1), load(X), load(Y)], [store(Y, 1), fence, load(X)]],
  },
);

const COHERENCE = family(
  { finals: [], sc: ['0 0', '0 1', '1 1'], relaxed: '1 0' },
  { CoRR: [NONE, [store(X, 1)], [load(X), load(X)]] },
);

/** An actor sees its own store before the others do (Intel's example 2.4, and n6 of x86-TSO). */
const N6_SC = ['1 0 2', '1 1 1', '1 1 2', '2 1 2'];
const N6: Litmus = {
  name: 'n6',
  programs: named(straight(store(X, 1), load(X), load(Y)), straight(store(Y, 1), store(X, 2))),
  finals: [X],
  relaxed: '1 0 1',
  outcomes: { sc: N6_SC, tso: [...N6_SC, '1 0 1'], pso: [...N6_SC, '1 0 1', '2 0 2'] },
};

export const LITMUS: readonly Litmus[] = [
  ...SB,
  ...MP,
  ...LB,
  ...R,
  ...S,
  ...TWO_PLUS_TWO_W,
  ...IRIW,
  ...PARTIAL,
  ...COHERENCE,
  N6,
];
