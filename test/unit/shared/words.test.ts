import { expect } from 'chai';
import { load32, store32 } from '#mem';
import { allocate, resetArena } from '../../../shared/arena';
import { arenaImage } from '../../../shared/arenaImage';
import { countUp } from '../../../shared/loops/counter';
import { BOTH, HOST_ONLY } from '../../../shared/loops/rights';
import { high32, load64, low32, readCounter, store64 } from '../../../shared/u64';

describe('words of 64 bits', () => {
  let address: number;

  beforeEach(() => {
    resetArena();
    address = allocate(16, { rights: BOTH, label: 'words' });
  });

  it('have their low half first', () => {
    store64(address, 0x1234_5678_9abc_def0n);
    expect([load32(address), load32(address + 4), load32(address + 8)]).to.deep.equal([0x9abc_def0, 0x1234_5678, 0]);
    expect(load64(address)).to.equal(0x1234_5678_9abc_def0n);
    store64(address, -1n);
    expect(load64(address)).to.equal(0xffff_ffff_ffff_ffffn);
  });

  it('are cut into halves', () => {
    expect([low32(0x1_ffff_fffen), high32(0x1_ffff_fffen)]).to.deep.equal([0xffff_fffe, 1]);
    expect(high32(0x5_0000_0001_0000_0000n), 'more than 64 bits').to.equal(1);
  });

  it('count, with a carry', () => {
    store32(address, 0xffff_fffe);
    countUp(address, 1);
    expect(readCounter(address)).to.equal(0xffff_ffff);
    countUp(address, 1);
    expect([load32(address), load32(address + 4)]).to.deep.equal([0, 1]);
    countUp(address, 0);
    expect(readCounter(address)).to.equal(0x1_0000_0000);
    countUp(address, 0xffff_ffff);
    expect(readCounter(address)).to.equal(0x1_ffff_ffff);
  });
});

describe('image of the arena', () => {
  it('has the bytes of all allocations, whatever the rights, and stays as it was', () => {
    resetArena();
    const address = allocate(8, { rights: BOTH, label: 'ours' });
    store32(address, 0x0403_0201);
    allocate(3, { rights: HOST_ONLY, label: 'theirs' });
    const image = arenaImage();
    store32(address, 0);
    expect(image.map(({ label, content }) => [label, [...content]])).to.deep.equal([
      ['ours', [1, 2, 3, 4, 0, 0, 0, 0]],
      ['theirs', [0, 0, 0]],
    ]);
  });
});
