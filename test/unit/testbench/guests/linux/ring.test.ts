import { expect } from 'chai';
import fc from 'fast-check';
import { allocate, resetArena } from '../../../../../shared/arena';
import { fifoBytes, fifoInit } from '../../../../../shared/loops/fifo';
import { storeFifoElemSize, storeFifoLen, storeFifoRead, storeFifoWrite } from '../../../../../shared/loops/layout';
import { BOTH, NO_RIGHTS } from '../../../../../shared/loops/rights';
import { Ring } from '../../../../../testbench/guests/linux/ring';
import { protect } from '#mem';

const SLOTS = 8;

describe("a Linux guest's ring", () => {
  let base = 0;

  beforeEach(() => {
    resetArena();
    base = allocate(fifoBytes(SLOTS), { rights: BOTH, label: 'ring' });
    fifoInit(base, SLOTS);
  });

  it('returns entries in order, and holds one entry fewer than it has slots', () => {
    const ring = Ring.at(base);
    const entry = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
    const step = fc.oneof(fc.array(entry, { maxLength: 10 }), fc.nat({ max: 10 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        fifoInit(base, SLOTS);
        const model: bigint[] = [];
        for (const one of steps) {
          if (typeof one === 'number') expect(ring.get(one)).to.deep.equal(model.splice(0, one));
          else {
            const fits = Math.min(one.length, SLOTS - 1 - model.length);
            expect(ring.put(one)).to.equal(fits);
            model.push(...one.slice(0, fits));
          }
          expect([ring.filled(), ring.room()]).to.deep.equal([model.length, SLOTS - 1 - model.length]);
        }
      }),
    );
  });

  it('reports what is wrong with a header', () => {
    const ring = Ring.at(base);
    const faults: (() => void)[] = [
      () => storeFifoLen(base, 0),
      () => storeFifoLen(base, 1),
      () => storeFifoLen(base, 12),
      () => storeFifoRead(base, SLOTS),
      () => storeFifoWrite(base, SLOTS),
      () => storeFifoElemSize(base, 4),
    ];
    expect(ring.fault()).to.equal(null);
    for (const spoil of faults) {
      fifoInit(base, SLOTS);
      spoil();
      expect(ring.fault(), spoil.toString()).to.be.a('string');
    }
  });

  it('bypasses the access rights only if asked to', () => {
    protect(base, fifoBytes(SLOTS), NO_RIGHTS);
    expect(Ring.unwatched(base).put([1n, 2n])).to.equal(2);
    expect(() => Ring.at(base).get(1)).to.throw('no right');
    expect(Ring.unwatched(base).get(5)).to.deep.equal([1n, 2n]);
  });
});
