/**
 * Sends real traffic through the whole data path. Captures are played in at the port `near`, cross the
 * host's rings into a guest that forwards them to its other port, and come out at the port `far`.
 * Prints what a frame costs from the moment traffic starts, without the time that loading takes.
 */
import { scenario } from 'avp-testbench';

export const replayCapture = scenario(
  {
    name: 'replay-capture',
    about: 'frames of captures cross switch, host rings and a forwarding guest unchanged',
    settings: {
      capture: { default: '', about: 'a pcap or pcapng file, gzip or not; all of the package where empty' },
      unfit: { default: 'refuse', about: 'refuse or skip: what becomes of frames that are cut, too short or too long' },
    },
    record: ['near', 'far'],
  },
  async (bench) => {
    const captures = bench.captures(bench.setting('capture'), { unfit: bench.setting('unfit') });
    const node = bench.computeNode('compute-0');
    // A capture has frames of both ends of each conversation, so a switch that learns would not forward them.
    for (const network of ['inside', 'outside']) node.hub(network);
    const router = node.boot('router', ['net-id=inside,vif-model=avp', 'net-id=outside,vif-model=avp'], {
      mtu: 9_000,
      promiscuous: true,
      vlanStrip: true,
      vlanInsert: true,
    });
    router.port('inside').forwardTo(router.port('outside'));
    node.player('near', 'inside', captures);
    const wanted = captures.flatMap((capture) => capture.frames);
    const cost = node.frameCost(wanted.length);
    let [arrived, same] = [0, true];
    // Compares each frame as it comes out, so that no copy of the captures is kept.
    node.listener('far', 'outside', (frame) => {
      const sent = wanted[arrived++]?.bytes;
      same &&= sent !== undefined && Buffer.compare(frame, sent) === 0;
      cost.frameArrived();
    });
    cost.start();
    await bench.settle();
    console.log(cost.toString());

    bench.expect(`all ${wanted.length} frames come out at the far port`, arrived, wanted.length);
    bench.expect('with the same bytes and in the same order', same);
  },
);
