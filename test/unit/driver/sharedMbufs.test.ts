import { readBytes, writeBytes } from '#mem';
import { expect } from 'chai';
import { ExternalBuffer, mbufAttach, mbufFree, mbufFromBytes, mbufReference, Mempool, MbufView } from '../../../driver';
import { storeMbufDataRoom, storeMbufNext, storeMbufNbSegs, storeMbufPktLen } from '../../../driver/loops/records';
import { allocate, extents, release, resetArena } from '../../../shared/arena';
import { DRIVER_ONLY } from '../../../shared/loops/rights';
import { expectErrno, frame, started } from './build';

const HEADROOM = 128;

describe('driver: packets that share their data', () => {
  beforeEach(() => resetArena());
  const view = new MbufView();

  it('frees a packet with the last of its references, and leaves it alone before', () => {
    const pool = Mempool.create({ mbufs: 4, dataRoomBytes: 128 + 64 });
    const packet = mbufFromBytes(pool, frame(200), { vlanTci: 5 });
    mbufReference(packet);
    mbufFree(packet);
    expect([pool.available, view.at(packet).refcnt]).to.deep.equal([0, 1]);
    expect(new Uint8Array(view.data())).to.deep.equal(frame(200));
    mbufFree(packet);
    expect([pool.available, Mempool.refusedFrees]).to.deep.equal([4, 0]);
    mbufFree(packet - 1);
    expect(Mempool.refusedFrees).to.equal(1);
  });

  it('keeps the mbuf that owns the data until the last indirect one is freed, also through another indirect one', () => {
    const [pool, heads] = [Mempool.create({ mbufs: 1 }), Mempool.create({ mbufs: 2, dataRoomBytes: 192 })];
    const owner = mbufFromBytes(pool, frame(100));
    const [one, other] = [heads.alloc(), heads.alloc()];
    mbufAttach(one, owner, HEADROOM + 10, 50);
    mbufAttach(other, one, HEADROOM, 100);
    mbufFree(owner);
    mbufFree(one);
    expect([pool.available, heads.available]).to.deep.equal([0, 1]);
    expect(new Uint8Array(view.at(other).data())).to.deep.equal(frame(100));
    mbufFree(other);
    expect([pool.available, heads.available]).to.deep.equal([1, 2]);
    // An mbuf that was indirect has its own data room again.
    const again = mbufFromBytes(heads, frame(64));
    expect([view.at(again).capacity, view.refcnt]).to.deep.equal([64, 1]);
    expect(new Uint8Array(view.data())).to.deep.equal(frame(64));
  });

  it('reads the memory of the application, which can be released with the last mbuf', () => {
    const memory = allocate(1_000, { rights: DRIVER_ONLY, label: 'application' });
    writeBytes(memory, frame(1_000));
    const pool = Mempool.create({ mbufs: 1 });
    const buffer = ExternalBuffer.over(memory, 1_000);
    const mbuf = pool.alloc();
    buffer.attach(mbuf, 100, 300);
    expect(new Uint8Array(view.at(mbuf).data())).to.deep.equal(frame(1_000).slice(100, 400));
    expectErrno('EBUSY', /1 mbufs are attached/, () => buffer.release());
    mbufFree(buffer.address);
    expect([Mempool.refusedFrees, buffer.references]).to.deep.equal([1, 2]);
    mbufFree(mbuf);
    buffer.release();
    pool.release();
    release(memory);
    expect(extents()).to.deep.equal([]);
  });

  it('refuses what cannot be attached or referred to', () => {
    const pool = Mempool.create({ mbufs: 3, dataRoomBytes: 192 });
    const [mbuf, to, shared] = [pool.alloc(), pool.alloc(), pool.alloc()];
    mbufReference(shared);
    expectErrno('EINVAL', /itself/, () => mbufAttach(mbuf, mbuf, 0, 1));
    expectErrno('EINVAL', /attach to is 0/, () => mbufAttach(mbuf, 0, 0, 1));
    expectErrno('EINVAL', /references of the mbuf is 2/, () => mbufAttach(shared, to, 0, 1));
    expectErrno('EINVAL', /offset is 193/, () => mbufAttach(mbuf, to, 193, 0));
    expectErrno('EINVAL', /bytes is 65/, () => mbufAttach(mbuf, to, 128, 65));
    mbufAttach(mbuf, to, 128, 64);
    expectErrno('EINVAL', /attached already/, () => mbufAttach(mbuf, to, 128, 64));
    expectErrno('EINVAL', /mbuf is 0/, () => mbufReference(0));
    view.at(to).nbSegs = 2;
    expectErrno('EINVAL', /next segment is 0/, () => mbufReference(to));
    expect(view.at(to).refcnt).to.equal(2);
  });

  it('sends one packet twice in a burst, and gives back one reference for each', () => {
    const { host, port, pool } = started();
    host.refill();
    const packet = mbufFromBytes(pool, frame(100));
    mbufReference(packet);
    mbufReference(packet);
    expect(port.txBurst(0, Uint32Array.of(packet, packet), 2)).to.equal(2);
    expect(host.sent(0)).to.have.length(2);
    expect(view.at(packet).refcnt).to.equal(1);
    mbufFree(packet);
    expect(pool.available).to.equal(pool.size);
  });

  it('drops a segment that uses a data room which is not what it is attached to', () => {
    const { port, pool } = started();
    const before = readBytes(pool.address, 8);
    const [head, indirect, owner] = [mbufFromBytes(pool, frame(60)), pool.alloc(), mbufFromBytes(pool, frame(100))];
    mbufAttach(indirect, owner, HEADROOM, 40);
    storeMbufNext(head, indirect);
    storeMbufNbSegs(head, 2);
    storeMbufPktLen(head, 100);
    storeMbufDataRoom(indirect, owner + 8);
    expect(port.txBurst(0, Uint32Array.of(head), 1)).to.equal(1);
    expect(port.xstatsGet()['tx_q0_dropped_chain']).to.equal(1);
    mbufFree(owner);
    expect([pool.available, Mempool.refusedFrees]).to.deep.equal([pool.size, 0]);
    expect(readBytes(pool.address, 8)).to.deep.equal(before);
  });
});
