import { avpDriver, Mempool, type Port } from '../../driver';
import { type AvpDevice, ComputeNode } from '../../emulator';
import { VirtualClock } from '../../shared/clock';
import { type Lanes, settingsFor, type Shape } from './cases';

const MBUFS = 16_384;
/** NICs of one instance at most. */
const MAX_NICS = 16;

/** A node with instances whose ports our driver has started, and a mempool for all of them. */
export interface StartedGuest {
  readonly node: ComputeNode;
  readonly devices: readonly AvpDevice[];
  readonly ports: readonly Port[];
  /** Queue pairs of each port. */
  readonly queues: number;
  readonly pool: Mempool;
}

export interface GuestOptions {
  readonly shape: Shape;
  readonly lanes: Lanes;
  readonly seed: number;
  /** Asks for the VLAN offloads of both directions. */
  readonly vlan?: boolean;
}

/** Boots as many instances as that number of NICs needs. Each NIC has a network of its own. */
function bootAll(node: ComputeNode, nics: number): { readonly device: AvpDevice; readonly port: Port }[] {
  const booted = [];
  for (let first = 0; first < nics; first += MAX_NICS) {
    const specs = Array.from(
      { length: Math.min(MAX_NICS, nics - first) },
      (_unused, nic) => `net-id=${first + nic},vif-model=avp`,
    );
    const instance = node.boot(`vm${first}`, specs, { drivers: [avpDriver] });
    for (const nic of instance.nics) booted.push({ device: nic.device!, port: instance.portOf(nic, avpDriver)! });
  }
  return booted;
}

/** Boots instances and starts all their ports. */
export function startGuest({ shape, lanes, seed, vlan = false }: GuestOptions): StartedGuest {
  const deviceDefaults = settingsFor(shape, lanes);
  const node = new ComputeNode({ name: 'node', clock: new VirtualClock(), seed, deviceDefaults });
  const pool = Mempool.create({ mbufs: MBUFS, label: 'perf' });
  const booted = bootAll(node, lanes.ports);
  const ports = booted.map(({ port }) => port);
  for (const port of ports) {
    port.configure({ rxQueues: lanes.queues, txQueues: lanes.queues, vlanStrip: vlan, vlanInsert: vlan });
    for (let queue = 0; queue < lanes.queues; queue++) {
      port.rxQueueSetup(queue, { mempool: pool });
      port.txQueueSetup(queue);
    }
    port.start();
    // testpmd is promiscuous too, so that both drivers do equal work.
    port.promiscuousEnable();
  }
  return { node, devices: booted.map(({ device }) => device), ports, queues: lanes.queues, pool };
}

/** Takes the node down. All mbufs must be back in the pool. */
export function endGuest({ node, pool }: StartedGuest): void {
  node.shutdown();
  pool.release();
}
