/**
 * Start of a new scenario: copy this file, give it a name of its own, change what it does.
 * Run it with `npx avp run ./my.ts`; docs/writing-a-scenario.md in the package says what else there is.
 */
import { scenario } from 'avp-testbench';

export const template = scenario(
  {
    // The name that results and replay lines carry; by custom that of the file.
    name: 'template',
    about: 'start of a new scenario: two instances talk over one AVP network',
    // What the user may change: --set frames=500. Values are texts.
    settings: { frames: { default: '100', about: 'requests to send' } },
  },
  async (bench) => {
    const frames = Number(bench.setting('frames'));
    // The network: a compute node with a virtual switch, and instances with NICs on it.
    const node = bench.computeNode('compute-0');
    const alice = node.boot('alice', ['net-id=management', 'net-id=lan,vif-model=avp']);
    // A NIC can have settings of its device; behind the NICs stand those of the application.
    const nic = { network: 'lan', model: 'avp', settings: { mbufSize: 1_024, fifoSlots: { rx: 256 } } } as const;
    const bob = node.boot('bob', ['net-id=management', nic], { rxQueues: 2 });

    // Traffic: every frame is checked, byte for byte, where it arrives.
    const talk = await bench.requestResponse(alice.port('lan'), bob.port('lan'), {
      frames,
      frameBytes: { min: 64, max: 1_514 },
    });

    // What is expected; each expectation is one line of the result.
    bench.expect('every request arrives', talk.delivered, frames);
    bench.expect('every request is answered', talk.answered, frames);
    bench.expect('nothing is lost, damaged or out of order', talk.wrong, 0);
  },
);
