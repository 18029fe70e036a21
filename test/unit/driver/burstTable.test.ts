import { expect } from 'chai';
import { BurstTable, mbufFree, mbufFreeBulk, mbufFromBytes, Mempool, MbufView } from '../../../driver';
import { expectErrno, frame, started } from './build';

const view = new MbufView();

describe('driver: burst tables', () => {
  it('are filled and sent from in place, from any index on', () => {
    const { host, port, pool } = started();
    const table = BurstTable.create(8);
    for (const seed of [1, 2, 3]) host.receive(0, [{ bytes: frame(60 + seed, seed) }]);
    host.refill();
    expect(port.rxBurst(0, table, 64)).to.equal(3);
    expect(Array.from(table.handles.subarray(0, 3), (mbuf) => view.at(mbuf).pktLen)).to.deep.equal([61, 62, 63]);
    expect(port.txBurst(0, table, 2, 1)).to.equal(2);
    expect(host.sent(0).map(({ bytes }) => bytes)).to.deep.equal([frame(62, 2), frame(63, 3)]);
    mbufFree(table.handles[0]!);
    expect(pool.available).to.equal(pool.size);
    table.release();
  });

  it('limit a burst to what they hold, and carry nothing once they are released', () => {
    const { host, port } = started();
    const table = BurstTable.create(2);
    for (let i = 0; i < 3; i++) host.receive(0, [{ bytes: frame(60) }]);
    expect(port.rxBurst(0, table, 64)).to.equal(2);
    expect([port.txBurst(0, table, 1, 2), port.txBurst(0, table, 1, -1), port.txBurst(0, table, NaN)]).to.deep.equal([
      0, 0, 0,
    ]);
    mbufFreeBulk(table, 64);
    table.release();
    table.release();
    expect([table.length, port.rxBurst(0, table, 64), port.txBurst(0, table, 1)]).to.deep.equal([0, 0, 0]);
  });

  it('have from 1 to 65,536 places', () => {
    for (const length of [0, 1.5, 65_537])
      expectErrno('EINVAL', /length of the burst table/, () => BurstTable.create(length));
  });

  it('free packets of several pools and of several mbufs together, and count what is no mbuf', () => {
    const pools = [1, 2].map(() => Mempool.create({ mbufs: 8, dataRoomBytes: 128 + 100 }));
    const table = BurstTable.create();
    const single = (pool: number): number => mbufFromBytes(pools[pool]!, frame(50));
    const packets = [single(0), single(1), mbufFromBytes(pools[0]!, frame(250)), 0, 12_345, single(0), single(0)];
    for (const form of [table, new Uint32Array(64)]) {
      if (form instanceof BurstTable) form.handles.set(packets);
      else form.set([single(0), single(1), mbufFromBytes(pools[0]!, frame(250)), 0, 12_345, single(0), single(0)]);
      const before = Mempool.refusedFrees;
      mbufFreeBulk(form, 6);
      expect(Mempool.refusedFrees - before).to.equal(1);
      expect(pools.map(({ available }) => available)).to.deep.equal([7, 8]);
      mbufFreeBulk(form, 1, 6);
      expect(pools.map(({ available }) => available)).to.deep.equal([8, 8]);
    }
    table.release();
    for (const pool of pools) pool.release();
  });
});
