import { avpDriver, Mempool, type Port } from '../../driver';
import { type AvpDevice, ComputeNode } from '../../emulator';
import { VirtualClock } from '../../shared/clock';
import { settingsFor, type Shape } from './cases';

const MBUFS = 16_384;

/** A node with one NIC whose port our driver has started, and a mempool for it. */
export interface StartedGuest {
  readonly node: ComputeNode;
  readonly device: AvpDevice;
  readonly port: Port;
  readonly pool: Mempool;
}

/** Starts a port with one queue pair. @param vlan asks for the VLAN offloads of both directions. */
export function startGuest(shape: Shape, seed: number, vlan = false): StartedGuest {
  const node = new ComputeNode({ name: 'node', clock: new VirtualClock(), seed, deviceDefaults: settingsFor(shape) });
  const instance = node.boot('vm', ['net-id=A,vif-model=avp'], { drivers: [avpDriver] });
  const nic = instance.nics[0]!;
  const port = instance.portOf(nic, avpDriver)!;
  const pool = Mempool.create({ mbufs: MBUFS, label: 'perf' });
  port.configure({ rxQueues: 1, txQueues: 1, vlanStrip: vlan, vlanInsert: vlan });
  port.rxQueueSetup(0, { mempool: pool });
  port.txQueueSetup(0);
  port.start();
  // As testpmd does.
  port.promiscuousEnable();
  return { node, device: nic.device!, port, pool };
}

/** Takes the node down. All mbufs must be back in the pool. */
export function endGuest({ node, pool }: StartedGuest): void {
  node.shutdown();
  pool.release();
}
