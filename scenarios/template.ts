/**
 * A template for your own scenario: copy this file, give it another name, and change what it does.
 * Run it with `npx avp run ./my.ts`. See docs/writing-a-scenario.md in the package for everything else.
 */
import { scenario } from 'avp-testbench';

export const template = scenario(
  {
    // The name in results; by convention the file's name without its extension.
    name: 'template',
    about: 'start of a new scenario: two instances talk over one AVP network',
    // Values that the user may change, as strings: --set frames=500.
    settings: { frames: { default: '100', about: 'requests to send' } },
  },
  async (bench) => {
    const frames = Number(bench.setting('frames'));
    // The network: a compute node with a virtual switch, and instances with NICs on it.
    const node = bench.computeNode('compute-0');
    const alice = node.boot('alice', ['net-id=management', 'net-id=lan,vif-model=avp']);
    // A NIC can have settings of its device. The application's settings follow the NICs.
    const nic = { network: 'lan', model: 'avp', settings: { mbufSize: 1_024, fifoSlots: { rx: 256 } } } as const;
    const bob = node.boot('bob', ['net-id=management', nic], { rxQueues: 2 });

    // Traffic: each frame is checked on arrival, byte for byte.
    const talk = await bench.requestResponse(alice.port('lan'), bob.port('lan'), {
      frames,
      frameBytes: { min: 64, max: 1_514 },
    });

    // Expectations: each is one line of the result.
    bench.expect('every request arrives', talk.delivered, frames);
    bench.expect('every request is answered', talk.answered, frames);
    bench.expect('nothing is lost, damaged or out of order', talk.wrong, 0);
  },
);
