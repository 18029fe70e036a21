import { expect } from 'chai';
import { MARK_BYTES, markFrame, readMark } from '../../../../testbench/traffic/frameMark';
import { TrafficOracle } from '../../../../testbench/traffic/trafficOracle';
import { frame, mac } from '../../emulator/network/endpoints';

describe('frame marks', () => {
  const plain = frame(mac(2), mac(1), 7, 200);

  it('follow the frame, which stays unchanged', () => {
    const marked = markFrame(plain, { flow: 3, sequence: 0xffff_ffff });
    expect(marked.subarray(0, plain.length)).to.deep.equal(plain);
    expect(marked).to.have.length(plain.length + MARK_BYTES);
    expect(readMark(marked)).to.deep.equal({ flow: 3, sequence: 0xffff_ffff });
    const inside = new Uint8Array(marked.length + 10);
    inside.set(marked, 5);
    expect(readMark(inside.subarray(5, 5 + marked.length))).to.deep.equal({ flow: 3, sequence: 0xffff_ffff });
  });

  it('are not found in frames without a mark, however short', () => {
    for (const bytes of [plain, plain.subarray(0, MARK_BYTES - 1), new Uint8Array(0)])
      expect(readMark(bytes)).to.equal(null);
  });

  it('let the oracle judge any frame by all its bytes', () => {
    const oracle = new TrafficOracle();
    const frameAt = (sequence: number): Uint8Array =>
      markFrame(frame(mac(2), mac(1), sequence % 3, 100), { flow: 9, sequence });
    oracle.addFlows([{ id: 9, frameAt }]);
    for (let sent = 0; sent < 5; sent++) oracle.nextSequence(9);
    const damaged = frameAt(4);
    damaged[50]! ^= 1;
    const arrivals = [frameAt(0), frameAt(2), frameAt(1), frameAt(2), damaged, frameAt(5), plain].map((arrived) =>
      oracle.judge(arrived),
    );
    expect(arrivals).to.deep.equal([
      'delivered',
      'delivered',
      'reordered',
      'duplicated',
      'corrupted',
      'unexpected',
      'foreign',
    ]);
    expect(oracle.report()).to.include({ sent: 5, missing: 2 });
  });
});
