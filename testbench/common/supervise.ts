import { UsageError } from '../../shared/errors';
import type { VirtualClock } from '../../shared/clock';
import type { Scenario, TimeLimits } from '../api/scenario';
import { BenchCalls } from './benchCalls';
import type { ScenarioContext } from './context';
import type { LocalOrder } from './order';
import { errorOf } from './outcome';
import { ScenarioError } from './scenarioError';
import { valueText } from './valueText';

/** Far more than a scenario needs: one that takes longer is stuck. */
const DEFAULT_LIMITS: Required<TimeLimits> = { virtualMs: 3_600_000, realMs: 600_000 };

/** A timer of Node that is set to more than 31 bits of milliseconds fires at once. */
const MAX_TIMER_MS = 2_000_000_000;

const LIMIT_NAMES: readonly string[] = ['virtualMs', 'realMs'];

/** Checks the limits, because a script without type checks may declare anything. @throws UsageError for a bad limit */
function checkLimits({ name, limits }: Pick<Scenario, 'name' | 'limits'>): void {
  const refuse = (what: string, found: unknown): never => {
    const example = 'limits: { virtualMs: 60_000, realMs: 60_000 }';
    throw new UsageError(`scenario '${name}': ${what} is ${valueText(found)}: expected milliseconds, as in ${example}`);
  };
  if (limits === undefined) return;
  if (typeof limits !== 'object' || limits === null) refuse('limits', limits);
  for (const [key, value] of Object.entries(limits as Readonly<Record<string, unknown>>)) {
    const isLimit = typeof value === 'number' && value > 0;
    if (!LIMIT_NAMES.includes(key) || (value !== undefined && !isLimit)) refuse(`limits.${key}`, value);
  }
}

/**
 * The limits of a run: the order's come before the scenario's, and those before the defaults.
 * @throws UsageError where the scenario declares something else
 */
export function limitsOf(
  scenario: Pick<Scenario, 'name' | 'limits'>,
  { realMs }: Pick<LocalOrder, 'realMs'>,
): Required<TimeLimits> {
  checkLimits(scenario);
  const { limits = {} } = scenario;
  const chosen = {
    virtualMs: limits.virtualMs ?? DEFAULT_LIMITS.virtualMs,
    realMs: realMs ?? limits.realMs ?? DEFAULT_LIMITS.realMs,
  };
  return { ...chosen, realMs: Math.min(chosen.realMs, MAX_TIMER_MS) };
}

/** Rejects once for the first thing that ends a run early; from then on `check` throws the same. */
class Ending {
  readonly early: Promise<never>;
  private error: Error | null = null;
  private reject!: (error: Error) => void;

  constructor() {
    this.early = new Promise<never>((_resolve, reject) => (this.reject = reject));
    this.early.catch(() => {});
  }

  readonly end = (error: Error): void => {
    this.error ??= error;
    this.reject(this.error);
  };

  check(): void {
    if (this.error !== null) throw this.error;
  }
}

/** A run that is supervised. */
export interface Supervised<B> {
  readonly scenario: Scenario<B>;
  readonly order: LocalOrder;
  readonly context: ScenarioContext;
  /** The bench's clock, null where its time is the real one. */
  readonly clock: VirtualClock | null;
}

/** Ends a run that exceeds its limits. Returns the function that ends the watch. */
function watchLimits<B>(
  { scenario, order, clock }: Supervised<B>,
  ending: Ending,
  calls: BenchCalls,
): { readonly check: () => void; readonly stop: () => void } {
  const { virtualMs, realMs } = limitsOf(scenario, order);
  const sinceMs = performance.now();
  const exceed = (what: string, how: string): void => {
    const running = calls.running.map((one) => `\n    still running: ${one}`).join('');
    ending.end(new ScenarioError(`time limit: no end after ${what} (${how})${running}`));
  };
  const check = (): void => {
    ending.check();
    if (clock !== null && clock.nowMs() > virtualMs)
      exceed(`${virtualMs} ms of virtual time`, 'change limits.virtualMs of the scenario');
    if (performance.now() - sinceMs > realMs)
      exceed(`${realMs / 1_000} s`, 'change limits.realMs of the scenario, or --timeout');
    ending.check();
  };
  // A promise of the script may wait for something else than the bench. The timer alone keeps no thread alive.
  const timer = setTimeout(
    () => exceed(`${realMs / 1_000} s`, 'change limits.realMs of the scenario, or --timeout'),
    realMs,
  );
  timer.unref();
  const leaveClock = clock?.onStep(check);
  return {
    check,
    stop: () => {
      clearTimeout(timer);
      leaveClock?.();
    },
  };
}

/**
 * Runs a scenario's body, and then what the bench does after it, within the time limits. Gives what ended the run early,
 * null for nothing: what the body throws, an interruption, a limit, an operation that nobody waited for, a body that
 * expects nothing.
 * @throws UsageError, which is for the user.
 */
export async function supervise<B extends object>(
  run: Supervised<B>,
  bench: B,
  conclude: () => Promise<void>,
): Promise<string | null> {
  const { scenario, order, context } = run;
  const ending = new Ending();
  order.interruption?.catch(ending.end);
  const calls: BenchCalls = new BenchCalls(() => limits.check());
  const limits = watchLimits(run, ending, calls);
  const ended = <T>(work: Promise<T>): Promise<T> => Promise.race([work, ending.early]);
  try {
    return await errorOf(async () => {
      await ended(scenario.body(calls.watch(bench)));
      ending.check();
      await calls.requireEnded();
      // Errors of timers and of promises that are due arrive before the next turn.
      await ended(new Promise<void>((resolve) => setImmediate(resolve)));
      context.requireExpectation();
      await ended(conclude());
    });
  } finally {
    limits.stop();
  }
}
