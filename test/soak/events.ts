import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Random } from '../../shared/random';
import type { Avp, Line } from '../support/serve/avpProcess';
import { flows } from '../support/serve/stats';

/** The load of soak runs: frames a second and their sizes. */
export const LOAD = '20000 64-1514';
const LONGEST_WAIT_MS = 300;
/** A detach takes some milliseconds: a kill so soon after it is asked for falls into it, or before, or behind. */
const LONGEST_DETACH_MS = 20;
const MIGRATING = 0.25;

/** Migrates again and again, every other time without waiting until frames flow again. */
export async function migrateOften(serve: Avp, times: number): Promise<void> {
  for (let turn = 0; turn < times; turn++) {
    expect(await serve.ask('detach'), `detach ${turn}`).to.have.nested.property('nics[0].outcome', 'acked');
    expect(await serve.ask('attach'), `attach ${turn}`).to.have.nested.property('nics[0].outcome', 'acked');
    if (turn % 2 === 0) await flows(serve, `after migration ${turn}`);
  }
}

/** Kills a guest at a random moment, one time in four while it is asked to let go of its host. */
export async function killGuest(serve: Avp, random: Random, kill: () => Promise<unknown>): Promise<void> {
  if (!random.chance(MIGRATING)) {
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

/** Kills a host at a random moment, one time in four in a migration. */
export async function killHost(serve: Avp, random: Random): Promise<void> {
  if (random.chance(MIGRATING)) {
    // It may get to answer or not.
    void serve.ask('detach').catch(() => {});
    await sleep(random.below(LONGEST_DETACH_MS));
  } else await sleep(random.below(LONGEST_WAIT_MS));
  await serve.end('SIGKILL');
}

function outcomeOf(answer: Line, expected: readonly string[]): string {
  const [nic] = answer['nics'] as readonly { readonly outcome: string }[];
  expect(expected).to.include(nic!.outcome);
  return nic!.outcome;
}
