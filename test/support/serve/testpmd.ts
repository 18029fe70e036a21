import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Testpmd } from '../../../testbench/peers/dpdk/testpmd';
import { requirePeer } from '../dpdkPackages';
import type { JsonProcess } from '../jsonProcess';
import type { ReadyLine } from './bench';
import { waitForGuestEnd } from './stats';

const ATTEMPTS = 3;
/** A crashed process may take this long until its exit is seen. */
const LAST_WORDS_MS = 2_000;

/** A `before` hook that skips a suite if DPDK's packages are not in the cache. */
export function requireTestpmd(this: Mocha.Context): void {
  requirePeer(this, 'testpmd was not tried');
}

/**
 * Starts a `dpdk-testpmd` that forwards. The ready line of `avp serve` alone tells where it, its libraries
 * and the preloaded library are.
 */
export async function startTestpmd(ready: ReadyLine, ...args: string[]): Promise<Testpmd> {
  const { env, testpmd: words } = ready;
  expect(env).to.include.keys('AVP_DIR', 'SYSFS_PCI_DEVICES', 'LD_PRELOAD', 'PATH');
  const suffix = /^librte_net_avp\.so\.(.+)$/.exec(words.find((word) => word.startsWith('librte_net_avp')) ?? '')![1]!;
  const peer = { testpmd: words[0]!, loader: null, libraries: [], suffix };
  const testpmd = await Testpmd.start({
    peer,
    shim: env['LD_PRELOAD']!,
    env,
    bdfs: ready.devices.map(({ slot }) => slot),
    args,
  });
  await testpmd.command('start');
  return testpmd;
}

/**
 * Starts a testpmd that forwards, runs `migrations` on it, and returns it still running.
 *
 * net_avp does not wait for its bursts when it detaches (fault M1). If its forwarding threads share a CPU,
 * a thread that is preempted in a burst may go on in the memory of the next host, and crash. Such a crash
 * says nothing about the host under test: this function reports it and tries again.
 */
export async function migrateTestpmd(
  serve: JsonProcess,
  ready: ReadyLine,
  migrations: (testpmd: Testpmd) => Promise<void>,
): Promise<Testpmd> {
  for (let attempt = 1; ; attempt++) {
    const testpmd = await startTestpmd(ready);
    try {
      await migrations(testpmd);
      return testpmd;
    } catch (error) {
      await Promise.race([testpmd.ended, sleep(LAST_WORDS_MS)]);
      const crash = testpmd.exit?.crash ?? null;
      await testpmd.kill();
      if (crash === null || attempt === ATTEMPTS) throw error;
      process.stdout.write(`      net_avp crashed in a migration (${crash.signal}, fault M1): once more\n`);
      await waitForGuestEnd(serve);
      // The host refuses this if the crash came between two migrations.
      await serve.ask('attach');
    }
  }
}
