import type { SharedMemory, StoreBuffers } from '../models/storeBuffers';
import type { AccessKind, Choice, Effect, Failure, Run } from '../search/world';
import { type Key, mixInto, mixTime } from '../search/key';
import type { Op } from './program';

type Thread = Generator<Op, string, number>;
type Judge = (results: readonly string[], load: (address: number) => number) => Failure | null;
function makeChoice(
  kind: Choice['kind'],
  actor: number,
  access: AccessKind = 'none',
  address = 0,
  length = 0,
  buffered = false,
  source = -1,
): Choice {
  const write = access !== 'none' && access !== 'load' && access !== 'acquireLoad' && access !== 'fence';
  return { kind, actor, access, address, length, write, buffered, source, site: -1 };
}

/** Number of times that virtual time may pass while one actor is held. */
const MAX_PASSES = 4;
/** Number of times that it may pass in a run with services. */
const MAX_ALL_PASSES = 12;

function isSleep(op: Op | null): op is Op & { readonly op: 'sleep' | 'rest' } {
  return op?.op === 'sleep' || op?.op === 'rest';
}

/** A run of a program world. */
export class ProgramRun implements Run {
  current = -1;
  value = 0;
  timeNs = 0;
  timeIsDue = false;
  lookedAtClock = false;
  private readonly next: (Op | null)[];
  private readonly results: string[];
  private readonly wakeNs: number[];
  /** The actor that is held, -1 for none; one at a time. */
  private held = -1;
  /** The current actor has waited since its last step, and so nobody interrupts it any more. */
  private waited = false;
  /** Actors that knew the end of their sleep from the beginning. */
  private readonly beganAsleep: readonly boolean[];
  private passes = 0;
  private hashed = 0x811c_9dc5;
  private offered: { readonly choice: Choice; readonly position: number }[] = [];
  private readonly positions: number[] = [];

  constructor(
    private readonly threads: readonly Thread[],
    private readonly services: readonly boolean[],
    private readonly buffers: StoreBuffers,
    private readonly memory: SharedMemory,
    private readonly holds: boolean,
    private readonly lapses: boolean,
    private readonly oracle: Judge,
  ) {
    this.results = threads.map(() => '');
    this.wakeNs = threads.map(() => 0);
    this.next = threads.map(() => null);
    threads.forEach((_thread, actor) => this.resume(actor, 0));
    this.beganAsleep = this.next.map(isSleep);
    this.offer();
  }

  get canGoOn(): boolean {
    const { current } = this;
    return (
      !this.waited && current >= 0 && current !== this.held && this.next[current] !== null && !this.isBlocked(current)
    );
  }

  draining(actor: number): boolean {
    return this.next[actor] !== null && this.waitsForOwnStores(actor);
  }

  awaited(address: number, length: number): boolean {
    return this.next.some(
      (op, actor) => op?.op === 'await' && op.at < address + length && address < op.at + 4 && this.isBlocked(actor),
    );
  }

  choices(): readonly Choice[] {
    return this.offered.map(({ choice }) => choice);
  }

  get settled(): boolean {
    const op = this.current < 0 ? undefined : this.next[this.current];
    return op === null || op?.op === 'rest';
  }

  knowledgeInto(key: Key): 'timed' | 'timeless' {
    if (this.next[this.current] !== null) {
      mixTime(key, this.wakeNs[this.current]! - this.timeNs);
      return 'timed';
    }
    for (const letter of this.results[this.current]!) mixInto(key, letter.charCodeAt(0));
    return 'timeless';
  }

  remembers(actor: number): boolean {
    return this.beganAsleep[actor]!;
  }

  get idlePasses(): number {
    return this.passes;
  }

  foresee(index: number): Effect {
    const { kind, actor } = this.offered[index]!.choice;
    const none = { read: 0, writes: 'nothing', written: 0, changes: kind === 'hold', faulty: false } as const;
    return kind === 'step' ? { ...none, ...this.effectOf(actor, this.next[actor]!) } : none;
  }

  take(index: number): void {
    const { choice, position } = this.offered[index]!;
    this.value = 0;
    this.lookedAtClock = false;
    this.mix(choice.actor * 8 + ['step', 'drain', 'hold', 'time'].indexOf(choice.kind));
    if (choice.kind === 'time') this.passTime();
    else if (choice.kind === 'hold') {
      this.held = choice.actor;
      this.passes = 0;
    } else if (choice.kind === 'drain') {
      this.value = this.buffers.valueAt(choice.actor, position);
      this.buffers.drain(choice.actor, position);
    } else this.step(choice.actor);
    this.mix(this.value);
    this.offer();
  }

  reached(): boolean {
    return false;
  }

  judge(): Failure | null {
    return this.oracle(this.results, (address) => this.memory.load(address, 4));
  }

  hash(): number {
    return this.hashed >>> 0;
  }

  private mix(value: number): void {
    this.hashed = Math.imul(this.hashed ^ value, 0x0100_0193);
  }

  private step(actor: number): void {
    const op = this.next[actor]!;
    this.current = actor;
    this.waited = false;
    if (this.held === actor) this.held = -1;
    this.value = this.perform(actor, op);
    this.resume(actor, this.value);
  }

  private effectOf(actor: number, op: Op): Partial<Effect> {
    switch (op.op) {
      case 'load':
      case 'acquireLoad':
        return { read: this.buffers.load(actor, op.at, op.bytes) };
      case 'await':
        return { read: this.buffers.load(actor, op.at, 4) };
      case 'store':
      case 'releaseStore':
        return { writes: 'value', written: op.value };
      case 'add': {
        const read = this.memory.load(op.at, 4);
        return { read, writes: 'value', written: read + op.value };
      }
      case 'copy':
        return { writes: 'bytes' };
      case 'fence':
      case 'sleep':
      case 'rest':
      case 'clock':
        return {};
    }
  }

  private perform(actor: number, op: Op): number {
    const { buffers } = this;
    switch (op.op) {
      case 'load':
      case 'acquireLoad':
        return buffers.load(actor, op.at, op.bytes);
      case 'await':
        return buffers.load(actor, op.at, 4);
      case 'store':
        buffers.store(actor, op.at, op.bytes, op.value);
        return op.value;
      case 'releaseStore':
        buffers.releaseStore(actor, op.at, op.bytes, op.value);
        return op.value;
      case 'add': {
        const former = this.memory.load(op.at, 4);
        this.memory.store(op.at, 4, former + op.value);
        return former;
      }
      case 'copy': {
        const bytes = new Uint8Array(op.length);
        buffers.read(actor, op.from, bytes);
        buffers.write(actor, op.to, bytes);
        return 0;
      }
      case 'clock':
        this.lookedAtClock = true;
        return this.timeNs;
      case 'fence':
      case 'sleep':
      case 'rest':
        return 0;
    }
  }

  private resume(actor: number, value: number): void {
    const { done, value: next } = this.threads[actor]!.next(value);
    if (done === true) this.results[actor] = next;
    this.next[actor] = done === true ? null : next;
    if (done === true || (next.op !== 'sleep' && next.op !== 'rest')) return;
    this.wakeNs[actor] = this.timeNs + next.ns;
    this.lookedAtClock = true;
  }

  /** All but the services have ended. */
  private isClosing(): boolean {
    return this.services.includes(true) && this.next.every((op, actor) => op === null || this.services[actor]);
  }

  /** True for an actor that waits for another one, or for time. */
  private isBlocked(actor: number): boolean {
    const op = this.next[actor]!;
    if (isSleep(op)) return (this.isClosing() && op.op === 'rest') || this.wakeNs[actor]! > this.timeNs;
    return op?.op === 'await' && this.buffers.load(actor, op.at, 4) === op.not;
  }

  /** True for an actor that waits for its own stores. */
  private waitsForOwnStores(actor: number): boolean {
    const op = this.next[actor]!;
    if (op.op === 'fence' || op.op === 'add') return this.buffers.fenceMustWait(actor);
    if (op.op === 'load' || op.op === 'acquireLoad') return this.buffers.loadMustWait(actor, op.at, op.bytes);
    return op.op === 'copy' && this.buffers.loadMustWait(actor, op.from, op.length);
  }

  private offer(): void {
    this.offered = [];
    if (!this.canGoOn) this.waited = true;
    let steps = 0;
    let others = 0;
    for (let actor = 0; actor < this.threads.length; actor++) {
      const canGoOn = this.next[actor] !== null && !this.isBlocked(actor);
      if (canGoOn && actor !== this.held) others++;
      if (canGoOn && !this.waitsForOwnStores(actor) && actor !== this.held) this.addStep(actor);
      if (canGoOn) steps++;
    }
    for (let actor = 0; actor < this.threads.length; actor++) this.addDrains(actor);
    if (steps > others && others === 0 && !this.waitsForOwnStores(this.held)) this.addStep(this.held);
    this.offerHoldAndTime(steps, others);
  }

  private offerHoldAndTime(steps: number, others: number): void {
    const isHeld = this.held >= 0 && others === 0 && this.passes < MAX_PASSES;
    const mayPass = this.sleeps() && (steps === 0 || isHeld || this.mayLapse());
    const isDraining = this.offered.some(({ choice }) => choice.kind === 'drain');
    this.timeIsDue = mayPass && isDraining;
    if (this.holds && this.held < 0 && this.canGoOn && this.sleeps())
      this.offered.push({ choice: makeChoice('hold', this.current), position: 0 });
    if (mayPass && !isDraining) this.offered.push({ choice: makeChoice('time', -1), position: 0 });
  }

  /** True where time may pass although others could go on: the current actor cannot, and time has not passed often. */
  private mayLapse(): boolean {
    return this.lapses && !this.canGoOn && this.current >= 0 && this.passes < MAX_PASSES && !this.hasJustWoken();
  }

  private hasJustWoken(): boolean {
    return this.next.some((op, actor) => isSleep(op) && this.wakeNs[actor]! <= this.timeNs);
  }

  private sleeps(): boolean {
    if (this.isClosing() || (this.services.includes(true) && this.passes >= MAX_ALL_PASSES)) return false;
    return this.next.some((op, actor) => isSleep(op) && this.wakeNs[actor]! > this.timeNs);
  }

  private passTime(): void {
    const deadlines = this.wakeNs.filter((wake, actor) => isSleep(this.next[actor]!) && wake > this.timeNs);
    this.timeNs = Math.min(...deadlines);
    this.passes++;
  }

  private addStep(actor: number): void {
    this.offered.push({ choice: this.stepOf(actor, this.next[actor]!), position: 0 });
  }

  private stepOf(actor: number, op: Op): Choice {
    const { buffers } = this;
    const isBuffered = buffers.model !== 'sc';
    switch (op.op) {
      case 'load':
      case 'acquireLoad':
        return makeChoice('step', actor, op.op, op.at, op.bytes, buffers.answers(actor, op.at, op.bytes));
      case 'await':
        return makeChoice('step', actor, 'load', op.at, 4, buffers.answers(actor, op.at, 4));
      case 'store':
      case 'releaseStore':
        return makeChoice('step', actor, op.op, op.at, op.bytes, isBuffered);
      case 'add':
        return makeChoice('step', actor, 'rmw', op.at, 4);
      case 'copy':
        return makeChoice('step', actor, 'copy', op.to, op.length, isBuffered, op.from);
      case 'fence':
        return makeChoice('step', actor, 'fence');
      case 'sleep':
      case 'rest':
      case 'clock':
        return makeChoice('step', actor);
    }
  }

  private addDrains(actor: number): void {
    const found = this.buffers.drainable(actor, this.positions);
    for (let i = 0; i < found; i++) {
      const position = this.positions[i]!;
      const address = this.buffers.addressAt(actor, position);
      const length = this.buffers.bytesAt(actor, position);
      this.offered.push({ choice: makeChoice('drain', actor, 'store', address, length), position });
    }
  }
}
