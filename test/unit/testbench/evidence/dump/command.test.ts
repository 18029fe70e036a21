import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { packageRoot } from '../../../../../testbench/runtime/package';
import { avp } from '../../../../support/cli';
import { eventsOf, readTrace } from '../trace/validate';
import { TemporaryFolder } from '../../../../support/temporaryFolder';

const FAULT = 'AVP_TEST_FAULT';
const FIXTURE = relative(process.cwd(), join(packageRoot(), 'test/unit/testbench/evidence/bundle/fixture/onDemand.ts'));

describe('avp run --dump, --trace and avp inspect', () => {
  const folder = new TemporaryFolder().perTest();

  afterEach(() => {
    delete process.env[FAULT];
  });

  it('save the memory and the timeline of a failure, and show them', async () => {
    process.env[FAULT] = 'planted';
    const [dump, trace] = [folder.file('dump'), folder.file('trace.json')];
    const run = await avp('run', FIXTURE, '--seed', '7', '--dump', dump, '--trace', trace);
    expect(run.status).to.equal(1);
    expect(run.out).to.include(`dump: ${dump} (avp inspect ${dump} shows what is in it)`);

    const timeline = readTrace(readFileSync(trace, 'utf8'));
    expect(timeline.metadata).to.include({ scenario: 'on/demand', seed: 7, mode: 'inline', verdict: 'fail' });
    expect(eventsOf(timeline, 'bench', 'expectations').map(({ name }) => name)).to.include('missed: there is no fault');

    const shown = await avp('inspect', dump);
    expect(shown).to.include({ status: 0, err: 'seed 7\n' });
    expect(shown.out)
      .to.include('scenario on/demand frames=5, seed 7')
      .and.include('no problems: everything fits together');

    const whole = await avp('inspect', dump, '--json', '-', '--quiet');
    const result = JSON.parse(whole.out) as { devices: { name: string }[]; versions: object; scenario: string };
    expect(result.scenario).to.equal('on/demand');
    expect(result.devices.map(({ name }) => name)).to.deep.equal(['alice.nic0', 'bob.nic0']);
    expect(result.versions).to.have.keys('tool', 'dump');
    expect(whole.out).to.not.include(folder.path);

    const again = await avp('run', FIXTURE, '--dump', dump);
    expect(again).to.deep.include({ status: 2, out: '' });
    expect(again.err).to.match(
      /avp: cannot write a dump to .*: it is not empty; name a folder that is new or empty\n$/,
    );

    expect(await avp('inspect', dump, '--seed', '8')).to.deep.equal({
      status: 2,
      out: '',
      err: `avp: ${dump} was made with seed 7, not 8\n`,
    });
    writeFileSync(join(dump, 'arena.gz'), 'no gzip');
    const broken = await avp('inspect', dump);
    expect(broken).to.include({ status: 2, out: '' });
    expect(broken.err).to.match(/^avp: cannot read a dump from [^\n]+: it was cut off; [^\n]+\n$/);
  });

  it('write no dump if the scenario passes, and say so', async () => {
    const dump = folder.file('dump');
    const { status, err } = await avp('run', FIXTURE, '--dump', dump);
    expect(status).to.equal(0);
    expect(err).to.include('the scenario passed: no dump written\n');
    expect(existsSync(dump)).to.equal(false);
  });
});
