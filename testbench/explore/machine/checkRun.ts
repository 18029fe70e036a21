import type { Key } from '../search/key';
import type { Choice, Effect, Failure, Run } from '../search/world';
import { ChoiceList } from './choiceList';
import { Foresight } from './foresight';
import type { Knowledge } from './knowledge';
import type { Machine } from './machine';
import { type Party, READ_BYTES, SLEEP, START, WAIT } from './party';
import { PlainAccessError } from './plainMemory';
import { Standing } from './standing';

/** The parts of its world that a run needs. */
export interface RunHost {
  readonly machine: Machine;
  readonly parties: readonly Party[];
  readonly knowledge: Knowledge;
  /** Bits of the milestones that the actors have passed. */
  readonly passed: () => number;
  /** Judges the end of a run. `stuck` says why it came to no end. */
  readonly judge: (thorough: boolean, stuck: string | null) => Failure | null;
}

/**
 * Number of times in a row that time may pass actors that could go on, while nobody changes shared memory and no
 * interrupted actor goes on.
 */
const IDLE_PASSES = 2;
/** Number of times that it may pass in a row without any change, before the run counts as stuck. */
const MAX_PASSES = 10_000;
const MAX_STEPS = 200_000;

const HASH_START = 0x811c_9dc5 | 0;
const HASH_FACTOR = 0x0100_0193;

/** A run of the actors of a check: who can go on, virtual time, and the end. */
export class CheckRun implements Run {
  current = -1;
  value = 0;
  timeNs = 0;
  private readonly machine: Machine;
  private readonly parties: readonly Party[];
  private readonly standing: Standing;
  private readonly foresight: Foresight;
  private readonly offers = new ChoiceList();
  private readonly positions: number[] = [];
  private fresh = false;
  /** The current actor has waited since its last step, and so nobody interrupts it any more. */
  private waited = false;
  /** All actors but the services have ended, or the run is stuck. Stores may still have to drain. */
  private ended = false;
  private steps = 0;
  private hashed = HASH_START;
  private passes = 0;
  /** Bits of the actors that were interrupted and have not gone on since. */
  private out = 0;
  private changesAtPass = 0;
  private stuck: string | null = null;

  constructor(private readonly host: RunHost) {
    this.machine = host.machine;
    this.parties = host.parties;
    this.standing = new Standing(host.machine);
    this.foresight = new Foresight(host.machine);
  }

  begin(timeNs: number): void {
    this.current = -1;
    this.value = 0;
    this.timeNs = timeNs;
    this.fresh = false;
    this.waited = false;
    this.ended = false;
    this.steps = 0;
    this.hashed = HASH_START;
    this.passes = this.out = 0;
    this.changesAtPass = this.machine.changes;
    this.stuck = null;
    this.machine.exploring = true;
  }

  get canGoOn(): boolean {
    return (
      !this.waited &&
      this.current >= 0 &&
      !this.ended &&
      this.standing.couldGoOn(this.parties[this.current]!, this.timeNs)
    );
  }

  get timeIsDue(): boolean {
    return !this.ended && this.timeMayPass() && !this.allDrained();
  }

  choices(): readonly Choice[] {
    if (!this.fresh) this.offer();
    return this.offers.list;
  }

  take(index: number): void {
    if (!this.fresh) this.offer();
    this.fresh = false;
    this.machine.lookedAtClock = false;
    const { kind, actor } = this.offers.list[index]!;
    if (kind === 'time') this.passTime();
    else if (kind === 'drain') this.drain(actor, this.offers.positions[index]!);
    else {
      if (actor !== this.current && this.canGoOn) this.out |= 1 << this.current;
      this.current = actor;
      this.waited = false;
      this.step(this.parties[actor]!);
    }
  }

  foresee(index: number): Effect {
    const { kind, actor } = this.choices()[index]!;
    if (kind === 'drain') return this.foresight.drain();
    return this.foresight.step(this.parties[actor]!, (this.out & (1 << actor)) !== 0);
  }

  get lookedAtClock(): boolean {
    return this.machine.lookedAtClock;
  }

  get settled(): boolean {
    const party = this.parties[this.current];
    return party !== undefined && (party.ended || party.rests);
  }

  knowledgeInto(key: Key): ReturnType<Run['knowledgeInto']> {
    return this.host.knowledge.mixInto(key, this.parties[this.current]!, this.timeNs);
  }

  remembers(actor: number): boolean {
    return this.host.knowledge.remembers(actor);
  }

  get idlePasses(): number {
    return Math.min(this.idleCount(), IDLE_PASSES);
  }

  draining(actor: number): boolean {
    return this.standing.drains(this.parties[actor]!);
  }

  awaited(address: number, length: number): boolean {
    return this.parties.some(
      (party) =>
        !party.ended &&
        this.standing.isBlocked(party) &&
        party.address < address + length &&
        address < party.address + 4,
    );
  }

  reached(milestone: number): boolean {
    return (this.host.passed() & (1 << milestone)) !== 0;
  }

  judge(thorough: boolean): Failure | null {
    if (this.choices().length > 0) throw new RangeError('a run is judged before its end');
    return this.host.judge(thorough, this.stuck);
  }

  hash(): number {
    return this.hashed >>> 0;
  }

  private mix(value: number): void {
    this.hashed = Math.imul(this.hashed ^ value, HASH_FACTOR);
  }

  private drain(actor: number, position: number): void {
    const { buffers } = this.machine;
    this.value = buffers.valueAt(actor, position);
    this.mix(actor + 64);
    this.mix(buffers.addressAt(actor, position));
    this.machine.drain(actor, position);
  }

  private step(party: Party): void {
    const { machine } = this;
    machine.enter(party);
    const { kind, address } = party;
    let given: unknown;
    party.rests = false;
    // An actor that was interrupted and goes on is progress.
    if ((this.out & (1 << party.index)) !== 0) this.passes = 0;
    this.out &= ~(1 << party.index);
    if (kind === START || kind === SLEEP) party.failedSite = -1;
    else {
      given = this.value = kind === WAIT ? machine.load(address) : machine.perform(party);
      if (kind === READ_BYTES) given = party.bytes;
    }
    this.mix(party.index);
    this.mix(address);
    this.mix(this.value);
    if (++this.steps > MAX_STEPS) this.end(`it goes on for more than ${MAX_STEPS} steps`);
    else this.resume(party, given);
  }

  /** Runs an actor up to its next point. Nobody else sees anything of that. */
  private resume(party: Party, given: unknown): void {
    if (this.proceed(party, given)) party.ended = true;
  }

  /** Returns true if the actor has ended. */
  private proceed(party: Party, given: unknown): boolean {
    try {
      return party.stepping!.next(given).done === true;
    } catch (error) {
      if (error instanceof PlainAccessError) throw error;
      party.error = error;
      return true;
    }
  }

  private end(stuck: string | null): void {
    this.ended = true;
    this.stuck = stuck;
  }

  private allDrained(): boolean {
    for (const { index } of this.parties) if (!this.machine.buffers.isEmpty(index)) return false;
    return true;
  }

  private offer(): void {
    this.fresh = true;
    if (!this.canGoOn) this.waited = true;
    this.offers.clear();
    while (!this.ended) {
      if (this.isClosing() && this.servicesRest()) this.end(null);
      if (this.ended || this.offerLocal()) break;
      this.offerSteps();
      this.offerDrains();
      if (this.offers.list.length > 0) break;
      this.passTimeAlone();
    }
    if (this.ended) this.offerDrains();
    else if (this.timeMayPass() && this.allDrained()) this.offers.time();
    if (this.offers.list.length === 0) this.machine.exploring = false;
  }

  /** Offers the current actor's next access alone, if nobody else can see when it is made. */
  private offerLocal(): boolean {
    if (this.current < 0) return false;
    const party = this.parties[this.current]!;
    if (party.ended || !this.standing.isLocal(party)) return false;
    this.offers.step(party, true);
    return true;
  }

  /** True once all actors but the services have ended. */
  private isClosing(): boolean {
    for (const { ended, service } of this.parties) if (!ended && !service) return false;
    return true;
  }

  /** True once each service stands where it waits for more to do. What it has begun belongs to the run. */
  private servicesRest(): boolean {
    return this.parties.every(
      (party) => party.ended || party.kind === SLEEP || party.kind === START || this.standing.isBlocked(party),
    );
  }

  private offerSteps(): void {
    const closing = this.isClosing();
    for (const party of this.parties)
      if (
        (!closing || (party.kind !== SLEEP && party.kind !== START)) &&
        this.standing.couldGoOn(party, this.timeNs) &&
        !this.standing.drains(party)
      )
        this.offers.step(party, this.standing.isBuffered(party));
  }

  private offerDrains(): void {
    const { buffers } = this.machine;
    for (const { index } of this.parties) {
      const found = buffers.drainable(index, this.positions);
      for (let i = 0; i < found; i++) {
        const at = this.positions[i]!;
        const [address, bytes] = [buffers.addressAt(index, at), buffers.bytesAt(index, at)];
        this.offers.drain(index, at, address, bytes, buffers.siteAt(index, at));
      }
    }
  }

  /**
   * Time may pass although actors could go on, if the current one cannot and no other has just woken: their threads
   * have lost their CPU, and nobody knows for how long. Progress bounds it, because whoever waits for such an actor
   * gets nowhere.
   */
  private timeMayPass(): boolean {
    if (this.isClosing() || this.idlePasses >= IDLE_PASSES || this.canGoOn) return false;
    let sleeps = false;
    for (const { kind, wakeNs, ended } of this.parties) {
      if (ended || kind !== SLEEP) continue;
      if (wakeNs <= this.timeNs) return false;
      sleeps = true;
    }
    return sleeps;
  }

  private idleCount(): number {
    return this.machine.changes === this.changesAtPass ? this.passes : 0;
  }

  /** Lets time pass if no actor can go on. */
  private passTimeAlone(): void {
    if (!this.parties.some(({ kind, ended }) => kind === SLEEP && !ended))
      return this.end('all its actors wait for each other');
    if (this.idleCount() >= MAX_PASSES) return this.end('its actors wait, and nothing changes any more');
    this.passTime();
  }

  /** Advances to the end of the next sleep. */
  private passTime(): void {
    this.passes = this.idleCount() + 1;
    this.changesAtPass = this.machine.changes;
    let next = Infinity;
    for (const { kind, wakeNs, ended } of this.parties) if (kind === SLEEP && !ended && wakeNs < next) next = wakeNs;
    this.timeNs = next;
    this.mix(next);
  }
}
