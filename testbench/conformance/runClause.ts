import { type Capability, DriverCrashed, EnvironmentFailed, LacksCapability, type Target } from '../targets/target';
import { type WireLimits, WireLog } from '../evidence/wireLog';
import type { Clause } from './clause';
import { ClauseContext } from './context';
import { clauseSeed } from './seed';
import { CheckFailed, type ClauseOutcome, SetUpFailed } from './verdict';

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

type Ending = Pick<ClauseOutcome, 'verdict' | 'detail'>;

/** Maps an exception to a verdict. */
function endingOf(error: unknown): Ending {
  if (error instanceof CheckFailed) return { verdict: 'fail', detail: error.message };
  if (error instanceof SetUpFailed || error instanceof EnvironmentFailed)
    return { verdict: 'blocked', detail: error.message };
  if (error instanceof DriverCrashed)
    return {
      verdict: 'fail',
      detail: new CheckFailed('No call of a driver crashes', 'an ordinary end', error.message).message,
    };
  return { verdict: 'error', detail: textOf(error) };
}

function skipText({ name, needsWatched }: Target, missing: readonly Capability[]): string {
  const lacks = `target ${name} lacks the capability ${missing.join(', ')}`;
  return missing.some((one) => needsWatched?.has(one)) ? `${lacks} on plain memory: use --engine ts` : lacks;
}

async function carryOut(clause: Clause, target: Target, seed: number, log: WireLog | null): Promise<Ending> {
  const missing = clause.needs.filter((need) => !target.capabilities.has(need));
  if (missing.length > 0) return { verdict: 'skip', detail: skipText(target, missing) };
  const t = await ClauseContext.open(clause.requirement, target, clauseSeed(seed, clause.id), log);
  try {
    await clause.run(t);
    if (t.expect.checks === 0) return { verdict: 'error', detail: 'the clause has checked nothing' };
    return { verdict: 'pass', detail: '' };
  } catch (error) {
    if (error instanceof LacksCapability) return { verdict: 'skip', detail: skipText(target, [error.capability]) };
    throw error;
  } finally {
    await t.close();
  }
}

/**
 * Runs one clause with a new host and a new guest.
 * @param seed the run's seed, from which the clause's own seed is derived.
 * @param wire how many frames and events to record. Null records nothing.
 */
export async function runClause(
  clause: Clause,
  target: Target,
  seed: number,
  wire: WireLimits | null = null,
): Promise<ClauseOutcome> {
  const log = wire === null ? null : new WireLog(wire);
  const startedAt = performance.now();
  const ending = await carryOut(clause, target, seed, log).catch(endingOf);
  const durationMs = Math.round(performance.now() - startedAt);
  return log === null ? { ...ending, durationMs } : { ...ending, durationMs, wire: log.record() };
}
