import { countUp } from '../../../shared/loops/counter';
import type { Clock } from '../../../shared/clock';
import {
  FIFO_CORRUPT,
  fifoFill,
  fifoFilled,
  fifoPeekHi,
  fifoPeekLo,
  fifoPublishRead,
  fifoPublishWrite,
  fifoRoom,
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

/** Who carries requests out. */
export interface RequestDesk {
  /** Gives what goes into `result`: 0, or a negative errno, and then nothing has changed. */
  carryOut(request: ControlRequest): number;
  /** The answer to a request goes on resp now, with success and as it should be. */
  answering(reqId: number): void;
}

/** How the host is to treat a request otherwise than it should; for tests and faults. */
export interface AnswerPlan {
  /** Only requests with this `req_id`; any where it is left out. */
  readonly request?: number;
  /** How many requests it holds for, default 1. */
  readonly times?: number;
  /** In `result`, in place of the true one. Any but 0 means that the request is not carried out. */
  readonly result?: number;
  /** From taking the request to the answer, by the clock. */
  readonly delayMs?: number;
  /** How often it is answered: 0 = never, 2 = twice. Default 1. */
  readonly answers?: number;
  /** On resp, in place of sync_va. */
  readonly entry?: bigint;
}

/** A request that the host has taken, and what became of it. */
export interface LoggedRequest extends ControlRequest {
  readonly takenAtMs: number;
  /** What went, or is to go, into `result`. */
  readonly result: number;
  /** Times of the answers, in order. */
  readonly answeredAtMs: readonly number[];
}

interface Answer {
  readonly log: LoggedRequest & { answeredAtMs: number[] };
  readonly dueMs: number;
  readonly result: number;
  readonly entry: bigint | null;
  blocked: boolean;
}

const LOG_ENTRIES = 256;
/** The host takes no more requests while so many answers are outstanding. */
const MAX_ANSWERS = 64;

/** The host's end of req, resp and the sync area (section 8). */
export class ControlChannel {
  /** The last requests, oldest first. */
  readonly log: LoggedRequest[] = [];
  /** Called when a request has been taken, before it is carried out. */
  onRequest: ((request: ControlRequest) => void) | null = null;
  private plans: { plan: AnswerPlan; left: number }[] = [];
  private answers: Answer[] = [];

  constructor(private readonly clock: Clock) {}

  plan(plan: AnswerPlan): void {
    this.plans.push({ plan, left: plan.times ?? 1 });
  }

  /** Forgets the answers that are outstanding: whoever asked is gone. */
  dropAnswers(): void {
    this.answers = [];
  }

  /** Whether there is anything for `step` to do. */
  hasWork(host: HostMemory): boolean {
    return this.answers.length > 0 || fifoFilled(host.port + HOST_PORT_REQ) !== 0;
  }

  /** Gives answers that are due, takes requests, and answers those that are due at once. */
  step(host: HostMemory, desk: RequestDesk): void {
    this.giveAnswers(host, desk);
    this.takeRequests(host, desk);
    this.giveAnswers(host, desk);
  }

  private count(host: HostMemory, counter: number): void {
    countUp(loadHostPortCounters(host.port) + counter, 1);
  }

  private takeRequests(host: HostMemory, desk: RequestDesk): void {
    const req = host.port + HOST_PORT_REQ;
    for (let taken = 0; taken < host.settings.budget.requests && this.answers.length < MAX_ANSWERS; taken++) {
      const filled = fifoFilled(req);
      if (filled === FIFO_CORRUPT) this.count(host, PORT_COUNTERS_REFUSED_REQ_INDEX);
      if (filled === FIFO_CORRUPT || filled === 0) return;
      const lo = fifoPeekLo(req, 0);
      const hi = fifoPeekHi(req, 0);
      fifoPublishRead(req, 1);
      const own = lo === loadHostPortSyncLo(host.port) && hi === loadHostPortSyncHi(host.port);
      if (own) this.take(host, desk);
      else this.count(host, PORT_COUNTERS_CONTROL_IGNORED);
    }
  }

  private take(host: HostMemory, desk: RequestDesk): void {
    this.count(host, PORT_COUNTERS_CONTROL_REQUESTS);
    const request = fetchRequest(host.port);
    this.onRequest?.(request);
    const plan = this.planFor(request.reqId);
    const refused = plan.result !== undefined && plan.result !== 0;
    const real = refused ? plan.result : desk.carryOut(request);
    const result = plan.result ?? real;
    if (result !== 0) this.count(host, PORT_COUNTERS_CONTROL_REFUSED);
    const takenAtMs = this.clock.nowMs();
    const log = { ...request, takenAtMs, result, answeredAtMs: [] };
    this.log.push(log);
    if (this.log.length > LOG_ENTRIES) this.log.shift();
    const dueMs = takenAtMs + (plan.delayMs ?? 0);
    for (let i = 0; i < (plan.answers ?? 1); i++)
      this.answers.push({ log, dueMs, result, entry: plan.entry ?? null, blocked: false });
  }

  private planFor(reqId: number): AnswerPlan {
    const found = this.plans.find(({ plan }) => plan.request === undefined || plan.request === reqId);
    if (found === undefined) return {};
    found.left--;
    if (found.left <= 0) this.plans = this.plans.filter((one) => one !== found);
    return found.plan;
  }

  private giveAnswers(host: HostMemory, desk: RequestDesk): void {
    if (this.answers.length === 0) return;
    const nowMs = this.clock.nowMs();
    this.answers = this.answers.filter((answer) => answer.dueMs > nowMs || !this.give(host, desk, answer, nowMs));
  }

  /** False where resp has no room: the answer is kept for the next step. */
  private give(host: HostMemory, desk: RequestDesk, answer: Answer, nowMs: number): boolean {
    const { port } = host;
    if (answer.result === 0 && answer.entry === null && this.hasRoom(host)) desk.answering(answer.log.reqId);
    storeRequestResult(loadHostPortSync(port), answer.result >>> 0);
    const sync = (BigInt(loadHostPortSyncHi(port)) << 32n) | BigInt(loadHostPortSyncLo(port));
    if (!this.respond(host, answer.entry ?? sync)) {
      if (!answer.blocked) this.count(host, PORT_COUNTERS_CONTROL_ANSWERS_BLOCKED);
      answer.blocked = true;
      return false;
    }
    answer.log.answeredAtMs.push(nowMs);
    this.count(host, PORT_COUNTERS_CONTROL_ANSWERS);
    return true;
  }

  private hasRoom(host: HostMemory): boolean {
    const room = fifoRoom(host.port + HOST_PORT_RESP);
    return room !== FIFO_CORRUPT && room !== 0;
  }

  /** Puts an entry on resp. False where it has no room, or the guest's index is not in the ring. */
  respond(host: HostMemory, entry: bigint): boolean {
    const resp = host.port + HOST_PORT_RESP;
    const room = fifoRoom(resp);
    if (room === FIFO_CORRUPT) this.count(host, PORT_COUNTERS_REFUSED_RESP_INDEX);
    if (room === FIFO_CORRUPT || room === 0) return false;
    fifoFill(resp, 0, low32(entry), high32(entry));
    fifoPublishWrite(resp, 1);
    return true;
  }
}
