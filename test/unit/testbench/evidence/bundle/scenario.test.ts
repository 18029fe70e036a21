import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { readCaptureFile } from '../../../../../emulator';
import { packageRoot } from '../../../../../testbench/runtime/package';
import { avp } from '../../../../support/cli';
import { reproduce } from './reproduce';
import { TemporaryFolder } from '../../../../support/temporaryFolder';

const FAULT = 'AVP_TEST_FAULT';
const FIXTURE = relative(process.cwd(), join(packageRoot(), 'test/unit/testbench/evidence/bundle/fixture/onDemand.ts'));

describe('avp run --bundle', () => {
  const folder = new TemporaryFolder().perTest();

  afterEach(() => {
    delete process.env[FAULT];
  });

  it('collects everything that explains a failure in one folder, with a test that fails as long as the fault exists', async () => {
    process.env[FAULT] = 'planted';
    const bundle = folder.file('a', 'bundle');
    const { status, out } = await avp(
      'run',
      FIXTURE,
      '--mode',
      'inline',
      '--set',
      'frames=3',
      '--seed',
      '7',
      '--bundle',
      bundle,
    );
    delete process.env[FAULT];
    expect(status).to.equal(1);
    expect(readdirSync(bundle)).to.deep.equal(['on-demand']);
    expect(out).to.include(join(bundle, 'on-demand'));

    const path = (name: string): string => join(bundle, 'on-demand', name);
    const text = (name: string): string => readFileSync(path(name), 'utf8');
    expect(text('failure.txt'))
      .to.include('there is no fault')
      .and.include('seed: 7')
      .and.include(`replay: npx avp run ${FIXTURE} --mode inline --set frames=3 --seed 7`);
    expect(JSON.parse(text('result.json'))).to.deep.include({ scenario: 'on/demand', seed: 7, verdict: 'fail' });
    const { interfaces, frames } = readCaptureFile(path('packets.pcapng'));
    expect(interfaces.map(({ name }) => name)).to.deep.equal(['alice/lan', 'bob/lan']);
    expect(frames).to.have.length(12);
    expect(text('timeline.txt'))
      .to.match(/0\.000 {2}guest +alice\/lan: bound by driver avp/)
      .and.match(/request +bob\/lan: request 3, device config: 1 receive/)
      .and.match(/answer +bob\/lan: to request 2: 0/)
      .and.match(/bench +expects: there is no fault -> no: "planted"/);

    process.env[FAULT] = 'planted';
    const { passed, failures } = await reproduce(path('reproduce.test.cjs'));
    expect(passed).to.equal(0);
    expect(failures).to.deep.equal([
      'scenario on/demand ended with fail\nthere is no fault: expected undefined, actual "planted"',
    ]);
    delete process.env[FAULT];
    expect(await reproduce(path('reproduce.test.cjs'))).to.deep.equal({ passed: 1, failures: [] });
  });

  it('makes the folder and leaves it empty if all is well', async () => {
    const bundle = folder.file('bundle');
    expect((await avp('run', FIXTURE, '--bundle', bundle)).status).to.equal(0);
    expect(readdirSync(bundle)).to.deep.equal([]);
  });

  it('refuses a folder that is not empty or cannot be made, with status 2 and one line', async () => {
    mkdirSync(folder.file('full'));
    writeFileSync(folder.file('full', 'file'), '');
    for (const [path, says] of [
      ['full', /is not empty; name a folder that is new or empty/],
      ['full/file', /cannot write a bundle to .* is no folder/],
      ['full/file/x', /cannot write/],
    ] as const)
      for (const command of [
        ['run', FIXTURE],
        ['conform', 'mac/1'],
      ]) {
        const { status, out, err } = await avp(...command, '--bundle', folder.file(path));
        expect(status).to.equal(2);
        expect(out).to.equal('');
        expect(err.replace(/^seed \d+\n/, ''))
          .to.match(says)
          .and.match(/^avp: [^\n]+\n$/);
      }
  });
});
