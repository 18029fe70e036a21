import { expect } from 'chai';
import { buildVariant } from '../../../../testbench/mutants/build/apply';
import { fixedDelay } from '../../../../testbench/mutants/catalog/fixedDelay';
import { WorkerPool } from '../../../../testbench/explore/engine';
import { steppedMigration, type SteppedMigration, variantOf } from '../../../../testbench/explore/avp/steppedMigration';

describe('stalled-burst', () => {
  const stall = { direction: 'transmit', access: 20, forMs: 60 } as const;
  const order = { seed: 7, driver: 'fixed-delay', stall };
  let pool: WorkerPool;
  let broken: SteppedMigration;

  before(async () => {
    pool = new WorkerPool({ variant: variantOf('fixed-delay') });
    broken = await steppedMigration(order, pool);
  });

  after(async () => pool.close());

  it('finds the damage of a driver that does not wait for its bursts', () => {
    expect(broken.error).to.equal(null);
    expect(broken.migration?.outcome).to.equal('completed');
    expect(broken.findings?.lostBuffers).to.be.above(0);
    expect(broken.findings?.contradictions).to.not.deep.equal({});
    expect(broken.violations).to.not.deep.equal([]);
  });

  it('shows in its timeline that the burst went on after the whole migration', () => {
    const at = (what: RegExp): number => broken.timeline.findIndex((line) => what.test(line));
    const held = at(/sender is held up for 60 ms after a .* packet buffers of the source.*\(driver\/loops\/tx\w*\)/);
    const [detached, ended, goesOn] = [at(/driver: detached/), at(/migration: ended/), at(/sender goes on$/)];
    expect([held, detached, ended, goesOn]).to.deep.equal([held, detached, ended, goesOn].sort((a, b) => a - b));
    expect(held).to.be.at.least(0);
    expect(broken.timeline.slice(goesOn).join('\n')).to.match(/sender goes on with a store of .* of the destination/);
  });

  it('is repeated in every detail by its token', async () => {
    const again = await steppedMigration({ ...order, schedule: broken.token }, pool);
    expect(again).to.deep.equal(broken);
  });

  it('uses a broken driver that differs from the product only in migration.ts', () => {
    expect(Object.keys(buildVariant(fixedDelay))).to.deep.equal(['driver/migration']);
  });
});
