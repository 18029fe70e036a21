/**
 * Migrates an instance from a host with large packet buffers and eight receive queues to one with half
 * of both, and back. Frame sizes are near the buffer sizes of both hosts. Nobody may write beyond the
 * end of a buffer.
 */
import { scenario } from 'avp-testbench';

const LARGE = { mbufSize: 4_096, rxQueues: { max: 8 }, pools: [{ buffers: 4_096 }] };
const SMALL = { mbufSize: 2_048, rxQueues: { max: 4 }, pools: [{ buffers: 4_096 }] };
const NICS = ['net-id=lan,vif-model=avp'];
const APP = { rxQueues: 8, mtu: 9_000 };
/** Near the size of one and two buffers, and the longest frame that the MTU allows. */
const SIZES = [64, 2_047, 2_048, 2_049, 4_095, 4_096, 4_097, 9_014];
const about = 'half the buffer size and half the receive queues after a migration, and back';

export const migrateToSmallerHost = scenario({ name: 'migrate-to-smaller-host', about }, async (bench) => {
  const [large, small] = [bench.computeNode('large', LARGE), bench.computeNode('small', SMALL)];
  const [near, vm] = [large.boot('peer', NICS, APP).port('lan'), large.boot('vm', NICS, APP)];
  const far = vm.port('lan');
  const check = async (where: string, fifos: number): Promise<void> => {
    bench.expect(`${where}: ${fifos} receive FIFOs`, far.fifoPackets.length, fifos);
    for (const frameBytes of SIZES) {
      const { answered, wrong } = await bench.requestResponse(near, far, { frames: 40, frameBytes, flows: 40 });
      bench.expect(`${where}: frames of ${frameBytes} bytes there and back`, [answered, wrong], [40, 0]);
    }
  };
  await check('large host', 8);
  for (const [node, fifos] of [
    [small, 4],
    [large, 8],
  ] as const) {
    const load = bench.startLoad(near, far, { reply: true, frameBytes: { min: 64, max: 9_014 } });
    await bench.runFor(20);
    const { outcome } = await bench.migrate(vm, node);
    bench.expect(`${node.name} host: it comes there under load`, outcome, 'completed');
    await bench.runFor(20);
    load.stop();
    await bench.settle();
    await check(`${node.name} host`, fifos);
  }
  bench.expect('the bytes round every host buffer are untouched', near.brokenCanaries + far.brokenCanaries, 0);
  bench.checkTraffic();
});
