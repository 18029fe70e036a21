import { actAs } from '#mem';
import { ACTOR_DRIVER } from '../../../shared/loops/rights';
import { type AccessKind, addWatcher, type MemoryViolation, recordViolations } from '../../../shared/mem/watched';
import { resetInterruptHandlers } from '../../../shared/pci';
import { Dispatcher, RunAborted } from './dispatcher';
import {
  ControlBlock,
  HASH,
  MAINS,
  PHASE,
  PHASE_ABORTED,
  PHASE_OVER,
  PHASE_RUNNING,
  SERVICE,
  tagOf,
  WAIT_TIME,
} from './controlBlock';
import { codeFrameOf } from './codeFrame';
import type { ActorSpec, Limits, Plan, Strategy } from './plan';
import { Points } from './points';
import type { ActorReport, ViolationNote } from './report';
import { makeScheduler } from './scheduler';
import { ActorContext } from './actorContext';

/** Order for a thread in one run. */
export interface ActorOrder {
  readonly run: number;
  readonly actor: number;
  readonly names: readonly string[];
  readonly spec: ActorSpec;
  readonly points: Required<Plan>['points'];
  readonly strategy: Strategy;
  readonly recordViolations: boolean;
  readonly trace: boolean;
  readonly evidence: boolean;
  readonly limits: Required<Limits>;
}

export type ActorFunction = (context: ActorContext, data: unknown) => unknown;

/** Number of equal accesses in a row after which an actor passes the turn, because it waits for another one. */
const SPIN_ACCESSES = 128;
const SPIN_NS = 10_000;
const MAX_VIOLATIONS = 1_000;

/** One actor in one run: runs its function, and follows each of its accesses to memory. */
export class Actor {
  private readonly dispatcher: Dispatcher;
  private readonly context: ActorContext;
  private readonly points: Points;
  private readonly violations: ViolationNote[] = [];
  private violationCount = 0;
  private readonly point = { kind: 'load' as AccessKind, address: 0, bytes: 0 };
  private repeated = 0;

  constructor(
    private readonly control: ControlBlock,
    private readonly order: ActorOrder,
  ) {
    const { actor, names, strategy, limits, trace, spec } = order;
    this.points = new Points(control, order.points);
    const scheduler = makeScheduler(strategy, {
      words: control.scheduler,
      actor: (name) => names.indexOf(name),
      fits: (rule, point) => this.points.fits(rule, point),
      posted: (name) => control.hasPosted(tagOf(name)),
      hash: () => control.words[HASH]!,
    });
    const note = (what: string): void => this.context.note(what);
    this.dispatcher = new Dispatcher(control, { actor, scheduler, limits, trace, note });
    this.context = new ActorContext(spec.name, control, this.dispatcher, order.evidence);
  }

  /**
   * Waits for the first turn and runs the actor's function. Calls `report` with the result, then
   * passes the turn to another actor.
   */
  run(load: () => ActorFunction, report: (report: ActorReport) => void): void {
    const result = this.dispatcher.begin() ? this.perform(load) : undefined;
    const next = this.dispatcher.end();
    report(this.reportOf(result));
    if (next >= 0) this.dispatcher.wake(next);
  }

  private perform(load: () => ActorFunction): unknown {
    resetInterruptHandlers();
    let stopWatching = (): void => undefined;
    try {
      const body = load();
      stopWatching = addWatcher((kind, address, bytes) => this.after(kind, address, bytes));
      if (this.order.recordViolations) recordViolations((violation) => this.note(violation));
      return body(this.context, this.order.spec.data);
    } catch (error) {
      if (!(error instanceof RunAborted)) this.fail(error);
      return undefined;
    } finally {
      stopWatching();
      recordViolations(null);
      actAs(ACTOR_DRIVER);
      this.leave();
    }
  }

  /** Marks the run as over where this is the last actor that it waits for. */
  private leave(): void {
    const { words } = this.control;
    if (words[ControlBlock.at(this.order.actor, SERVICE)] === 1) return;
    words[MAINS] = words[MAINS]! - 1;
    if (words[MAINS] === 0 && words[PHASE] === PHASE_RUNNING) words[PHASE] = PHASE_OVER;
  }

  private fail(error: unknown): void {
    if (this.control.words[PHASE] === PHASE_ABORTED) return;
    const [what, stack] = error instanceof Error ? [error.message, error.stack] : [String(error), undefined];
    this.dispatcher.markAborted({ kind: 'failed', what, ...(stack === undefined ? {} : { stack }) });
  }

  private after(kind: AccessKind, address: number, bytes: number): void {
    const { point, dispatcher } = this;
    dispatcher.step();
    this.repeated = point.kind === kind && point.address === address ? this.repeated + 1 : 0;
    point.kind = kind;
    point.address = address;
    point.bytes = bytes;
    if (this.repeated >= SPIN_ACCESSES) {
      this.repeated = 0;
      dispatcher.wait({ untilNs: this.control.timeNs + SPIN_NS, kind: WAIT_TIME });
    } else if (this.points.includes(kind, address, bytes)) dispatcher.point(point);
  }

  private note(violation: MemoryViolation): void {
    this.violationCount++;
    if (this.violations.length === MAX_VIOLATIONS) return;
    const { context } = this;
    const { kind, address, bytes } = violation;
    const at = this.dispatcher.describe(address);
    const where = codeFrameOf(violation.stack ?? '');
    this.violations.push({
      order: context.nextOrder(),
      timeMs: context.clock.nowMs(),
      actor: context.name,
      kind,
      bytes,
      at,
      where,
    });
  }

  private reportOf(result: unknown): ActorReport {
    const { dispatcher, context, violations, violationCount, order } = this;
    const { abort, waitingFor, deviations, handovers } = dispatcher;
    return {
      run: order.run,
      result,
      abort,
      waitingFor,
      deviations,
      handovers,
      timeline: context.entries,
      violations,
      violationCount,
      kept: order.evidence ? context.kept() : {},
    };
  }
}
