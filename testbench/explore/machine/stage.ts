import { UsageError } from '../../../shared/errors';
import { Random } from '../../../shared/random';
import type { Size, Stage } from './definition';
import type { Machine } from './machine';

const NS_PER_MS = 1_000_000;
/** Virtual time that passes between two looks at what goes on meanwhile, while a world is set up. */
const SET_UP_TICK_NS = NS_PER_MS;

/** A range of the arena that messages call by a name. */
export interface NamedBytes {
  readonly name: string;
  readonly address: number;
  readonly bytes: number;
}

/** What all stages of a world have in common. */
export class Theatre {
  readonly given = new Map<string, unknown>();
  readonly named: NamedBytes[] = [];
  /** What actors do while another one sleeps, during set-up. */
  readonly meanwhile: (() => void)[] = [];
  /** Virtual time before the first run. */
  setUpNs = 0;
  /** Bits of the milestones that the present run has passed. */
  passed = 0;

  constructor(
    readonly machine: Machine,
    readonly size: Size,
    readonly milestones: readonly string[],
    /** Virtual time of the present run. */
    readonly runNs: () => number,
  ) {}

  get nowNs(): number {
    return this.machine.exploring ? this.runNs() : this.setUpNs;
  }

  /** Describes an address by the smallest range around it that has a name; null where there is none. */
  describe(address: number): string | null {
    let best: NamedBytes | null = null;
    for (const one of this.named)
      if (address >= one.address && address < one.address + one.bytes && (best === null || one.bytes < best.bytes))
        best = one;
    if (best === null) return null;
    const offset = address - best.address;
    return offset === 0 ? best.name : `${best.name}+0x${offset.toString(16)}`;
  }

  /** Lets time pass during set-up. */
  idle(ns: number): void {
    const untilNs = this.setUpNs + ns;
    do {
      this.setUpNs = Math.min(Math.max(untilNs, this.setUpNs), this.setUpNs + SET_UP_TICK_NS);
      for (const step of this.meanwhile) step();
    } while (this.setUpNs < untilNs);
  }
}

/** The clock of a world. Its sleep is a point, at which nobody but time lets the actor go on. */
class StageClock {
  constructor(private readonly theatre: Theatre) {}

  nowNs(): bigint {
    return BigInt(this.theatre.nowNs);
  }

  nowMs(): number {
    return this.theatre.nowNs / NS_PER_MS;
  }

  sleepMs(durationMs: number): void {
    this.theatre.idle(Math.round(durationMs * NS_PER_MS));
  }

  /** The twin of `sleepMs`. */
  *sleepMs$g(durationMs: number): Generator<unknown, void, unknown> {
    const { machine, nowNs } = this.theatre;
    machine.sleep(nowNs + Math.max(1, Math.round(durationMs * NS_PER_MS)));
    yield;
  }
}

/** A `Stage` of one actor. */
export class ActorStage implements Stage {
  readonly clock: StageClock;
  readonly platform: { readonly clock: StageClock };
  readonly random: Random;

  constructor(
    private readonly theatre: Theatre,
    seed: number,
  ) {
    this.clock = new StageClock(theatre);
    this.platform = { clock: this.clock };
    this.random = new Random(seed);
  }

  get size(): Size {
    return this.theatre.size;
  }

  give(name: string, value: unknown): void {
    this.theatre.given.set(name, value);
  }

  find<T>(name: string): T {
    const { given } = this.theatre;
    if (!given.has(name))
      throw new UsageError(
        `no actor has given '${name}': expected one of ${[...given.keys()].join(', ') || 'nothing'}`,
      );
    return given.get(name) as T;
  }

  label(name: string, address: number, bytes: number): void {
    this.theatre.named.push({ name, address, bytes });
  }

  meanwhile(step: () => void): void {
    this.theatre.meanwhile.push(step);
  }

  waitWhile(_address: number, _value: number): void {
    throw new UsageError('waitWhile: only an actor that runs can wait');
  }

  /** The twin of `waitWhile`. */
  *waitWhile$g(address: number, value: number): Generator<unknown, void, unknown> {
    const { machine } = this.theatre;
    machine.wait(address, value);
    yield;
  }

  pass(milestone: string): void {
    const index = this.theatre.milestones.indexOf(milestone);
    if (index < 0)
      throw new UsageError(`'${milestone}' is no milestone: expected one of ${this.theatre.milestones.join(', ')}`);
    this.theatre.passed |= 1 << index;
  }
}
