/**
 * Migrates an instance to hosts that its guest must refuse: with too few transmit queues, with a
 * damaged device info, and with a failing configuration request. Each time the application is told
 * why, the instance returns to its source, and traffic continues.
 */
import { type MigrationOptions, scenario } from 'avp-testbench';

const NICS = ['net-id=lan,vif-model=avp'];
const refusal = { request: 3, result: -22 };
/** Mistake of the host, the word that the application's message must contain, and the options that make the host. */
const HOSTS: [what: string, why: string, options: MigrationOptions][] = [
  ['too few transmit queues', 'max_tx_queues', { destination: { txQueues: { max: 1 } } }],
  ['a garbled device info', 'magic', { prepare: (device) => device.tamper.overwrite('device_info', 'magic', 0) }],
  ['a refused configuration', 'request', { prepare: (device) => device.tamper.planAnswer(refusal) }],
];
const about = 'hosts that a guest must refuse: it goes back to the source, and traffic goes on';

export const migrateRefused = scenario({ name: 'migrate-refused', about }, async (bench) => {
  const [source, destination] = [bench.computeNode('source'), bench.computeNode('destination')];
  const vm = source.boot('vm', NICS, { txQueues: 2 });
  const [near, far] = [vm.port('lan'), source.boot('peer', NICS).port('lan')];
  const load = bench.startLoad(near, far, { reply: true });
  for (const [what, why, options] of HOSTS) {
    const heard = near.events.length;
    const { outcome, cause } = await bench.migrate(vm, destination, options);
    bench.expect(
      `${what}: refused`,
      [outcome, cause],
      ['refused', "the guest refused the attach of vm.nic0 at 'destination'"],
    );
    bench.expect(`${what}: the instance is back`, vm.node.name, 'source');
    const told = near.events.slice(heard);
    bench.expect(
      `${what}: the application is told`,
      told.map(({ event }) => event),
      ['detached', 'migration-failed', 'attached'],
    );
    bench.expect(`${what}: and why`, told[1]?.message?.includes(why));
    const before = load.report().answered;
    await bench.runFor(20);
    bench.expect(`${what}: traffic goes on both ways`, load.report().answered > before + 100);
  }
  load.stop();
  await bench.settle();
  bench.checkTraffic();
});
