/** Measures probe and attach over the memory map of the host, and how much memory a device takes. */
import { runInNewContext } from 'node:vm';
import { setFlagsFromString } from 'node:v8';
import { avpDriver, Mempool, type Port } from '../../driver';
import { PORT_BYTES } from '../../driver/loops/records';
import { ComputeNode, type Instance } from '../../emulator';
import { VirtualClock } from '../../shared/clock';
import { MIGRATION_ATTACHED, MIGRATION_DETACHED } from '../../shared/loops/layout';
import type { PciDriver } from '../../shared/pci';
import { endGuest, startGuest } from './startedGuest';
import { median, rounded } from './results';

/** Size of the host that the driver attaches to: segments of the memory map, pools of host buffers, own mempools. */
export interface AttachSubject {
  readonly segments: number;
  readonly pools: number;
  readonly mempools: number;
}

/** The least that a driver meets, and the most: a device info names 8 pools, and a memory map has 2,048 segments. */
export const ATTACH_SUBJECTS: readonly AttachSubject[] = [
  { segments: 1, pools: 1, mempools: 1 },
  { segments: 2_048, pools: 8, mempools: 64 },
];

/** Cost of taking a device over, in milliseconds: medians of several runs, with the least and the largest. */
export interface AttachCost extends AttachSubject {
  readonly queues: number;
  readonly probeMs: number;
  readonly leastProbeMs: number;
  readonly mostProbeMs: number;
  /** From the attach event of a migration to the guest's ack, with another host behind the device. */
  readonly attachMs: number;
  readonly leastAttachMs: number;
  readonly mostAttachMs: number;
}

/** Memory of one device with default settings, in bytes. */
export interface DeviceMemory {
  /** BAR 2: rings and packet buffers that host and guest share. */
  readonly sharedBytes: number;
  /** Private records of the host. */
  readonly hostBytes: number;
  /** The driver's record of the port. */
  readonly portBytes: number;
  /** JavaScript objects of device, NIC and port. */
  readonly heapBytes: number;
}

const QUEUES = 8;
const BUFFERS = 16_384;
const MEMPOOL_MBUFS = 64;
/** Turns of the clock after which a guest that does not answer never will. */
const MOST_TURNS = 10_000;
const HEAP_DEVICES = 64;
const HEAP_RUNS = 3;
const MOST_COLLECTIONS = 20;

function until(clock: VirtualClock, what: string, holds: () => boolean): void {
  for (let turn = 0; !holds(); turn++) {
    if (turn === MOST_TURNS) throw new Error(`${what} did not happen`);
    clock.sleepMs(1);
  }
}

/** The driver, with the time of its last probe. */
function timedDriver(): PciDriver<Port> & { lastMs: number } {
  const timed = {
    ...avpDriver,
    lastMs: 0,
    probe(...args: Parameters<typeof avpDriver.probe>): Port {
      const startMs = performance.now();
      const port = avpDriver.probe(...args);
      timed.lastMs = performance.now() - startMs;
      return port;
    },
  };
  return timed;
}

/** Puts another host behind the instance's only device. Returns the milliseconds from the attach event to the ack. */
function attachMs(node: ComputeNode, instance: Instance, clock: VirtualClock): number {
  const nic = instance.nics[0]!;
  const device = nic.device!;
  device.beginDetach();
  until(clock, 'detach', () => device.migration.ack === MIGRATION_DETACHED);
  device.replaceHost(nic.settingsAt(node.host, {}));
  device.beginAttach();
  const startMs = performance.now();
  until(clock, 'attach', () => device.migration.ack === MIGRATION_ATTACHED);
  return performance.now() - startMs;
}

/** Probes a device and attaches it anew once. */
function runOnce({ segments, pools, mempools }: AttachSubject, seed: number): { probeMs: number; attachMs: number } {
  const clock = new VirtualClock();
  const deviceDefaults = {
    pools: Array.from({ length: pools }, () => ({ buffers: BUFFERS / pools })),
    layout: { segments, order: 'shuffled', seed } as const,
  };
  const node = new ComputeNode({ name: 'node', clock, seed, deviceDefaults });
  const all = Array.from({ length: mempools }, () => Mempool.create({ mbufs: MEMPOOL_MBUFS, label: 'perf' }));
  const driver = timedDriver();
  const instance = node.boot('vm', ['net-id=A,vif-model=avp'], { drivers: [driver] });
  try {
    const port = instance.portOf(instance.nics[0]!, driver)!;
    port.configure({ rxQueues: QUEUES, txQueues: QUEUES });
    for (let queue = 0; queue < QUEUES; queue++) {
      port.rxQueueSetup(queue, { mempool: all[queue % mempools]! });
      port.txQueueSetup(queue);
    }
    port.start();
    return { probeMs: driver.lastMs, attachMs: attachMs(node, instance, clock) };
  } finally {
    node.shutdown();
    all.forEach((pool) => pool.release());
  }
}

/** Measures probe and attach of each subject in turn. The first repetition does not count. */
export function measureAttach(repetitions: number, seed: number): AttachCost[] {
  const probes = ATTACH_SUBJECTS.map((): number[] => []);
  const attaches = ATTACH_SUBJECTS.map((): number[] => []);
  for (let repetition = 0; repetition <= repetitions; repetition++)
    for (const [index, subject] of ATTACH_SUBJECTS.entries()) {
      const run = runOnce(subject, seed);
      if (repetition === 0) continue;
      probes[index]!.push(run.probeMs);
      attaches[index]!.push(run.attachMs);
    }
  return ATTACH_SUBJECTS.map((subject, index) => {
    const [probe, attach] = [probes[index]!, attaches[index]!];
    return {
      ...subject,
      queues: QUEUES,
      ...{ probeMs: rounded(median(probe)), leastProbeMs: rounded(Math.min(...probe)) },
      ...{ mostProbeMs: rounded(Math.max(...probe)), attachMs: rounded(median(attach)) },
      ...{ leastAttachMs: rounded(Math.min(...attach)), mostAttachMs: rounded(Math.max(...attach)) },
    };
  });
}

/** Returns the bytes of the heap that are in use, once a collection finds nothing more. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let least = Infinity;
  for (let turn = 0; turn < MOST_COLLECTIONS; turn++) {
    collect();
    const used = process.memoryUsage().heapUsed;
    if (used >= least) break;
    least = used;
  }
  return least;
}

/**
 * Returns the objects of one device: the average of several, started and idle. Compared with the heap before and after
 * them, because the engine gives up code of its own meanwhile.
 */
function heapOfDevice(seed: number): number {
  const before = heapBytes();
  const several = startGuest({ shape: 'scattered', lanes: { ports: HEAP_DEVICES, queues: 1 }, seed });
  const during = heapBytes();
  endGuest(several);
  const after = heapBytes();
  return (during - (before + after) / 2) / HEAP_DEVICES;
}

/** Tells the memory of one device. That of the heap is a median: the engine's own objects come and go meanwhile. */
export function measureMemory(seed: number): DeviceMemory {
  const one = startGuest({ shape: 'scattered', lanes: { ports: 1, queues: 1 }, seed });
  const { host } = one.devices[0]!.inspect;
  const sizes = { sharedBytes: host.plan.barBytes, hostBytes: host.block.bytes, portBytes: PORT_BYTES };
  endGuest(one);
  // The first device brings compiled code and shared tables along.
  heapOfDevice(seed);
  const heaps = Array.from({ length: HEAP_RUNS }, () => heapOfDevice(seed));
  return { ...sizes, heapBytes: Math.round(median(heaps)) };
}
