import { BenchError } from '../../../shared/errors';
import type { AccessKind } from '../../../shared/mem/watched';
import { RunQueue, type Wait } from './runQueue';
import {
  ACTOR_ENDED,
  ACTOR_READY,
  ControlBlock,
  CURRENT,
  DECISIONS,
  HASH,
  LOST,
  mixed,
  PHASE,
  PHASE_ABORTED,
  REPORTS,
  STATE,
  STEPS,
  tagOf,
  TURN,
  WAIT_MESSAGE,
  WAIT_TIME,
} from './controlBlock';
import { codeFrame } from './codeFrame';
import { Places } from './namedRanges';
import type { Limits } from './plan';
import type { Abort, DeviationNote, Handover } from './report';
import { type Hold, type Point, type Scheduler, ScheduleMismatch, type Turn } from './scheduler';

/** Unwinds an actor's stack when the run ends early. Nobody else catches or throws it. */
export class RunAborted extends BenchError {
  constructor(why: string) {
    super('RUN_ABORTED', why);
  }
}

const NS_PER_MS = 1_000_000;
const MAX_NOTES = 100_000;
/** Writes of an actor that has been held up: those that come next are the ones of interest. */
const TOLD_AFTER_HOLD = 24;
/** Accesses of an actor that does not let itself be unwound. */
const MAX_AFTER_ABORT = 10_000;

const KIND_NUMBERS: Readonly<Record<AccessKind, number>> = { load: 1, store: 2, update: 3, copy: 4, fill: 5, fence: 6 };

export interface DispatcherOptions {
  readonly actor: number;
  readonly scheduler: Scheduler;
  readonly limits: Required<Limits>;
  /** Keep every handing over. */
  readonly trace: boolean;
  /** Notes something down for the timeline. */
  readonly note: (what: string) => void;
}

/**
 * One actor's part in handing the turn round: it asks the scheduler where a decision is due,
 * wakes the one that is chosen, and waits until its own turn comes again. Time stands still
 * while anybody can run.
 */
export class Dispatcher {
  readonly deviations: DeviationNote[] = [];
  readonly handovers: Handover[] = [];
  /** Why this actor ended the run early, null where it did not. */
  abort: Abort | null = null;
  private waiting: Wait | null = null;
  private readonly runQueue: RunQueue;
  private readonly places: Places;
  /** How many of its next writes are noted down. */
  private toTell = 0;
  private readonly words: Int32Array;
  private readonly turn: Turn;
  private afterAbort = 0;

  constructor(
    readonly control: ControlBlock,
    private readonly options: DispatcherOptions,
  ) {
    this.words = control.words;
    this.runQueue = new RunQueue(control);
    this.places = new Places(control);
    this.turn = { decision: 0, current: options.actor, canGoOn: true, runnable: 0, fallback: 0, point: null };
  }

  private get me(): number {
    return this.options.actor;
  }

  /** What it waits for, as people say it; null where it can run, or only waits for a time. */
  get waitingFor(): string | null {
    return this.waiting?.what?.() ?? null;
  }

  /** Waits for the first turn. False where the run has been aborted before it came. */
  begin(): boolean {
    this.awaitTurn();
    return this.words[PHASE] !== PHASE_ABORTED;
  }

  /** To be called for each access and wait. @throws RunAborted at the limit, and once the run is aborted. */
  step(): void {
    const steps = this.words[STEPS]! + 1;
    this.words[STEPS] = steps;
    if (this.words[PHASE] === PHASE_ABORTED) this.unwind();
    if (steps > this.options.limits.steps) this.stop('limit', `more than ${this.options.limits.steps} steps`);
  }

  /** Where an address lies, for people. */
  describe(address: number): string {
    return this.places.describe(address);
  }

  /** A point where the actor could go on: the scheduler may hold it up or take somebody else. */
  point(point: Point): void {
    if (this.toTell > 0 && point.kind !== 'load') this.tell(point);
    const turn = this.ask(true, point);
    const hold = this.chosen(() => this.options.scheduler.hold(turn));
    if (hold !== null) this.startHold(hold);
    this.hand(this.chosen(() => this.choose(turn)));
    if (hold === null) return;
    this.options.note('goes on');
    this.toTell = TOLD_AFTER_HOLD;
  }

  private tell(point: Point): void {
    this.toTell--;
    this.options.note(`goes on with a ${this.placeOf(point)}`);
  }

  /** An access and the function that made it. */
  private placeOf(point: Point | null): string {
    if (point === null) return 'wait';
    return `${point.kind} of ${point.bytes} bytes at ${this.describe(point.address)}, in ${codeFrame()}`;
  }

  /** Waits. Also ends when the run is over. @throws RunAborted */
  wait(wait: Wait): void {
    this.startWait(wait);
    this.toTell = 0;
    const turn = this.ask(false, null);
    this.hand(this.chosen(() => this.choose(turn)));
  }

  /** The actor has ended: the turn goes to another one. Gives whose it is, -1 where all have ended. */
  end(): number {
    this.words[ControlBlock.at(this.me, STATE)] = ACTOR_ENDED;
    if (this.runQueue.firstLeft() < 0) return -1;
    if (this.words[PHASE] === PHASE_ABORTED) return this.runQueue.firstLeft();
    try {
      const turn = this.ask(false, null);
      return this.chosen(() => this.choose(turn));
    } catch (error) {
      if (!(error instanceof RunAborted)) throw error;
      return this.runQueue.firstLeft();
    }
  }

  /** Gives an actor the turn, without waiting for one's own. */
  give(next: number): void {
    this.words[CURRENT] = next;
    const at = ControlBlock.at(next, TURN);
    Atomics.store(this.words, at, 1);
    Atomics.notify(this.words, at);
  }

  /** Ends the run for everybody. @throws RunAborted always */
  stop(kind: Abort['kind'], what: string): never {
    this.markAborted({ kind, what });
    throw new RunAborted(what);
  }

  markAborted(abort: Abort): void {
    if (this.words[PHASE] === PHASE_ABORTED) return;
    this.abort = abort;
    this.words[PHASE] = PHASE_ABORTED;
  }

  private unwind(): never {
    this.afterAbort++;
    // It catches everything and goes on: its thread is given up.
    if (this.afterAbort > MAX_AFTER_ABORT) {
      Atomics.store(this.words, LOST, 1);
      Atomics.notify(this.words, REPORTS);
      process.exit(1);
    }
    throw new RunAborted('the run has been aborted');
  }

  /** A decision is due: counts it, and lets time pass while nobody can run. */
  private ask(canGoOn: boolean, point: Point | null): Turn {
    this.step();
    const { words, turn } = this;
    turn.decision = words[DECISIONS]!;
    words[DECISIONS] = turn.decision + 1;
    const where = point === null ? 0 : (KIND_NUMBERS[point.kind] << 28) ^ point.address ^ (point.bytes << 8);
    words[HASH] = mixed(mixed(mixed(words[HASH]!, this.me), where), words[STEPS]!);
    turn.canGoOn = canGoOn;
    turn.point = point;
    this.settle();
    return turn;
  }

  /** Fills in who can run. @throws RunAborted where nobody ever will. */
  private settle(): void {
    const { turn } = this;
    turn.runnable = this.runQueue.runnable();
    while (turn.runnable === 0) {
      this.passTime();
      turn.runnable = this.runQueue.runnable();
    }
    turn.fallback = turn.canGoOn ? this.me : this.runQueue.nextInOrder(this.me, turn.runnable);
  }

  /** Moves the time to the end of the shortest wait. */
  private passTime(): void {
    const soonest = this.runQueue.soonestNs();
    if (soonest === Infinity) this.stop('deadlock', 'all actors wait for ever');
    const { virtualMs } = this.options.limits;
    if (soonest > virtualMs * NS_PER_MS) this.stop('limit', `more than ${virtualMs} ms of virtual time`);
    this.control.timeNs = soonest;
  }

  private startWait(wait: Wait): void {
    this.waiting = wait;
    this.runQueue.startWait(this.me, wait);
  }

  /** What the scheduler says; a schedule that does not fit ends the run. */
  private chosen<T>(ask: () => T): T {
    try {
      return ask();
    } catch (error) {
      if (error instanceof ScheduleMismatch) this.stop('mismatch', error.message);
      throw error;
    }
  }

  private startHold(hold: Hold): void {
    const where = this.deviate(-1, hold);
    this.options.note(`is held up ${'ms' in hold ? `for ${hold.ms} ms` : `until '${hold.posted}'`} after a ${where}`);
    if ('ms' in hold) this.startWait({ untilNs: this.control.timeNs + hold.ms * NS_PER_MS, kind: WAIT_TIME });
    else {
      const what = (): string => `'${hold.posted}' on the board, held up by the scheduler`;
      this.startWait({ untilNs: Infinity, kind: WAIT_MESSAGE, value: tagOf(hold.posted), what });
    }
    this.turn.canGoOn = false;
    this.settle();
  }

  private choose(turn: Turn): number {
    const next = this.options.scheduler.choose(turn);
    if (next !== turn.fallback) this.deviate(next, null);
    if (this.options.trace && next !== this.me && this.handovers.length < MAX_NOTES)
      this.handovers.push({ decision: turn.decision, timeNs: this.control.timeNs, from: this.me, to: next });
    return next;
  }

  /** Takes a decision down; gives where it fell. */
  private deviate(actor: number, hold: Hold | null): string {
    if (this.deviations.length === MAX_NOTES)
      this.stop('limit', `more than ${MAX_NOTES} decisions of an actor to take down`);
    const { decision, point } = this.turn;
    const where = hold !== null || this.options.trace ? this.placeOf(point) : '';
    this.deviations.push({
      decision,
      actor,
      hold,
      check: this.words[HASH]! & 63,
      timeNs: this.control.timeNs,
      by: this.me,
      where,
    });
    return where;
  }

  private hand(next: number): void {
    const state = ControlBlock.at(this.me, STATE);
    if (next !== this.me) {
      this.give(next);
      this.awaitTurn();
    }
    if (this.words[PHASE] === PHASE_ABORTED) this.unwind();
    this.words[state] = ACTOR_READY;
    this.waiting = null;
  }

  private awaitTurn(): void {
    const at = ControlBlock.at(this.me, TURN);
    while (Atomics.load(this.words, at) === 0) Atomics.wait(this.words, at, 0);
    Atomics.store(this.words, at, 0);
  }
}
