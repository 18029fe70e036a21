import { replayToken } from '../search/replay';
import type { Choice, Failure, World } from '../search/world';

/** One step of a recorded run. */
export interface RecordedStep {
  readonly step: number;
  readonly choice: Choice;
  /** The access as text: `store rx.write = 5`. */
  readonly what: string;
  /** `folder/file.ts:line`; empty where there is none. */
  readonly where: string;
  /** Virtual time at its beginning. */
  readonly timeNs: number;
  /** The schedule decided otherwise here than run-to-block. */
  readonly isDecision: boolean;
  /** Another actor touches the word too, and one of them writes it. */
  readonly isShared: boolean;
}

/** A run as it is shown. */
export interface Recording {
  readonly token: string;
  readonly world: string;
  readonly actors: readonly string[];
  readonly steps: readonly RecordedStep[];
  readonly failure: Failure | null;
}

const VERBS: Readonly<Record<Choice['access'], string>> = {
  load: 'load',
  acquireLoad: 'load (acquire)',
  store: 'store',
  releaseStore: 'store (release)',
  rmw: 'update',
  fence: 'fence',
  copy: 'copy to',
  none: 'goes on',
};

function valueText(value: number): string {
  return value < 10_000 ? `${value}` : `0x${value.toString(16)}`;
}

function whatOf(world: World, choice: Choice, value: number, tookNs: number): string {
  const { kind, access, address, length, buffered, source } = choice;
  if (kind === 'time') return `${tookNs / 1_000} µs pass`;
  if (kind === 'hold') return 'is held';
  if (length === 0) return VERBS[access];
  const name = world.describe(address);
  if (kind === 'drain') return `drains ${name} = ${valueText(value)}`;
  if (access === 'copy') return `copy ${length} bytes from ${world.describe(source)} to ${name}`;
  const many = length > 4 ? `, ${length} bytes` : ` = ${valueText(value)}`;
  return `${VERBS[access]} ${name}${many}${buffered ? (choice.write ? ', buffered' : ', from its buffer') : ''}`;
}

/** Tells which words are touched by more than one actor, with at least one that writes. */
class Contention {
  private readonly words = new Map<number, { readers: Set<number>; writers: Set<number> }>();

  add({ actor, address, length, write }: Choice): void {
    for (let word = address >>> 2; word < (address + length + 3) >>> 2; word++) {
      const seen = this.words.get(word) ?? { readers: new Set(), writers: new Set() };
      (write ? seen.writers : seen.readers).add(actor);
      this.words.set(word, seen);
    }
  }

  touches({ address, length }: Choice): boolean {
    for (let word = address >>> 2; word < (address + length + 3) >>> 2; word++) {
      const { readers, writers } = this.words.get(word)!;
      if (writers.size > 0 && new Set([...readers, ...writers]).size > 1) return true;
    }
    return false;
  }
}

/**
 * Repeats the run of a token and records it.
 * @throws UsageError where the token does not fit the world.
 */
export function recordToken(world: World, token: string): Recording {
  const contention = new Contention();
  const steps: Omit<RecordedStep, 'isShared'>[] = [];
  const { failure } = replayToken(world, token, (run, choice, isDecision, timeNs) => {
    contention.add(choice);
    const what = whatOf(world, choice, run.value, run.timeNs - timeNs);
    const where = choice.site < 0 ? '' : world.sites[choice.site]!;
    steps.push({ step: steps.length, choice, what, where, timeNs, isDecision });
  });
  return {
    token,
    world: world.name,
    actors: world.actors,
    steps: steps.map((one) => ({ ...one, isShared: contention.touches(one.choice) })),
    failure,
  };
}
