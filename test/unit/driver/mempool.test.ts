import { load32, store8 } from '#mem';
import { expect } from 'chai';
import { mbufFree, mbufFromBytes, Mempool, MbufView, MBUF_TX_VLAN } from '../../../driver';
import { extents, resetArena } from '../../../shared/arena';
import { MemoryViolation } from '../../../shared/mem/watched';
import { expectErrno, frame } from './build';
import { itWatched } from '../../support/watched';

describe('driver: mempools and mbufs', () => {
  beforeEach(() => resetArena());
  const view = new MbufView();

  it('hands out each mbuf once and takes all of them back', () => {
    const pool = Mempool.create({ mbufs: 5 });
    const mbufs = Array.from({ length: 5 }, () => pool.alloc());
    expect(new Set(mbufs).size).to.equal(5);
    expect(mbufs).not.to.include(0);
    expect(pool.alloc()).to.equal(0);
    mbufs.forEach(mbufFree);
    expect(pool.available).to.equal(5);
    pool.release();
    expect(extents()).to.deep.equal([]);
  });

  it('splits bytes over segments and joins them again', () => {
    const pool = Mempool.create({ mbufs: 8, dataRoomBytes: 128 + 64 });
    const bytes = frame(200);
    const mbuf = mbufFromBytes(pool, bytes, { vlanTci: 5, segmentBytes: 50 });
    expect(view.at(mbuf)).to.include({ pktLen: 200, dataLen: 50, nbSegs: 4, olFlags: MBUF_TX_VLAN, vlanTci: 5 });
    expect(new Uint8Array(view.data())).to.deep.equal(bytes);
    mbufFree(mbuf);
    expect(pool.available).to.equal(8);
    expect(mbufFromBytes(pool, frame(64 * 8 + 1))).to.equal(0);
    expect(pool.available).to.equal(8);
  });

  it('resets an mbuf that is allocated again', () => {
    const pool = Mempool.create({ mbufs: 3 });
    mbufFree(mbufFromBytes(pool, frame(4_000), { vlanTci: 7 }));
    for (let i = 0; i < 3; i++)
      expect(view.at(pool.alloc())).to.include({ pktLen: 0, dataLen: 0, nbSegs: 1, next: 0, olFlags: 0, vlanTci: 0 });
  });

  it('frees the segments of a chain to their own pools', () => {
    const [a, b] = [Mempool.create({ mbufs: 2 }), Mempool.create({ mbufs: 2 })];
    const chain = [a.alloc(), b.alloc(), b.alloc(), a.alloc()];
    chain.forEach((mbuf, i) => (view.at(mbuf).next = chain[i + 1] ?? 0));
    mbufFree(chain[0]!);
    expect([a.available, b.available]).to.deep.equal([2, 2]);
  });

  it('frees the mbufs of a looped chain once each', () => {
    const pool = Mempool.create({ mbufs: 4 });
    const [first, second] = [pool.alloc(), pool.alloc()];
    view.at(first).next = second;
    view.at(second).next = first;
    mbufFree(first);
    expect(pool.available).to.equal(4);
    expect(new Set([1, 2, 3, 4].map(() => pool.alloc())).size).to.equal(4);
  });

  itWatched('protects free mbufs, and the bytes after a data room', () => {
    const pool = Mempool.create({ mbufs: 1, dataRoomBytes: 256 });
    const mbuf = pool.alloc();
    const end = view.at(mbuf).dataAddress + view.capacity;
    store8(end - 1, 1);
    expect(() => store8(end, 1)).to.throw(MemoryViolation);
    mbufFree(mbuf);
    expect(() => load32(mbuf)).to.throw(MemoryViolation);
    expect(() => mbufFree(mbuf)).to.throw(MemoryViolation);
  });

  it('refuses sizes that are out of range, and its release while mbufs are in use', () => {
    expectErrno('EINVAL', /mbufs is 0: expected 1 to/, () => Mempool.create({ mbufs: 0 }));
    expectErrno('EINVAL', /dataRoomBytes is 65536/, () => Mempool.create({ mbufs: 1, dataRoomBytes: 65_536 }));
    expect(extents()).to.deep.equal([]);
    const pool = Mempool.create({ mbufs: 2 });
    pool.alloc();
    expectErrno('EBUSY', /1 of 2 mbufs are in use/, () => pool.release());
  });

  it('knows 250 mempools at once, and has room for another when one is released', () => {
    const pools = Array.from({ length: 250 }, () => Mempool.create({ mbufs: 1 }));
    const before = extents().length;
    expectErrno('ENOMEM', /there are 250 mempools and external buffers already/, () => Mempool.create({ mbufs: 1 }));
    expect(extents()).to.have.length(before);
    pools[100]!.release();
    const pool = Mempool.create({ mbufs: 1 });
    mbufFree(pool.alloc());
    expect([pool.available, Mempool.refusedFrees]).to.deep.equal([1, 0]);
  });
});
