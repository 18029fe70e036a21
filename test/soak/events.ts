import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Random } from '../../shared/random';
import type { JsonProcess } from '../support/jsonProcess';
import { migrate } from '../support/serve/migrate';
import { waitForTraffic } from '../support/serve/stats';

/** The load of soak runs: frames a second and their sizes. */
export const LOAD = '20000 64-1514';
const LONGEST_WAIT_MS = 300;
/** A detach takes some milliseconds: a kill this long after the request comes before, during or after it. */
const LONGEST_DETACH_MS = 20;
/** The share of kills that fall into a migration. */
const MIGRATION_SHARE = 0.25;

/** Migrates `times` times. After every other migration it goes on without waiting for traffic. */
export async function migrateOften(serve: JsonProcess, times: number): Promise<void> {
  for (let turn = 0; turn < times; turn++) {
    await migrate(serve);
    if (turn % 2 === 0) await waitForTraffic(serve, `after migration ${turn}`);
  }
}

/** Kills a guest at a random moment; one kill in four falls around a detach. */
export async function killGuest(serve: JsonProcess, random: Random, kill: () => Promise<unknown>): Promise<void> {
  if (!random.chance(MIGRATION_SHARE)) {
    await sleep(random.below(LONGEST_WAIT_MS));
    await kill();
    return;
  }
  const detached = serve.ask('detach');
  await sleep(random.below(LONGEST_DETACH_MS));
  await kill();
  if (outcomeOf(await detached, ['acked', 'no-guest', 'timed-out']) !== 'timed-out')
    outcomeOf(await serve.ask('attach'), ['no-guest']);
}

/** Kills a host at a random moment; one kill in four falls around a detach. */
export async function killHost(serve: JsonProcess, random: Random): Promise<void> {
  if (random.chance(MIGRATION_SHARE)) {
    // The host may die before it answers.
    void serve.ask('detach').catch(() => {});
    await sleep(random.below(LONGEST_DETACH_MS));
  } else await sleep(random.below(LONGEST_WAIT_MS));
  await serve.end('SIGKILL');
}

/** The outcome for the first NIC in an answer to `detach` or `attach`, which must be one of `expected`. */
function outcomeOf(answer: unknown, expected: readonly string[]): string {
  const { nics } = answer as { readonly nics: readonly { readonly outcome: string }[] };
  expect(expected).to.include(nics[0]!.outcome);
  return nics[0]!.outcome;
}
