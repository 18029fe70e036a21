/**
 * Grows a corpus: keeps the cases that take a branch of driver or device which none took before, or give a combination
 * of counters that none gave. `make corpus SIDE=receive CASES=20000 SEED=1`.
 */
import { Random } from '../../../shared/random';
import { caseOf, type HostileCase, type Side, SIDES } from '../cases/hostileCase';
import { mutateCase } from '../cases/mutate';
import { type HostileFinding, HostileWorlds } from '../run';
import { Branches } from './branches';
import { readCorpus, writeCorpus } from './file';

/** Cases between two looks at the branches, which take far longer than a case. */
const BATCH = 50;

/** Cases among which one is new, instead of a mutation. */
const FRESH_EVERY = 4;

class Grower {
  readonly corpus: HostileCase[] = [];
  readonly findings: HostileFinding[] = [];
  private readonly worlds: HostileWorlds;
  private readonly branches = new Branches();
  private readonly outcomes = new Set<string>();

  constructor(side: Side) {
    this.worlds = new HostileWorlds(side);
  }

  private run(one: HostileCase): void {
    const found = this.worlds.run(one);
    if (found !== null) this.findings.push(found);
  }

  /** Runs a case and keeps it if it shows anything new. */
  try(one: HostileCase): void {
    this.branches.peek();
    this.run(one);
    const branches = this.branches.take();
    if (this.isNewOutcome(one) || branches > 0) this.corpus.push(one);
  }

  /** Each counter that moved, with the magnitude of its value, and each pair of counters that moved together. */
  private isNewOutcome(one: HostileCase): boolean {
    const moved = this.worlds.countersAfter(one).filter(({ value }) => value > 0);
    const seen = moved.flatMap(({ name, value }) => [
      `${name} ${Math.floor(Math.log2(value))}`,
      ...moved.map((other) => `${name} & ${other.name}`),
    ]);
    const before = this.outcomes.size;
    for (const outcome of seen) this.outcomes.add(outcome);
    return this.outcomes.size > before;
  }

  /** Runs cases. Only if all together have taken a new branch it runs them again, to find out which of them did. */
  tryAll(cases: readonly HostileCase[]): void {
    this.branches.peek();
    const kept = cases.filter((one) => {
      this.run(one);
      return this.isNewOutcome(one);
    });
    const isFresh = this.branches.peek();
    this.corpus.push(...kept);
    if (isFresh) for (const one of cases) if (!kept.includes(one)) this.try(one);
    if (isFresh) for (const one of kept) this.noteBranches(one);
  }

  private noteBranches(one: HostileCase): void {
    this.branches.peek();
    this.run(one);
    this.branches.take();
  }

  get summary(): string {
    return `${this.corpus.length} cases, ${this.branches.size} branches, ${this.outcomes.size} outcomes`;
  }
}

function grow(side: Side, cases: number, seed: number): number {
  const file = `test/corpus/hostile/${side}.json`;
  const random = new Random(seed);
  const grower = new Grower(side);
  for (const one of readCorpus(file)) grower.try(one);
  process.stdout.write(`${side}: ${grower.summary} before\n`);
  for (let done = 0; done < cases; done += BATCH) {
    const batch = Array.from({ length: BATCH }, (_unused, i) => {
      const { corpus } = grower;
      if (corpus.length === 0 || random.below(FRESH_EVERY) === 0) return caseOf(seed, done + i);
      return mutateCase(random.pick(corpus), random.pick(corpus), random);
    });
    grower.tryAll(batch);
  }
  writeCorpus(file, grower.corpus);
  process.stdout.write(`${side}: ${grower.summary} after ${cases} cases\n`);
  for (const { promise, message, input } of grower.findings)
    process.stdout.write(`${promise}: ${message}\n${JSON.stringify(input)}\n`);
  return grower.findings.length === 0 ? 0 : 1;
}

const [side = '', cases = '2000', seed = '1'] = process.argv.slice(2);
const known = SIDES.find((one) => one === side);
if (known === undefined) {
  process.stderr.write(`SIDE is '${side}': expected ${SIDES.join(', ')}\n`);
  process.exitCode = 2;
} else process.exitCode = grow(known, Number(cases), Number(seed));
