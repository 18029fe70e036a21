import { expect } from 'chai';
import { BEGINNING_NS, Moments } from '../../../../../testbench/explore/machine/moments';

const WORD = 2 ** 32;
const NOW_NS = BEGINNING_NS + 5_000_000_000;

describe('moments of virtual time in a state', () => {
  it('count from the present one, in any unit', () => {
    for (const unit of [1, 1_000, 1_000_000]) {
      const moments = new Moments(NOW_NS);
      expect(moments.numberOf((NOW_NS - 3_000_000) / unit)).to.be.closeTo(-3_000_000 / unit, 0.001);
      expect(moments.met).to.equal(true);
    }
    expect(new Moments(NOW_NS).bigintOf(BigInt(NOW_NS - 3_000_000))).to.equal(-3_000_000n);
  });

  it('are told from other numbers', () => {
    const moments = new Moments(NOW_NS);
    for (const value of [0, -1, 1.5, WORD - 1, BEGINNING_NS - 1, NOW_NS * 100, Infinity, NaN])
      expect(moments.numberOf(value)).to.deep.equal(value);
    expect(moments.bigintOf(2n ** 64n - 1n)).to.equal(2n ** 64n - 1n);
    expect(moments.met).to.equal(false);
  });

  it('are found in two words of memory', () => {
    const wordsAt = (ns: number): number[] => {
      const words = Uint32Array.of(7, (NOW_NS - 1_000_000 + ns) % WORD, Math.floor((NOW_NS - 1_000_000 + ns) / WORD));
      const moments = new Moments(NOW_NS + ns);
      return [0, 1, 2].map((word) => moments.wordOf(words, word));
    };
    expect(wordsAt(0)[0]).to.equal(7);
    expect(wordsAt(0)[1]).to.equal(-1_000_000);
    // The lower word overflows in between.
    expect(wordsAt(WORD - 1)).to.deep.equal(wordsAt(0));
  });
});
