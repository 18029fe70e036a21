import { expect } from 'chai';
import { mbufFree, Mempool } from '../../../../driver';
import { extents, resetArena } from '../../../../shared/arena';
import type { MemoryBuild } from '../../../../testbench/runtime/worker';
import { Crew } from '../../../../testbench/threads/crew';
import type { MempoolUserData, MempoolUserOperations } from './fixture/mempoolUser';

const PATIENCE_MS = 180_000;
const USER = 'test/unit/testbench/threads/fixture/mempoolUser';
const THREADS = 3;

/** Every mbuf of a pool, by taking them all. */
function allOf(pool: Mempool): number[] {
  const mbufs: number[] = [];
  for (let mbuf = pool.alloc(); mbuf !== 0; mbuf = pool.alloc()) mbufs.push(mbuf);
  return mbufs;
}

describe('a mempool that several threads share', function () {
  this.timeout(PATIENCE_MS);

  // On the watched build an mbuf that is free, or another thread's, is nobody's to touch.
  for (const [build, rounds] of [
    ['plain', 8_000],
    ['watched', 300],
  ] as readonly (readonly [MemoryBuild, number])[])
    it(`hands each mbuf to one thread at a time, and has all of them in the end (${build})`, async () => {
      resetArena();
      const crew = new Crew({ build, print: process.stdout });
      // Too few for all threads at once, so that it is empty now and then.
      const pool = Mempool.create({ mbufs: 64, dataRoomBytes: 256 });
      const users = Array.from({ length: THREADS }, (_unused, index) => {
        const data: MempoolUserData = { pool: pool.address, seed: index + 1, rounds };
        return crew.start<MempoolUserOperations>(`user ${index}`, USER, data);
      });
      expect(await crew.waitFor(() => users.every(({ operations }) => operations.left() === 0), PATIENCE_MS)).to.equal(
        true,
      );
      expect(users.map(({ operations }) => operations.disturbed())).to.deep.equal(users.map(() => 0));
      expect(users.every(({ operations }) => operations.taken() > rounds)).to.equal(true);
      expect(await crew.end()).to.deep.equal([]);
      expect(pool.available).to.equal(pool.size);
      const mbufs = allOf(pool);
      expect(new Set(mbufs).size).to.equal(pool.size);
      mbufs.forEach(mbufFree);
      pool.release();
      expect(extents()).to.deep.equal([]);
    });
});
