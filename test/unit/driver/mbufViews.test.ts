import { expect } from 'chai';
import {
  BurstTable,
  ExternalBuffer,
  mbufAttach,
  mbufFree,
  mbufFreeBulk,
  mbufFromBytes,
  mbufReference,
  Mempool,
  MbufView,
} from '../../../driver';
import { allocate, extents, resetArena } from '../../../shared/arena';
import { DRIVER_ONLY } from '../../../shared/loops/rights';
import { expectErrno, frame, started } from './build';

describe('driver: views of an mbuf', () => {
  const view = new MbufView();

  it('show where a packet came from', () => {
    const { host, port, pool } = started();
    const out = new Uint32Array(4);
    host.receive(0, [{ bytes: frame(60) }]);
    expect(port.rxBurst(0, out, 4)).to.equal(1);
    expect(view.at(out[0]!)).to.include({ pool: pool.address, port: port.address, refcnt: 1, headroom: 128 });
    const made = mbufFromBytes(pool, frame(60));
    expect(view.at(made)).to.include({ pool: pool.address, port: 0, refcnt: 1, headroom: 128 });
  });

  it('write each field, and read it back', () => {
    resetArena();
    const pool = Mempool.create({ mbufs: 2 });
    const [mbuf, next] = [pool.alloc(), pool.alloc()];
    const values = { pktLen: 77, dataLen: 66, nbSegs: 5, next, olFlags: 3, vlanTci: 0xabc };
    Object.assign(view.at(mbuf), values);
    expect(new MbufView().at(mbuf)).to.include(values);
    expect(view.at(next)).to.include({ pktLen: 0, dataLen: 0, nbSegs: 1, next: 0, olFlags: 0, vlanTci: 0 });
  });

  it('copy as many segments as there are and as nb_segs says, the fewer of both', () => {
    resetArena();
    const pool = Mempool.create({ mbufs: 4 });
    const packet = mbufFromBytes(pool, frame(100), { segmentBytes: 40 });
    expect(view.at(packet).nbSegs).to.equal(3);
    for (const [nbSegs, bytes] of [
      [0, 0],
      [1, 40],
      [2, 80],
      [3, 100],
      [9, 100],
    ] as const) {
      view.nbSegs = nbSegs;
      expect(view.data().length, `nb_segs ${nbSegs}`).to.equal(bytes);
    }
  });

  it('find a packet of exactly as many segments as the bytes need', () => {
    resetArena();
    const pool = Mempool.create({ mbufs: 8, dataRoomBytes: 128 + 64 });
    for (const [bytes, segmentBytes, segments] of [
      [0, undefined, 1],
      [64, undefined, 1],
      [65, undefined, 2],
      [80, 40, 2],
      [81, 40, 3],
      [128, 1_000, 2],
      [3, 0, 3],
    ] as const) {
      const packet = mbufFromBytes(pool, frame(bytes), segmentBytes === undefined ? {} : { segmentBytes });
      expect(view.at(packet).nbSegs, `${bytes} bytes by ${segmentBytes}`).to.equal(segments);
      expect(new Uint8Array(view.data())).to.deep.equal(frame(bytes));
      mbufFree(packet);
    }
    expect(pool.available).to.equal(8);
  });
});

describe('driver: limits of mempools and tables', () => {
  beforeEach(() => resetArena());

  it('refuses what lies outside them, by name, and takes what lies on them', () => {
    expectErrno('EINVAL', /^mempool: mbufs is 1048577: expected 1 to 1048576$/, () =>
      Mempool.create({ mbufs: (1 << 20) + 1 }),
    );
    for (const dataRoomBytes of [128, 65_536, 1_000.5])
      expectErrno('EINVAL', new RegExp(`^mempool: dataRoomBytes is ${dataRoomBytes}: expected 129 to 65535$`), () =>
        Mempool.create({ mbufs: 1, dataRoomBytes }),
      );
    expect(Mempool.create({ mbufs: 1, dataRoomBytes: 129 }).mbufBytes).to.equal(1);
    expect(Mempool.create({ mbufs: 1, dataRoomBytes: 65_535 }).mbufBytes).to.equal(65_535 - 128);
    expect(Mempool.create({ mbufs: 1 }).mbufBytes).to.equal(2_048);
    expect(extents().map(({ label }) => label)).to.deep.equal(['mempool', 'mempool', 'mempool']);
  });

  it('names the allocations of a table and of an external buffer, and frees each once', () => {
    const table = BurstTable.create(1);
    const data = allocate(64, { rights: DRIVER_ONLY, label: 'data' });
    const buffer = ExternalBuffer.over(data, 64);
    expect(extents().map(({ label }) => label)).to.deep.equal(['burst table', 'data', 'external buffer']);
    expect(buffer.references).to.equal(1);
    buffer.release();
    table.release();
    table.release();
    expect(extents().map(({ label }) => label)).to.deep.equal(['data']);
    expect(BurstTable.create(65_536).length).to.equal(65_536);
  });

  it('frees nothing where the numbers name no packet', () => {
    const pool = Mempool.create({ mbufs: 4 });
    const mbufs = Uint32Array.of(pool.alloc(), pool.alloc());
    for (const [n, from] of [
      [0, 0],
      [-1, 0],
      [NaN, 0],
      [1, 2],
      [1, -1],
      [2, -1],
      [0.5, 0],
    ] as const)
      mbufFreeBulk(mbufs, n, from);
    expect([pool.available, Mempool.refusedFrees]).to.deep.equal([2, 0]);
    mbufFreeBulk(mbufs, 5, 1);
    expect([pool.available, Mempool.refusedFrees]).to.deep.equal([3, 0]);
  });

  it('says what is wrong with an mbuf that is to be shared', () => {
    const pool = Mempool.create({ mbufs: 3, dataRoomBytes: 192 });
    const [mbuf, to] = [pool.alloc(), pool.alloc()];
    expectErrno('EINVAL', /^mbuf is 4: expected the address of an mbuf in use$/, () => mbufReference(4));
    expectErrno('EINVAL', /^mbuf is 4: expected the address of an mbuf in use$/, () => mbufAttach(4, to, 0, 1));
    mbufReference(mbuf);
    expectErrno('EINVAL', /^references of the mbuf is 2: expected 1$/, () => mbufAttach(mbuf, to, 0, 1));
    mbufFree(mbuf);
    expectErrno('EINVAL', /^offset is 193: .* \(bytes of the data room\)$/, () => mbufAttach(mbuf, to, 193, 0));
    expectErrno('EINVAL', /^bytes is 65: .* \(bytes behind the offset\)$/, () => mbufAttach(mbuf, to, 128, 65));
    mbufAttach(mbuf, to, 192, 0);
    expect(new MbufView().at(mbuf).dataLen).to.equal(0);
  });

  it('forgets the first mempool of the table when it is released, and no other', () => {
    const [first, second] = [Mempool.create({ mbufs: 2 }), Mempool.create({ mbufs: 2 })];
    const kept = second.alloc();
    const gone = first.alloc();
    mbufFree(gone);
    first.release();
    mbufFree(gone);
    expect(Mempool.refusedFrees).to.equal(1);
    mbufFree(kept);
    expect([second.available, Mempool.refusedFrees]).to.deep.equal([2, 1]);
  });
});
