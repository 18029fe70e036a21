/**
 * Puts the process back before the tests of each mutant: a test that fails on a mutant may leave watchers and
 * allocations behind, and would then fail the next mutant too. Stryker's runs load this file before the tests.
 */
import fc from 'fast-check';
import type { RootHookObject } from 'mocha';
import * as sinon from 'sinon';
import { resetArena } from '../../shared/arena';
import * as watched from '../../shared/mem/watched';
import { ACTOR_DRIVER } from '../../shared/loops/rights';

const stops = new Set<() => void>();
const { addWatcher } = watched;

(watched as { addWatcher: typeof addWatcher }).addWatcher = (watch, options) => {
  const stop = addWatcher(watch, options);
  const once = (): void => {
    stops.delete(once);
    stop();
  };
  stops.add(once);
  return once;
};

// Nobody reads how a mutant fails.
fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true });

export const mochaHooks: RootHookObject = {
  beforeAll() {
    for (const stop of stops) stop();
    watched.recordViolations(null);
    watched.actAs(ACTOR_DRIVER);
    sinon.restore();
    resetArena();
  },
};
