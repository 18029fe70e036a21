/**
 * The host requires five receive FIFOs, the application has three receive queues, so that two queues
 * serve two FIFOs each. One flow keeps its FIFO from ever being empty. It must not starve the others.
 */
import { scenario } from 'avp-testbench';

export const mixedQueues = scenario(
  { name: 'mixed-queues', about: 'five receive FIFOs on three queues: all drain, and a heavy flow starves no other' },
  async (bench) => {
    const node = bench.computeNode('compute-0');
    const sender = node.boot('sender', ['net-id=lan,vif-model=avp']).port('lan');
    const nic = { network: 'lan', model: 'avp', settings: { rxQueues: { min: 5, max: 8 } } } as const;
    const server = node.boot('server', [nic], { rxQueues: 3 }).port('lan');
    bench.expect('host and driver agree on five receive FIFOs', server.fifoPackets.length, 5);

    const load = bench.startLoad(sender, server, { framesPerMs: 30, flows: 40, firstFlowPercent: 90 });
    await bench.runFor(80);
    bench.expect(
      'the heavy flow does not keep any other waiting',
      load.report().flows.every((delivered) => delivered > 2),
    );
    load.stop();
    await bench.settle();

    const { missing, wrong } = load.report();
    bench.expect('nothing is lost', missing, 0);
    bench.expect('nothing is damaged or out of order', wrong, 0);
    bench.expect(
      'each of the five FIFOs carried packets',
      server.fifoPackets.every((packets) => packets > 0),
    );
    bench.expect(
      'each of the three queues handed packets over',
      server.queuePackets.filter((packets) => packets > 0).length,
      3,
    );
  },
);
