/** Runs a scenario once for each operation of a class, with that operation failing (`avp run --every-fault`). */
import { UsageError } from '../../shared/errors';
import { didYouMean } from '../../shared/nearest';
import type { DropCounts } from '../api/drops';
import type { FaultOrder } from '../api/faults';
import type { TrialOrder, TrialReport } from '../api/trial';
import type { ScenarioOrder, ScenarioRun } from '../common/order';
import { FAULT_CLASSES, type FaultClass } from '../faults/fault';
import { parseFault } from '../faults/orders';
import type { FaultName } from '../faults/registry';
import { FAULT_NAMES } from '../faults/registry';

/** The fault that stands for a class: the usual way in which an operation of the class fails. */
const OF_CLASS: Readonly<Record<Exclude<FaultClass, 'processes'>, FaultName>> = {
  ctrl: 'ctrl.wrong-result',
  rings: 'rings.slot-garbage',
  buffers: 'buffers.data',
  registers: 'registers.all-ones',
  deviceinfo: 'deviceinfo.magic',
  memmap: 'memmap.count',
  hotplug: 'hotplug.surprise-removal',
  time: 'time.guest-pause',
  memory: 'memory.allocation-fails',
  network: 'network.loss',
};

/** Classes of faults that `--every-fault` accepts. */
export const EVERY_FAULT_CLASSES = Object.keys(OF_CLASS);

/**
 * Finds the fault to put at every operation.
 * @param text a class, or a fault as `--fault` takes it.
 * @throws UsageError
 */
export function everyFault(text: string): FaultOrder {
  if (Object.hasOwn(OF_CLASS, text)) return { name: OF_CLASS[text as keyof typeof OF_CLASS], parameters: {} };
  if (FAULT_CLASSES.some((one) => one === text))
    throw new UsageError(`class '${text}': scenarios have no guests that are processes of their own`);
  if (!text.includes('.'))
    throw new UsageError(
      `there is no class '${text}': ${didYouMean(text, EVERY_FAULT_CLASSES, `expected one of ${EVERY_FAULT_CLASSES.join(', ')}, or a fault such as ${FAULT_NAMES[0]}`)}`,
    );
  const { name, parameters } = parseFault(text);
  for (const key of ['after', 'times', 'percent'])
    if (key in parameters)
      throw new UsageError(`parameter ${key} of --every-fault ${name}: each operation is struck, one a run`);
  return { name, parameters };
}

/** One run, with one operation failing. */
export interface Tried {
  /** Number of the operation, from 0. */
  readonly operation: number;
  readonly atMs: number;
  readonly what: string;
  readonly ok: boolean;
  /** One line: how the run went on, or what was wrong. */
  readonly outcome: string;
  readonly lostByCause: DropCounts;
}

/** Outcome of all runs. */
export interface EveryFaultReport {
  readonly fault: FaultOrder;
  /** Operations that the scenario has. */
  readonly operations: number;
  readonly tried: readonly Tried[];
  readonly ok: boolean;
}

/** Runs an order. */
export type Launch = (order: ScenarioOrder) => Promise<ScenarioRun>;

/** Options of a run with one fault at every operation. */
export interface EveryFaultOptions {
  readonly fault: FaultOrder;
  /** The one operation to try; null for all. */
  readonly only: number | null;
  /** Runs at most; the operations are then taken evenly. */
  readonly atMost: number;
  /** Runs at a time. */
  readonly jobs: number;
  readonly stop: AbortSignal;
  readonly onTried: (tried: Tried, done: number, all: number) => void;
}

/** Chooses at most `atMost` of the numbers below `all`, evenly spread, the first and the last among them. */
export function spread(all: number, atMost: number): number[] {
  if (all <= atMost) return Array.from({ length: all }, (_unused, i) => i);
  if (atMost === 1) return [0];
  return Array.from({ length: atMost }, (_unused, i) => Math.round((i * (all - 1)) / (atMost - 1)));
}

/**
 * Real time that a run may take where the order does not say. Each migration of a guest that has lost its
 * interrupt mask waits for two acks that never come, seconds of virtual time under full load.
 */
const TRIAL_REAL_MS = 1_800_000;

function trialOf(order: ScenarioOrder, trial: TrialOrder): ScenarioOrder {
  return { ...order, realMs: order.realMs ?? TRIAL_REAL_MS, mode: 'inline', trial };
}

function recoveryText({ recovery, ended }: TrialReport): string {
  const needed = Object.entries(recovery).filter(([, how]) => how !== 'went on');
  const how = needed.length === 0 ? 'went on' : needed.map(([nic, one]) => `${nic} ${one}`).join(', ');
  return ended === null ? how : `${how}; the scenario ended early: ${ended}`;
}

function triedOf(number: number, { atMs, what }: TrialReport['operations'][number], run: ScenarioRun): Tried {
  const { trial, details, result } = run;
  const report = trial ?? null;
  const wrong =
    report === null
      ? [result.verdict === 'error' ? (details.at(-1) ?? 'it ended with an error') : 'it did not come to its end']
      : [...report.broken, ...(report.fired === 1 ? [] : [`the fault has struck ${report.fired} times`])];
  return {
    operation: number,
    atMs,
    what,
    ok: wrong.length === 0,
    outcome: wrong.length === 0 ? recoveryText(report!) : wrong.join('; '),
    lostByCause: report?.lostByCause ?? {},
  };
}

/**
 * Counts the operations in a run without a fault, and then runs once for each.
 * @throws UsageError where the scenario does not pass without a fault, or has no such operation.
 */
export async function tryEveryFault(
  order: ScenarioOrder,
  launch: Launch,
  { fault, only, atMost, jobs, stop, onTried }: EveryFaultOptions,
): Promise<EveryFaultReport> {
  const counted = await launch(trialOf(order, { fault, survey: true }));
  const { trial, details, result } = counted;
  if (trial === null || trial === undefined || result.verdict !== 'pass')
    throw new UsageError(`the scenario does not pass without a fault: ${details[0] ?? result.verdict}`);
  const { operations } = trial;
  if (operations.length === 0) throw new UsageError(`the scenario has no operation for fault ${fault.name}`);
  if (only !== null && only >= operations.length)
    throw new UsageError(`operation ${only}: expected one from 0 to ${operations.length - 1}`);
  const numbers = only === null ? spread(operations.length, atMost) : [only];
  const tried: Tried[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < numbers.length && !stop.aborted) {
      const number = numbers[next++]!;
      const struck = { name: fault.name, parameters: { ...fault.parameters, after: number, times: 1 } };
      const run = await launch(trialOf(order, { fault: struck, survey: false }));
      // A run that a signal has ended says nothing.
      if (stop.aborted) return;
      const one = triedOf(number, operations[number]!, run);
      tried.push(one);
      onTried(one, tried.length, numbers.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, numbers.length) }, work));
  tried.sort((one, other) => one.operation - other.operation);
  return { fault, operations: operations.length, tried, ok: tried.every(({ ok }) => ok) };
}
