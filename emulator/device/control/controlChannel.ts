import { countUp } from '../../../shared/loops/counter';
import type { Clock } from '../../../shared/clock';
import {
  FIFO_CORRUPT,
  fifoCount,
  fifoFill,
  fifoFreeCount,
  fifoPeekHi,
  fifoPeekLo,
  fifoPublishRead,
  fifoPublishWrite,
} from '../../../shared/loops/fifo';
import { storeRequestResult } from '../../../shared/loops/layout';
import { high32, low32 } from '../../../shared/u64';
import { fetchRequest, type ControlRequest } from './controlRequest';
import type { HostMemory } from '../memory/hostMemory';
import {
  HOST_PORT_REQ,
  HOST_PORT_RESP,
  loadHostPortSync,
  loadHostPortSyncHi,
  loadHostPortSyncLo,
  loadHostPortCounters,
  PORT_COUNTERS_CONTROL_ANSWERS,
  PORT_COUNTERS_CONTROL_ANSWERS_BLOCKED,
  PORT_COUNTERS_CONTROL_IGNORED,
  PORT_COUNTERS_CONTROL_REFUSED,
  PORT_COUNTERS_CONTROL_REQUESTS,
  PORT_COUNTERS_REFUSED_REQ_INDEX,
  PORT_COUNTERS_REFUSED_RESP_INDEX,
} from '../loops/records';

/** Carries out requests that the channel has taken. */
export interface RequestHandler {
  /** Returns the value for `result`: 0, or a negative errno if nothing has changed. */
  carryOut(request: ControlRequest): number;
  /** Called right before a request is answered with success, by the right entry on resp. */
  answering(reqId: number): void;
}

/** Wrong treatment of a request, by a host that a test makes misbehave. */
export interface AnswerPlan {
  /**
   * `req_id` of the requests that the plan applies to.
   * @defaultValue any
   * @unit none
   */
  readonly request?: number;
  /**
   * Number of requests that the plan applies to.
   * @defaultValue 1
   * @unit requests
   */
  readonly times?: number;
  /**
   * Value for `result` instead of the true one: 0, or a negative errno.
   * @defaultValue the true one
   * @unit none
   */
  readonly result?: number;
  /**
   * Time from taking the request to its answer.
   * @defaultValue 0
   */
  readonly delayMs?: number;
  /**
   * Hold the answers back until `release`.
   * @defaultValue false
   */
  readonly held?: boolean;
  /**
   * Number of answers.
   * @defaultValue 1
   * @unit answers
   */
  readonly answers?: number;
  /**
   * Entry for resp instead of the sync area's address.
   * @defaultValue the sync area's address
   * @unit none
   */
  readonly entry?: bigint;
  /**
   * Carry the request out, whatever `result` says.
   * @defaultValue only where `result` is left out or 0
   */
  readonly carriedOut?: boolean;
  /**
   * Times that the request is read, carried out and answered, as if it stood on req that often.
   * @defaultValue 1
   * @unit times
   */
  readonly reads?: number;
}

/** Chooses the treatment of a request when the host has taken it; null for the proper one. */
export type AnswerPlanner = (request: ControlRequest) => AnswerPlan | null;

/** A request that the host has taken, with its answers. */
export interface LoggedRequest extends ControlRequest {
  /** Time at which the host took it, by the device's clock. */
  readonly takenAtMs: number;
  /** Value for `result`. */
  readonly result: number;
  /** Times of the answers, in order. */
  readonly answeredAtMs: readonly number[];
}

interface Answer {
  readonly log: LoggedRequest & { answeredAtMs: number[] };
  /** Infinite while the answer is held back. */
  dueMs: number;
  /** Due at the latest when the next request is taken. */
  overtaken: boolean;
  readonly result: number;
  readonly entry: bigint | null;
  blocked: boolean;
}

const LOG_ENTRIES = 256;
/** Limit of outstanding answers; the host takes no request beyond it. */
const MAX_ANSWERS = 64;

/** The host's end of req, resp and the sync area (section 8). */
export class ControlChannel {
  /** The last requests, oldest first. */
  readonly log: LoggedRequest[] = [];
  /** Called with each request that was taken, before it is carried out. */
  onRequest: ((request: ControlRequest) => void) | null = null;
  private plans: { plan: AnswerPlan; left: number }[] = [];
  private readonly planners = new Set<AnswerPlanner>();
  private answers: Answer[] = [];

  constructor(private readonly clock: Clock) {}

  /** Adds a plan for the answers to the next requests. Of several that apply to a request, the earliest counts. */
  plan(plan: AnswerPlan): void {
    this.plans.push({ plan, left: plan.times ?? 1 });
  }

  /** Asks a planner about each request that no plan applies to; several add up. Returns a function that removes it. */
  planBy(planner: AnswerPlanner): () => void {
    this.planners.add(planner);
    return () => this.planners.delete(planner);
  }

  /**
   * Sends the answers that are held back: as soon as another request is taken, and after `withinMs` otherwise. So
   * they come while the guest waits, whether it sends the next request at once or waits for what it is owed.
   */
  release(withinMs: number): void {
    for (const answer of this.answers.filter(({ dueMs }) => dueMs === Infinity)) {
      answer.dueMs = this.clock.nowMs() + withinMs;
      answer.overtaken = true;
    }
  }

  /** Discards outstanding answers, because the guest that asked is gone. */
  dropAnswers(): void {
    this.answers = [];
  }

  /** True if `step` has anything to do. */
  hasWork(host: HostMemory): boolean {
    return this.answers.length > 0 || fifoCount(host.port + HOST_PORT_REQ) !== 0;
  }

  /** Puts the due answers on resp, takes requests from req, and answers those that are due at once. */
  step(host: HostMemory, handler: RequestHandler): void {
    this.giveAnswers(host, handler);
    this.takeRequests(host, handler);
    this.giveAnswers(host, handler);
  }

  private count(host: HostMemory, counter: number): void {
    countUp(loadHostPortCounters(host.port) + counter, 1);
  }

  private takeRequests(host: HostMemory, handler: RequestHandler): void {
    const req = host.port + HOST_PORT_REQ;
    for (let taken = 0; taken < host.settings.budget.requests && this.answers.length < MAX_ANSWERS; taken++) {
      const filled = fifoCount(req);
      if (filled === FIFO_CORRUPT) this.count(host, PORT_COUNTERS_REFUSED_REQ_INDEX);
      if (filled === FIFO_CORRUPT || filled === 0) return;
      const lo = fifoPeekLo(req, 0);
      const hi = fifoPeekHi(req, 0);
      fifoPublishRead(req, 1);
      const own = lo === loadHostPortSyncLo(host.port) && hi === loadHostPortSyncHi(host.port);
      if (own) this.take(host, handler);
      else this.count(host, PORT_COUNTERS_CONTROL_IGNORED);
    }
  }

  private take(host: HostMemory, handler: RequestHandler): void {
    const request = this.fetch(host);
    const plan = this.planFor(request);
    this.answer(host, handler, request, plan);
    for (let read = 1; read < (plan.reads ?? 1); read++) this.answer(host, handler, this.fetch(host), plan);
  }

  /** Reads the request in the sync area. Who is told of it may still plan its answer. */
  private fetch(host: HostMemory): ControlRequest {
    this.count(host, PORT_COUNTERS_CONTROL_REQUESTS);
    const request = fetchRequest(host.port);
    this.onRequest?.(request);
    return request;
  }

  private answer(host: HostMemory, handler: RequestHandler, request: ControlRequest, plan: AnswerPlan): void {
    const refused = plan.result !== undefined && plan.result !== 0;
    const { carriedOut = !refused } = plan;
    const real = carriedOut ? handler.carryOut(request) : 0;
    const result = plan.result ?? real;
    if (result !== 0) this.count(host, PORT_COUNTERS_CONTROL_REFUSED);
    const takenAtMs = this.clock.nowMs();
    const log = { ...request, takenAtMs, result, answeredAtMs: [] };
    this.log.push(log);
    if (this.log.length > LOG_ENTRIES) this.log.shift();
    for (const answer of this.answers.filter(({ overtaken }) => overtaken)) answer.dueMs = takenAtMs;
    const dueMs = plan.held === true ? Infinity : takenAtMs + (plan.delayMs ?? 0);
    for (let i = 0; i < (plan.answers ?? 1); i++)
      this.answers.push({ log, dueMs, overtaken: false, result, entry: plan.entry ?? null, blocked: false });
  }

  private planFor(request: ControlRequest): AnswerPlan {
    const { reqId } = request;
    const found = this.plans.find(({ plan }) => plan.request === undefined || plan.request === reqId);
    if (found === undefined) return this.plannedBy(request);
    found.left--;
    if (found.left <= 0) this.plans = this.plans.filter((one) => one !== found);
    return found.plan;
  }

  private plannedBy(request: ControlRequest): AnswerPlan {
    let plan: AnswerPlan = {};
    for (const planner of this.planners) plan = { ...plan, ...planner(request) };
    return plan;
  }

  private giveAnswers(host: HostMemory, handler: RequestHandler): void {
    if (this.answers.length === 0) return;
    const nowMs = this.clock.nowMs();
    this.answers = this.answers.filter((answer) => answer.dueMs > nowMs || !this.give(host, handler, answer, nowMs));
  }

  /** Answers a request. Returns false if resp has no room; the next step tries again. */
  private give(host: HostMemory, handler: RequestHandler, answer: Answer, nowMs: number): boolean {
    const { port } = host;
    // Fetched once: a guest that moves its index meanwhile must not be answered in part.
    const hasRoom = this.hasRoom(host);
    if (answer.result === 0 && answer.entry === null && hasRoom) handler.answering(answer.log.reqId);
    storeRequestResult(loadHostPortSync(port), answer.result >>> 0);
    const sync = (BigInt(loadHostPortSyncHi(port)) << 32n) | BigInt(loadHostPortSyncLo(port));
    if (!hasRoom) {
      if (!answer.blocked) this.count(host, PORT_COUNTERS_CONTROL_ANSWERS_BLOCKED);
      answer.blocked = true;
      return false;
    }
    this.putResponse(host, answer.entry ?? sync);
    answer.log.answeredAtMs.push(nowMs);
    this.count(host, PORT_COUNTERS_CONTROL_ANSWERS);
    return true;
  }

  /** True if resp has room. Counts an invalid index of the guest. */
  private hasRoom(host: HostMemory): boolean {
    const room = fifoFreeCount(host.port + HOST_PORT_RESP);
    if (room === FIFO_CORRUPT) this.count(host, PORT_COUNTERS_REFUSED_RESP_INDEX);
    return room !== FIFO_CORRUPT && room !== 0;
  }

  /** Puts an entry on resp. Returns false if it has no room or the guest's index is invalid. */
  respond(host: HostMemory, entry: bigint): boolean {
    if (!this.hasRoom(host)) return false;
    this.putResponse(host, entry);
    return true;
  }

  private putResponse(host: HostMemory, entry: bigint): void {
    const resp = host.port + HOST_PORT_RESP;
    fifoFill(resp, 0, low32(entry), high32(entry));
    fifoPublishWrite(resp, 1);
  }
}
