import { expect } from 'chai';
import fc from 'fast-check';
import * as mem from '#mem';
import { allocate, describeAddress, extents, keepExtents, release, resetArena } from '../../../shared/arena';
import { ErrnoError } from '../../../shared/errors';
import { BOTH } from '../../../shared/loops/rights';

const options = { rights: BOTH, label: 'block' };

describe('arena', () => {
  beforeEach(resetArena);

  it('returns zeroed memory even if it was used before', () => {
    const first = allocate(256, options);
    mem.fill(first, 0xaa, 256);
    release(first);
    const second = allocate(256, options);
    expect(second).to.equal(first);
    expect(mem.readBytes(second, 256).every((byte) => byte === 0)).to.equal(true);
  });

  it('puts back the list of allocations as it was kept', () => {
    const kept = [allocate(64, options), allocate(128, options)];
    const putBack = keepExtents();
    release(kept[0]!);
    allocate(640, options);
    putBack();
    expect(extents().map(({ address }) => address)).to.deep.equal(kept);
    release(kept[1]!);
    expect(allocate(128, options)).to.equal(kept[1]);
  });

  it('keeps extents apart and aligned, whatever the order of allocation and release', () => {
    const step = fc.record({
      bytes: fc.integer({ min: 1, max: 5_000 }),
      align: fc.constantFrom(8, 64, 4_096),
      drop: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        resetArena();
        const held: number[] = [];
        for (const { bytes, align, drop } of steps) {
          const address = allocate(bytes, { ...options, align });
          expect(address % align).to.equal(0);
          held.push(address);
          if (drop % 3 === 0) release(held.splice(drop % held.length, 1)[0]!);
        }
        const all = extents();
        expect(all.map((extent) => extent.address)).to.have.members(held);
        for (let i = 1; i < all.length; i++)
          expect(all[i]!.address).to.be.greaterThan(all[i - 1]!.address + all[i - 1]!.bytes);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses an allocation that does not fit, and changes nothing', () => {
    allocate(64, options);
    const before = extents();
    expect(() => allocate(0x7fff_fff0, options))
      .to.throw(ErrnoError, 'no room')
      .with.property('code', 'ENOMEM');
    expect(() => allocate(0, options))
      .to.throw(ErrnoError)
      .with.property('code', 'EINVAL');
    expect(() => release(12))
      .to.throw(ErrnoError)
      .with.property('code', 'EFAULT');
    expect(extents()).to.deep.equal(before);
  });

  it('names the place of an address', () => {
    const address = allocate(100, { rights: BOTH, label: 'ring' });
    expect(describeAddress(address + 16)).to.equal('ring+0x10');
    expect(describeAddress(address + 104)).to.equal('4 bytes past the end of ring');
  });
});
