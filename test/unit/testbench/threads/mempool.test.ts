import { expect } from 'chai';
import { mbufFree, Mempool } from '../../../../driver';
import { extents, resetArena } from '../../../../shared/arena';
import type { MemoryBuild } from '../../../../testbench/runtime/worker';
import { WorkerGroup } from '../../../../testbench/threads/workerGroup';
import type { MempoolUserData, MempoolUserOperations } from './fixture/mempoolUser';

const TIMEOUT_MS = 180_000;
const USER = 'test/unit/testbench/threads/fixture/mempoolUser';
const THREADS = 3;

/** Takes all mbufs of a pool. */
function takeAll(pool: Mempool): number[] {
  const mbufs: number[] = [];
  for (let mbuf = pool.alloc(); mbuf !== 0; mbuf = pool.alloc()) mbufs.push(mbuf);
  return mbufs;
}

describe('a mempool that several threads share', function () {
  this.timeout(TIMEOUT_MS);
  let workers: WorkerGroup;

  afterEach(async () => void (await workers.end()));

  // The watched build stops a thread that touches a free mbuf.
  for (const [build, rounds] of [
    ['plain', 8_000],
    ['watched', 300],
  ] as readonly (readonly [MemoryBuild, number])[])
    it(`hands each mbuf to one thread at a time, and has all of them back at the end (${build})`, async () => {
      resetArena();
      workers = new WorkerGroup({ build, print: process.stdout });
      // Too few mbufs for all threads at once, so that the pool is sometimes empty.
      const pool = Mempool.create({ mbufs: 64, dataRoomBytes: 256 });
      const users = Array.from({ length: THREADS }, (_unused, index) => {
        const data: MempoolUserData = { pool: pool.address, seed: index + 1, rounds };
        return workers.start<MempoolUserOperations>(`user ${index}`, USER, data);
      });
      expect(
        await workers.waitFor(() => users.every(({ operations }) => operations.left() === 0), TIMEOUT_MS),
      ).to.equal(true);
      expect(users.map(({ operations }) => operations.disturbed())).to.deep.equal(users.map(() => 0));
      expect(users.every(({ operations }) => operations.taken() > rounds)).to.equal(true);
      expect(await workers.end()).to.deep.equal([]);
      expect(pool.available).to.equal(pool.size);
      const mbufs = takeAll(pool);
      expect(new Set(mbufs).size).to.equal(pool.size);
      mbufs.forEach(mbufFree);
      pool.release();
      expect(extents()).to.deep.equal([]);
    });
});
