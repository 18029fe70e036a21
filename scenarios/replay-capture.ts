/**
 * Sends real traffic through the whole data path. Captures are played in at the port `near`, cross the
 * host's rings into a guest that forwards them to its other port, and come out at the port `far`.
 */
import { scenario } from 'avp-testbench';

export const replayCapture = scenario(
  {
    name: 'replay-capture',
    about: 'frames of captures cross switch, host rings and a forwarding guest unchanged',
    settings: {
      capture: { default: '', about: 'a pcap or pcapng file; all that come with the package where empty' },
      unfit: {
        default: 'refuse',
        about: 'refuse a capture with frames that are cut, too short or too long, or skip them',
      },
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
    const far = node.sink('far', 'outside');
    await bench.settle();

    const wanted = captures.flatMap((capture) => capture.frames.map((frame) => frame.bytes));
    bench.expect(`all ${wanted.length} frames come out at the far port`, far.frames.length, wanted.length);
    const same = wanted.every((frame, i) => Buffer.compare(frame, far.frames[i] ?? new Uint8Array()) === 0);
    bench.expect('with the same bytes and in the same order', same);
  },
);
