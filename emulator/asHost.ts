import { actAs } from '#mem';
import { ACTOR_HOST } from '../shared/loops/rights';

/** Runs `body` as the host, whoever called. */
export function asHost<T>(body: () => T): T {
  const former = actAs(ACTOR_HOST);
  try {
    return body();
  } finally {
    actAs(former);
  }
}
