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

  it('draws these values from seed 7, on every machine and in every release', () => {
    const random = new Random(7);
    expect([random.between(5, 9), random.below(1_000), random.u32(), random.u64()]).to.deep.equal([
      5,
      630,
      2_160_075_975,
      11_593_004_413_992_290_407n,
    ]);
  });

  it('reaches both limits of an interval', () => {
    const random = new Random(3);
    const drawn = new Set(Array.from({ length: 200 }, () => random.between(-1, 1)));
    expect([...drawn].sort((a, b) => a - b)).to.deep.equal([-1, 0, 1]);
  });

  it('is true as often as the probability says', () => {
    const random = new Random(5);
    const often = (probability: number): number =>
      Array.from({ length: 1_000 }, () => random.chance(probability)).filter(Boolean).length;
    expect([often(0), often(1)]).to.deep.equal([0, 1_000]);
    expect(often(0.25)).to.be.within(200, 300);
  });

  it('draws bytes of every value', () => {
    const bytes = new Random(1).bytes(10_000);
    expect(new Set(bytes).size).to.equal(256);
  });

  it('shuffles into every order, and leaves the given list alone', () => {
    const random = new Random(2);
    const items = [1, 2, 3];
    const orders = new Set(Array.from({ length: 200 }, () => random.shuffled(items).join('')));
    expect([...orders].sort()).to.deep.equal(['123', '132', '213', '231', '312', '321']);
    expect(items).to.deep.equal([1, 2, 3]);
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
