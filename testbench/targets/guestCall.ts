import { asGuest } from '../../shared/actors';
import { ErrnoError } from '../../shared/errors';
import { ACTOR_HOST } from '../../shared/loops/rights';
import { DriverCrashed, GuestKilled, type Refusal, type Result } from './target';

/**
 * Rethrows a violation by the host, which is a bug of the bench, and the end of a killed guest. Anything else is a crash
 * of the driver.
 */
function crashed(error: unknown): never {
  if (error instanceof GuestKilled) throw error;
  if (error instanceof Error && 'actor' in error && error.actor === ACTOR_HOST) throw error;
  throw new DriverCrashed(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/** Makes a call that the driver must not refuse. @throws DriverCrashed */
export function call<T>(body: () => T): T {
  try {
    return asGuest(body);
  } catch (error) {
    return crashed(error);
  }
}

/** Makes a control operation, which the driver may refuse with an errno. @throws DriverCrashed */
export function control<T>(body: () => T): Result<T> {
  try {
    return { ok: true, value: asGuest(body) };
  } catch (error) {
    if (!(error instanceof ErrnoError)) return crashed(error);
    const refusal: Refusal = { ok: false, errno: error.code, message: error.message };
    return refusal;
  }
}
