import { expect } from 'chai';
import fc from 'fast-check';
import { Random } from '../../../shared/random';

describe('seeded randomness', () => {
  it('draws the same values from the same seed, and others from another seed', () => {
    const draw = (seed: number): number[] => {
      const random = new Random(seed);
      return Array.from({ length: 20 }, () => random.u32());
    };
    expect(draw(7)).to.deep.equal(draw(7));
    expect(draw(7)).not.to.deep.equal(draw(8));
  });

  it('stays within its limits, and loses nothing when it shuffles', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 50 }), (seed, size) => {
        const random = new Random(seed);
        const items = Array.from({ length: size }, (_unused, i) => i);
        expect(random.shuffled(items)).to.have.members(items);
        expect(items).to.include(random.pick(items));
        expect(random.below(size)).to.be.within(0, size - 1);
        expect(random.bytes(size).length).to.equal(size);
        expect(random.u64() < 1n << 64n).to.equal(true);
      }),
    );
  });

  it('forks into a stream of its own', () => {
    const random = new Random(1);
    const fork = random.fork();
    expect(fork.u32()).not.to.equal(random.u32());
  });
});
