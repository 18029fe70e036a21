/**
 * Removes two of three NICs while traffic runs both ways: one in an orderly way, one by surprise. The
 * third keeps working, and every lost frame is counted.
 */
import { scenario } from 'avp-testbench';

const NETWORKS = ['orderly', 'surprise', 'other'];
const NICS = NETWORKS.map((network) => `net-id=${network},vif-model=avp`);

export const hotUnplugUnderLoad = scenario(
  {
    name: 'hot-unplug-under-load',
    about: 'NICs go under load, orderly and by surprise: the other goes on, losses are counted',
  },
  async (bench) => {
    const node = bench.computeNode('compute-0');
    const peer = node.boot('peer', NICS);
    const vm = node.boot('vm', NICS);
    const loads = NETWORKS.map((network) => {
      const [near, far] = [vm.port(network), peer.port(network)];
      return { network, out: bench.startLoad(near, far), back: bench.startLoad(far, near) };
    });

    await bench.runFor(50);
    vm.unplug('orderly');
    vm.surpriseRemove('surprise');
    bench.expect('a port whose device vanished reports no link', vm.port('surprise').driver.linkGet().up, false);
    await bench.runFor(50);
    vm.unplug('surprise');
    for (const { out, back } of loads) [out, back].forEach((load) => load.stop());
    await bench.settle();

    for (const { network, out, back } of loads) {
      const [sent, received] = [out.report(), back.report()];
      bench.expect(`${network}: what arrives is whole and in order`, sent.wrong + received.wrong, 0);
      bench.expect(`${network}: traffic ran both ways before`, sent.delivered > 0 && received.delivered > 0);
      bench.expect(`${network}: what is lost is counted`, bench.droppedOn(network), sent.missing + received.missing);
      bench.expect(`${network}: the guest has every mbuf back`, vm.port(network).mbufsInUse, 0);
    }
    bench.expect('other: nothing is lost', bench.droppedOn('other'), 0);
  },
);
