/**
 * Sends real traffic through the whole data path. Captures are played in at the port `near`, cross the
 * host's rings into a guest that forwards them to its other port, and come out at the port `far`.
 * Prints what a frame costs from the moment traffic starts, without the time that loading takes. V8 is still
 * compiling the data path while a short capture is played once. Play it in more rounds to compare it with a long one.
 */
import { scenario } from 'avp-testbench';

export const replayCapture = scenario(
  {
    name: 'replay-capture',
    about: 'frames of captures cross switch, host rings and a forwarding guest unchanged',
    settings: {
      capture: { default: '', about: 'a pcap or pcapng file, gzip or not; all of the package where empty' },
      unfit: { default: 'refuse', about: 'treatment of frames that are cut, too short or too long: refuse or skip' },
      rounds: { default: '1', about: 'how many times the captures are played, one after another' },
    },
    record: ['near', 'far'],
  },
  async (bench) => {
    const rounds = Number(bench.setting('rounds'));
    const captures = bench.captures(bench.setting('capture'), { unfit: bench.setting('unfit') });
    const node = bench.computeNode('compute-0');
    // A capture has frames of both ends of each conversation, so a switch that learns would not forward them.
    for (const network of ['inside', 'outside']) node.hub(network);
    const settings = { mtu: 9_000, promiscuous: true, vlanStrip: true, vlanInsert: true };
    const router = node.boot('router', ['net-id=inside,vif-model=avp', 'net-id=outside,vif-model=avp'], settings);
    router.port('inside').forwardTo(router.port('outside'));
    node.player('near', 'inside', captures, { rounds });
    const sent = captures.flatMap(({ frames }) => frames);
    const wanted = rounds * sent.length;
    const cost = node.frameCost(wanted);
    let [arrived, same] = [0, true];
    // Compares each frame as it comes out, so that no copy of the captures is kept.
    node.listener('far', 'outside', (frame) => {
      const { bytes } = sent[arrived++ % sent.length]!;
      same &&= Buffer.compare(frame, bytes) === 0;
      cost.frameArrived();
    });
    cost.start();
    await bench.settle();
    console.log(cost.toString());

    bench.expect(`all ${wanted} frames come out at the far port`, arrived, wanted);
    bench.expect('with the same bytes and in the same order', same);
  },
);
