import { edit, type Mutant } from '../build/mutant';

/**
 * The classic migration bug of AVP drivers (M1, M2). The driver sends the shutdown request first and raises the
 * detached flag only after the answer. Then it waits 1 ms instead of waiting for the bursts to end. Nothing
 * else differs from the product.
 *
 * The variant is not in `allMutants`: clauses run in one thread, where no burst is ever held up.
 */
export const fixedDelay: Mutant = {
  id: 'fixed-delay',
  row: 'M1',
  what: 'sends the shutdown before it raises the detached flag, and waits 1 ms instead of waiting for the bursts to end',
  fails: [],
  edits: [
    edit(
      'driver/migration.ts',
      `  blockPort(port.address, BLOCKED_DETACHED);
  let cause = MIGRATION_COUNTERS_REFUSED_BURST;
  try {
    needDrained(port);
    cause = MIGRATION_COUNTERS_REFUSED_REQUEST;
    sendShutdown(port);
  } catch`,
      `  let cause = MIGRATION_COUNTERS_REFUSED_BURST;
  try {
    cause = MIGRATION_COUNTERS_REFUSED_REQUEST;
    sendShutdown(port);
    blockPort(port.address, BLOCKED_DETACHED);
    port.platform.clock.sleepMs(1);
  } catch`,
    ),
    edit(
      'driver/migration.ts',
      `    needDrained(port);
    cause = MIGRATION_COUNTERS_REFUSED_HOST;`,
      `    port.platform.clock.sleepMs(1);
    cause = MIGRATION_COUNTERS_REFUSED_HOST;`,
    ),
  ],
};
