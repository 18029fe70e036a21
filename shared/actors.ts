import { actAs } from '#mem';
import { ACTOR_DRIVER, ACTOR_HOST } from './loops/rights';

/**
 * Sets the actor whose rights apply while a function runs. Application and driver code run as the
 * guest; every entry into the emulator switches to the host. Code that runs for each frame or in
 * each round calls `actAs` directly, because a closure would cost more than the switch.
 */

function actingAs<T>(actor: number, body: () => T): T {
  const former = actAs(actor);
  try {
    return body();
  } finally {
    actAs(former);
  }
}

/** Runs `body` with the host's rights, on behalf of any caller. */
export function asHost<T>(body: () => T): T {
  return actingAs(ACTOR_HOST, body);
}

/** Runs `body` with the driver's rights, on behalf of any caller. */
export function asGuest<T>(body: () => T): T {
  return actingAs(ACTOR_DRIVER, body);
}
