import { actAs } from '#mem';
import { ErrnoError } from '../../shared/errors';
import { ACTOR_DRIVER, ACTOR_HOST } from '../../shared/loops/rights';
import { DriverCrashed, type Refusal, type Result } from './target';

/** Runs the guest's code as the guest, whoever called: the host may, in the middle of a request. */
function asGuest<T>(body: () => T): T {
  const former = actAs(ACTOR_DRIVER);
  try {
    return body();
  } finally {
    actAs(former);
  }
}

/** A violation by the host, which may have had a turn, is the bench's own fault. */
function crashed(error: unknown): never {
  if (error instanceof Error && 'actor' in error && error.actor === ACTOR_HOST) throw error;
  throw new DriverCrashed(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/** A call that must not throw. */
export function call<T>(body: () => T): T {
  try {
    return asGuest(body);
  } catch (error) {
    return crashed(error);
  }
}

/** A control operation: it succeeds, or it is refused with an errno. */
export function control<T>(body: () => T): Result<T> {
  try {
    return { ok: true, value: asGuest(body) };
  } catch (error) {
    if (!(error instanceof ErrnoError)) return crashed(error);
    const refusal: Refusal = { ok: false, errno: error.code, message: error.message };
    return refusal;
  }
}
