/** A thread with a host and a guest that sends every frame back; the host uses compiled loops if it was given any. */
import { parentPort, workerData } from 'node:worker_threads';
import { readBytes } from '#mem';
import { perfFrame } from '../../../../testbench/perf/perfFrame';
import { avpDriver, Mempool } from '../../../../driver';
import { ComputeNode } from '../../../../emulator';
import { hostLoops } from '../../../../emulator/device/hostLoops';
import { drainBurst } from '../../../../emulator/device/loops/fromGuest';
import { FrameSource } from '../../../../testbench/traffic/frameSource';
import { VirtualClock } from '../../../../shared/clock';

const { seed } = workerData as { readonly seed: number };
const SIZES = [60, 64, 65, 511, 512, 1_518, 2_049, 9_000];
const FRAMES = 100;

const node = new ComputeNode({ name: 'node', clock: new VirtualClock(), seed });
const instance = node.boot('vm', ['net-id=A,vif-model=avp'], { drivers: [avpDriver] });
const nic = instance.nics[0]!;
const device = nic.device!;
const port = instance.portOf(nic, avpDriver)!;
const queues = 2;
port.configure({ rxQueues: queues, txQueues: queues });
const pool = Mempool.create({ mbufs: 2_048 });
for (let queue = 0; queue < queues; queue++) {
  port.rxQueueSetup(queue, { mempool: pool });
  port.txQueueSetup(queue);
}
port.start();

const seen: string[] = [];
device.uplink = {
  deliver: (address, bytes) => void seen.push(Buffer.from(readBytes(address, bytes)).toString('base64')),
};
const source = new FrameSource('test', 65_536);
const out = new Uint32Array(32);
for (let index = 0; index < FRAMES; index++) {
  source.send(device, perfFrame(SIZES[index % SIZES.length]!, seed, index));
  device.step();
  for (let queue = 0; queue < queues; queue++) port.txBurst(queue, out, port.rxBurst(queue, out, out.length));
  device.step();
}
parentPort!.postMessage({
  compiled: hostLoops().drainBurst !== drainBurst,
  seen,
  stats: device.inspect.stats(),
  buffers: device.inspect.buffers(),
});
