import { expect } from 'chai';
import { migrationTable } from '../../../cli/migrationTable';
import type { MigrationReport } from '../../../testbench/api/result';
import { avp } from '../../support/cli';

const GOOD: MigrationReport = {
  instance: 'vm',
  from: 'here',
  to: 'there',
  outcome: 'completed',
  cause: null,
  node: 'there',
  downtimeMs: 31.26,
  ringsAtDetach: { tx: 0, rx: 0, alloc: 0, free: 0 },
  lostByCause: { 'host lostAtDetach': 3, 'switch moving': 240 },
  lostFeatures: {},
  timeline: [],
};

describe('the table of migrations', () => {
  it('has outcome, downtime, losses by cause, and why a migration did not complete', () => {
    const cause = "the guest refused the attach of vm.nic0 at 'there'";
    const refused = {
      ...GOOD,
      instance: 'a-long-name',
      outcome: 'refused',
      cause,
      downtimeMs: 5,
      lostByCause: {},
    } as const;
    expect(migrationTable([GOOD, refused]).split('\n')).to.deep.equal([
      '     instance     from  to     outcome    downtime  lost by cause                           why',
      '  1  vm           here  there  completed   31.3 ms  host lostAtDetach 3, switch moving 240',
      `  2  a-long-name  here  there  refused      5.0 ms  -                                       ${cause}`,
    ]);
  });

  it('stays one line for each, whatever a script calls its instances', () => {
    expect(migrationTable([{ ...GOOD, instance: 'v\nm\x1b[2J' }]).split('\n')).to.have.length(2);
  });

  it('is printed by avp run', async () => {
    const { out } = await avp('run', 'migrate-refused');
    expect(out).to.match(/\n +instance +from +to +outcome +downtime +lost by cause +why\n/);
    expect(out.match(/\n {2}\d {2}vm +source +destination +refused +[\d.]+ ms .*the guest refused/g)).to.have.length(3);
  });
});
