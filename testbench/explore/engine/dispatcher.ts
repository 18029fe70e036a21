import { BenchError } from '../../../shared/errors';
import type { AccessKind } from '../../../shared/mem/watched';
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
import { DecisionLog } from './decisionLog';
import type { Hold, Limits } from './plan';
import type { Abort, DeviationNote, Handover } from './report';
import { RunQueue, type Wait } from './runQueue';
import { type Point, type Scheduler, ScheduleMismatch, type Turn } from './scheduler';

/** Unwinds an actor's stack when the run ends early. Only `Actor` catches it. */
export class RunAborted extends BenchError {
  constructor(why: string) {
    super('RUN_ABORTED', why);
  }
}

const NS_PER_MS = 1_000_000;
/** Accesses that an actor may still make after the abort before its thread is given up. */
const MAX_AFTER_ABORT = 10_000;

const KIND_NUMBERS: Readonly<Record<AccessKind, number>> = { load: 1, store: 2, update: 3, copy: 4, fill: 5, fence: 6 };

interface DispatcherOptions {
  readonly actor: number;
  readonly scheduler: Scheduler;
  readonly limits: Required<Limits>;
  /** Keep every handover. */
  readonly trace: boolean;
  /** Adds a line to the timeline. */
  readonly note: (what: string) => void;
}

/**
 * Passes the turn on behalf of one actor. Where a decision is due it asks the scheduler, wakes the
 * chosen actor, and waits until its own turn comes again. Virtual time stands still while any actor
 * can run.
 */
export class Dispatcher {
  /** Why this actor ended the run early, null where it did not. */
  abort: Abort | null = null;
  private waiting: Wait | null = null;
  private readonly runQueue: RunQueue;
  private readonly log: DecisionLog;
  private readonly words: Int32Array;
  private readonly turn: Turn;
  private afterAbort = 0;

  constructor(
    readonly control: ControlBlock,
    private readonly options: DispatcherOptions,
  ) {
    this.words = control.words;
    this.runQueue = new RunQueue(control);
    this.log = new DecisionLog(control, options);
    this.turn = { decision: 0, current: options.actor, canGoOn: true, runnable: 0, fallback: 0, point: null };
  }

  private get me(): number {
    return this.options.actor;
  }

  get deviations(): readonly DeviationNote[] {
    return this.log.deviations;
  }

  get handovers(): readonly Handover[] {
    return this.log.handovers;
  }

  /** Describes the event that the actor waits for; null if it can run or only waits for a time. */
  get waitingFor(): string | null {
    return this.waiting?.what?.() ?? null;
  }

  /** Waits for the first turn. False where the run was aborted before it came. */
  begin(): boolean {
    this.awaitTurn();
    return this.words[PHASE] !== PHASE_ABORTED;
  }

  /** Counts one access or wait. @throws RunAborted at the limit, and once the run is aborted. */
  step(): void {
    const steps = this.words[STEPS]! + 1;
    this.words[STEPS] = steps;
    if (this.words[PHASE] === PHASE_ABORTED) this.unwind();
    if (steps > this.options.limits.steps) this.stop('limit', `more than ${this.options.limits.steps} steps`);
  }

  /** Says where an address lies. */
  describe(address: number): string {
    return this.log.describe(address);
  }

  /** A point where the actor could go on. The scheduler may hold it up or choose another actor. */
  point(point: Point): void {
    this.log.notePoint(point);
    const turn = this.ask(true, point);
    const hold = this.chosen(() => this.options.scheduler.hold(turn));
    if (hold !== null) this.startHold(hold);
    this.switchTo(this.chosen(() => this.choose(turn)));
    if (hold !== null) this.log.noteHoldEnd();
  }

  /** Waits; also returns when the run is over. @throws RunAborted */
  wait(wait: Wait): void {
    this.startWait(wait);
    this.log.stopNotingPoints();
    const turn = this.ask(false, null);
    this.switchTo(this.chosen(() => this.choose(turn)));
  }

  /** Ends the actor. Returns the actor whose turn it is now, -1 where all have ended. */
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

  /** Hands the turn to another actor without waiting to get it back. */
  wake(next: number): void {
    this.words[CURRENT] = next;
    const at = ControlBlock.at(next, TURN);
    Atomics.store(this.words, at, 1);
    Atomics.notify(this.words, at);
  }

  /** Ends the run for all actors. @throws RunAborted always */
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
    // The actor catches everything and goes on: give its thread up.
    if (this.afterAbort > MAX_AFTER_ABORT) {
      Atomics.store(this.words, LOST, 1);
      Atomics.notify(this.words, REPORTS);
      process.exit(1);
    }
    throw new RunAborted('the run has been aborted');
  }

  /** Counts a decision that is due, and lets time pass while no actor can run. */
  private ask(canGoOn: boolean, point: Point | null): Turn {
    this.step();
    const { words, turn } = this;
    turn.decision = words[DECISIONS]!;
    words[DECISIONS] = turn.decision + 1;
    const where = point === null ? 0 : (KIND_NUMBERS[point.kind] << 28) ^ point.address ^ (point.bytes << 8);
    words[HASH] = mixed(mixed(mixed(words[HASH]!, this.me), where), words[STEPS]!);
    turn.canGoOn = canGoOn;
    turn.point = point;
    this.findRunnable();
    return turn;
  }

  /** Fills in who can run. @throws RunAborted where no actor ever will. */
  private findRunnable(): void {
    const { turn } = this;
    turn.runnable = this.runQueue.runnable();
    while (turn.runnable === 0) {
      this.passTime();
      turn.runnable = this.runQueue.runnable();
    }
    turn.fallback = turn.canGoOn ? this.me : this.runQueue.nextInOrder(this.me, turn.runnable);
  }

  /** Advances the time to the end of the shortest wait. */
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

  /** Returns the scheduler's answer; a schedule that does not fit ends the run. */
  private chosen<T>(ask: () => T): T {
    try {
      return ask();
    } catch (error) {
      if (error instanceof ScheduleMismatch) this.stop('mismatch', error.message);
      throw error;
    }
  }

  private startHold(hold: Hold): void {
    this.deviate(-1, hold);
    if ('ms' in hold) this.startWait({ untilNs: this.control.timeNs + hold.ms * NS_PER_MS, kind: WAIT_TIME });
    else {
      const what = (): string => `'${hold.posted}' on the board, held up by the scheduler`;
      this.startWait({ untilNs: Infinity, kind: WAIT_MESSAGE, value: tagOf(hold.posted), what });
    }
    this.turn.canGoOn = false;
    this.findRunnable();
  }

  private choose(turn: Turn): number {
    const next = this.options.scheduler.choose(turn);
    if (next !== turn.fallback) this.deviate(next, null);
    if (next !== this.me) this.log.handover(turn, next);
    return next;
  }

  private deviate(actor: number, hold: Hold | null): void {
    if (this.log.full) this.stop('limit', `more than ${this.log.deviations.length} decisions of an actor to take down`);
    this.log.deviation(this.turn, actor, hold);
  }

  private switchTo(next: number): void {
    const state = ControlBlock.at(this.me, STATE);
    if (next !== this.me) {
      this.wake(next);
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
