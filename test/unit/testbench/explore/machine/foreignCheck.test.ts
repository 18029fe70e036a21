import { expect } from 'chai';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { findCheck } from '../../../../../testbench/explore/checks/find';
import { packageRoot } from '../../../../../testbench/runtime/package';
import { TemporaryFolder } from '../../../../support/temporaryFolder';
import { allSchedules } from './allSchedules';

/** Two threads share a mempool. */
const CHECK = `
import { Mempool, mbufFree } from 'avp-testbench/driver';
import { type Actor, defineCheck, type Stage } from 'avp-testbench/explore';

class Maker implements Actor {
  readonly pool: Mempool;
  constructor(stage: Stage) {
    this.pool = Mempool.create({ mbufs: 2, dataRoomBytes: 256 });
    stage.give('pool', this.pool.address);
  }
  run(): void { mbufFree(this.pool.alloc()); }
}
class User implements Actor {
  readonly pool: Mempool;
  mbuf = 0;
  constructor(stage: Stage) { this.pool = Mempool.at(stage.find<number>('pool')); }
  run(): void { this.mbuf = this.pool.alloc(); }
}
export const pool = defineCheck<{ maker: Maker; user: User }>({
  name: 'pool',
  description: 'two threads share a mempool',
  actors: { maker: (stage) => new Maker(stage), user: (stage) => new User(stage) },
  judge: ({ maker, user }) =>
    user.mbuf !== 0 && maker.pool.available === 1 ? null : { cause: 'an mbuf is lost' },
});
`;

describe('a check of another project', function () {
  this.timeout(300_000);

  const folder = new TemporaryFolder().perTest();

  it('is found by the path of its file, and explored with the driver of this package', () => {
    mkdirSync(folder.file('node_modules'));
    symlinkSync(packageRoot(), folder.file('node_modules', 'avp-testbench'));
    writeFileSync(folder.file('mine.ts'), CHECK);
    const world = findCheck(folder.file('mine.ts')).make({ memory: 'sc' });
    expect(world.name).to.equal('pool');
    const { runs, failures } = allSchedules(world, 2);
    expect([...failures.keys()]).to.deep.equal([]);
    expect(runs).to.be.greaterThan(10);
  });

  it('is refused where the file exports none', () => {
    const file = folder.file('none.ts');
    writeFileSync(file, 'export const nothing = 1;\n');
    expect(() => findCheck(file).make({ memory: 'sc' })).to.throw(/exports no check/);
  });
});
