import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { packageRoot } from '../../../testbench/runtime/package';
import { fetchedPeer } from '../../../testbench/peers/dpdk/fetchPeer';
import { peerCache } from '../../../testbench/peers/dpdk/peer';
import { Testpmd } from '../../../testbench/peers/dpdk/testpmd';
import type { Avp } from './avpProcess';
import type { Ready } from './bench';
import { guestGone } from './stats';

const ATTEMPTS = 3;
/** What a process that has crashed may need to be seen as one that has. */
const LAST_WORDS_MS = 2_000;

/** Skips the tests that follow where DPDK's packages are not there, and says so. */
export function requirePeer(this: Mocha.Context): void {
  if (fetchedPeer(peerCache(packageRoot())) !== null) return;
  process.stdout.write(
    `      DPDK's packages are not in ${join('.cache', 'dpdk')} (make interop fetches them): testpmd was not tried\n`,
  );
  this.skip();
}

/**
 * A `dpdk-testpmd` that is found, with its libraries and the preloaded one, by nothing but the
 * ready line of `avp serve`; it forwards already.
 */
export async function startTestpmd(ready: Ready, ...args: string[]): Promise<Testpmd> {
  const { env, testpmd: words } = ready;
  expect(env).to.include.keys('AVP_DIR', 'SYSFS_PCI_DEVICES', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'PATH');
  const suffix = /^librte_net_avp\.so\.(.+)$/.exec(words.find((word) => word.startsWith('librte_net_avp')) ?? '')![1]!;
  const peer = { testpmd: words[0]!, libraries: [], suffix, version: '', packages: {} };
  const testpmd = await Testpmd.start({
    peer,
    shim: env['LD_PRELOAD']!,
    env,
    slots: ready.devices.map(({ slot }) => slot),
    args,
  });
  await testpmd.command('start');
  return testpmd;
}

/**
 * Migrates a testpmd that forwards; gives it as it runs then. net_avp does not wait for its bursts
 * when it detaches (fault M1): where it shares its CPU, a forwarding thread that is preempted in one
 * may go on in the memory of the next host, and crash. That says nothing of the host under test, so
 * such an attempt is repeated, and told.
 */
export async function migrateTestpmd(
  serve: Avp,
  ready: Ready,
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
      await guestGone(serve);
      // Refused where the crash came between two migrations.
      await serve.ask('attach');
    }
  }
}
