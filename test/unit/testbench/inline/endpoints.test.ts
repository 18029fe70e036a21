import { expect } from 'chai';
import { ComputeNode } from '../../../../emulator';
import { resetArena } from '../../../../shared/arena';
import { VirtualClock } from '../../../../shared/clock';
import { connectPlayer, connectSink } from '../../../../testbench/inline/endpoints';
import { BROADCAST, frame, mac } from '../../emulator/network/endpoints';

describe('endpoints of the inline bench', () => {
  it('keep frames in one list, which reading does not copy', () => {
    resetArena();
    const clock = new VirtualClock();
    const node = new ComputeNode({ name: 'a', clock, seed: 1 });
    const sent = [0, 1, 2].map((number) => frame(BROADCAST, mac(1), number));
    const frames = sent.map((bytes) => ({
      interfaceIndex: 0,
      timeNs: 0n,
      bytes,
      originalLength: bytes.length,
      comments: [],
    }));
    const sink = connectSink(node, clock, 'far', 'lan');
    const before = sink.frames;
    connectPlayer(node, clock, 'near', 'lan', [{ interfaces: [{ name: null }], frames }]);
    clock.sleepMs(1);
    expect(sink.frames).to.deep.equal(sent);
    expect(sink.frames).to.equal(before);
    node.shutdown();
  });
});
