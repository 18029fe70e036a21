import { expect } from 'chai';
import fc from 'fast-check';
import * as mem from '#mem';
import { allocate, describeAddress, extentAt, extents, keepExtents, release, resetArena } from '../../../shared/arena';
import { ErrnoError } from '../../../shared/errors';
import { watchedMemory } from '../../../shared/mem/build';
import { BOTH, DRIVER_READ, HOST_ONLY } from '../../../shared/loops/rights';
import { DRIVER_STATICS, DRIVER_STATICS_BYTES } from '../../../shared/loops/statics';
import { ARENA_BYTES } from '../../../shared/mem/memory';

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
    const next = allocate(8, { rights: BOTH, label: 'next' });
    expect([describeAddress(0), describeAddress(0xfff)]).to.deep.equal(['a null pointer', 'a null pointer+0xfff']);
    expect(describeAddress(address - 1)).to.equal('before all allocations');
    expect([address, address + 16, address + 99].map(describeAddress)).to.deep.equal([
      'ring+0x0',
      'ring+0x10',
      'ring+0x63',
    ]);
    expect(describeAddress(address + 100)).to.equal('0 bytes past the end of ring');
    expect(describeAddress(address + 104)).to.equal('4 bytes past the end of ring');
    expect(describeAddress(next + 9)).to.equal('1 bytes past the end of next');
    expect(describeAddress(-4)).to.equal('before all allocations');
  });

  it('lists what was allocated, in the order of addresses, and finds each by any of its bytes', () => {
    const first = {
      address: allocate(100, { rights: BOTH, label: 'first' }),
      bytes: 100,
      rights: BOTH,
      label: 'first',
    };
    const freed = allocate(256, options);
    const rights = HOST_ONLY | DRIVER_READ;
    const third = { address: allocate(4, { rights, label: 'third' }), bytes: 4, rights, label: 'third' };
    release(freed);
    const second = { address: allocate(8, options), bytes: 8, rights: BOTH, label: 'block' };
    expect(extents()).to.deep.equal([first, second, third]);
    expect(second.address, 'the gap is used again').to.equal(freed);
    for (const extent of [first, second, third])
      for (const at of [extent.address, extent.address + extent.bytes - 1]) expect(extentAt(at)).to.deep.equal(extent);
    for (const at of [first.address - 1, first.address + 100, third.address + 4])
      expect(extentAt(at)).to.equal(undefined);
  });

  it('leaves 64 bytes that belong to nobody before and after each extent', () => {
    const [first, second, third] = [allocate(64, options), allocate(64, options), allocate(64, options)];
    expect([second - first, third - second]).to.deep.equal([128, 128]);
    release(second);
    expect(allocate(65, options), 'a gap without room for the guard bytes').to.be.greaterThan(third);
    expect(allocate(64, options)).to.equal(second);
  });

  it('keeps guard bytes at the end of the arena too', () => {
    const first = allocate(64, options);
    const rest = ARENA_BYTES - (first + 64) - 128;
    expect(() => allocate(rest + 1, options)).to.throw(ErrnoError, `no room for ${rest + 1} bytes`);
  });

  it('refuses a size that is no positive integer, by name', () => {
    for (const bytes of [-1, 1.5, NaN, Infinity])
      expect(() => allocate(bytes, options)).to.throw(ErrnoError, `cannot allocate ${bytes} bytes for block`);
    expect(extents()).to.deep.equal([]);
  });

  it('shortens a label of more than 44 characters in the middle', () => {
    const label = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ';
    allocate(8, { rights: BOTH, label: label.slice(0, 44) });
    allocate(8, { rights: BOTH, label: label.slice(0, 45) });
    expect(extents().map((extent) => extent.label)).to.deep.equal([
      label.slice(0, 44),
      `${label.slice(0, 21)}~${label.slice(45 - 22, 45)}`,
    ]);
  });

  it('refuses to release what is no allocation, by name', () => {
    const address = allocate(64, options);
    release(address);
    expect(() => release(address)).to.throw(ErrnoError, `0x${address.toString(16)} is no allocation`);
    expect(() => release(0)).to.throw(ErrnoError, 'a null pointer (0x0) is no allocation');
  });

  it('takes the rights to what is released, and to everything when it is reset', () => {
    const [freed, dropped] = [allocate(64, options), allocate(64, options)];
    release(freed);
    resetArena();
    expect(extents()).to.deep.equal([]);
    if (watchedMemory !== null)
      for (const address of [freed, freed + 60, dropped, dropped + 60])
        expect(() => mem.load32(address)).to.throw(watchedMemory.MemoryViolation);
  });

  it("clears the driver's fixed place when it is reset, and keeps the rights to it", () => {
    mem.store32(DRIVER_STATICS, 7);
    mem.store32(DRIVER_STATICS + DRIVER_STATICS_BYTES - 4, 7);
    resetArena();
    expect(mem.load32(DRIVER_STATICS)).to.equal(0);
    expect(mem.load32(DRIVER_STATICS + DRIVER_STATICS_BYTES - 4)).to.equal(0);
  });

  it('clears memory again that a former allocation has used, as far as that reached', () => {
    const first = allocate(100, options);
    mem.fill(first, 0xaa, 100);
    resetArena();
    const second = allocate(300, options);
    expect([...mem.readBytes(second, 300)].every((byte) => byte === 0)).to.equal(true);
  });
});
