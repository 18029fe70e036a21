import { UsageError } from '../../../shared/errors';
import { Random } from '../../../shared/random';
import type { Size, Stage } from './definition';
import { BOTH } from '../../../shared/loops/rights';
import { BEGINNING_NS } from './moments';
import type { Machine } from './machine';
import type { Party } from './party';
import { MAX_PARTIES } from './sharing';

const NS_PER_MS = 1_000_000;
/** Virtual time that passes between two looks at what goes on meanwhile, while a world is set up. */
const SET_UP_TICK_NS = NS_PER_MS;

/** Words of the arena's null page, by which actors learn of each other: one for each milestone, one for each actor. */
const MILESTONES = 64;
const MAX_MILESTONES = 30;
const DEATHS = MILESTONES + 4 * MAX_MILESTONES;
const END = DEATHS + 4 * MAX_PARTIES;

/** A range of the arena that messages call by a name. */
export interface NamedBytes {
  readonly name: string;
  readonly address: number;
  readonly bytes: number;
}

/** The state that all stages of a world share. */
export class Theatre {
  readonly given = new Map<string, unknown>();
  readonly named: NamedBytes[] = [];
  /** Steps that actors take while another one sleeps, during set-up. */
  readonly meanwhile: (() => void)[] = [];
  /** Objects that record what happens. */
  readonly records: object[] = [];
  /** Virtual time before the first run. */
  setUpNs = BEGINNING_NS;
  /** Bits of the milestones that the present run has passed. */
  passed = 0;

  constructor(
    readonly machine: Machine,
    readonly parties: readonly Party[],
    readonly size: Size,
    readonly milestones: readonly string[],
    /** Virtual time of the present run. */
    readonly runNs: () => number,
  ) {
    machine.bytes.protect(MILESTONES, END - MILESTONES, BOTH);
  }

  get nowNs(): number {
    this.machine.lookedAtClock = true;
    return this.machine.exploring ? this.runNs() : this.setUpNs;
  }

  /** Number of a milestone. @throws UsageError for a name that the check does not list. */
  milestone(name: string): number {
    const index = this.milestones.indexOf(name);
    if (index < 0) throw new UsageError(`'${name}' is no milestone: expected one of ${this.milestones.join(', ')}`);
    return index;
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

/** The clock of a world. A sleep is a point, and ends only when virtual time has passed. */
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
    yield* this.sleeping(durationMs, false);
  }

  *sleeping(durationMs: number, rests: boolean): Generator<unknown, void, unknown> {
    const { machine, nowNs } = this.theatre;
    machine.sleep(nowNs + Math.max(1, Math.round(durationMs * NS_PER_MS)), rests);
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

  record(object: object): void {
    this.theatre.records.push(object);
  }

  waitWhile(_address: number, _value: number): void {
    throw onlyInRun('waitWhile');
  }

  /** The twin of `waitWhile`. */
  *waitWhile$g(address: number, value: number): Generator<unknown, void, unknown> {
    const { machine } = this.theatre;
    machine.wait(address, value);
    yield;
  }

  rest(_durationMs: number): void {
    throw onlyInRun('rest');
  }

  /** The twin of `rest`. */
  *rest$g(durationMs: number): Generator<unknown, void, unknown> {
    yield* this.clock.sleeping(durationMs, true);
  }

  pass(_milestone: string): void {
    throw onlyInRun('pass');
  }

  /** The twin of `pass`. */
  *pass$g(milestone: string): Generator<unknown, void, unknown> {
    const index = this.theatre.milestone(milestone);
    if (this.theatre.machine.store32(MILESTONES + 4 * index, 1, -1)) yield;
    this.theatre.passed |= 1 << index;
  }

  waitFor(_milestone: string): void {
    throw onlyInRun('waitFor');
  }

  /** The twin of `waitFor`. */
  *waitFor$g(milestone: string): Generator<unknown, void, unknown> {
    yield* this.waitWhile$g(MILESTONES + 4 * this.theatre.milestone(milestone), 0);
  }

  kill(_actor: string): void {
    throw onlyInRun('kill');
  }

  /** The twin of `kill`. */
  *kill$g(actor: string): Generator<unknown, void, unknown> {
    const { machine, parties } = this.theatre;
    const victim = parties.find(({ name }) => name === actor);
    if (victim === undefined)
      throw new UsageError(`'${actor}' is no actor: expected one of ${parties.map(({ name }) => name).join(', ')}`);
    if (machine.store32(DEATHS + 4 * victim.index, 1, -1)) yield;
    victim.ended = true;
    // Nobody holds it against a guest that has died that its last stores come late.
    machine.buffers.waiveRights(victim.index);
  }
}

function onlyInRun(what: string): UsageError {
  return new UsageError(`${what}: only an actor that runs can do that`);
}
