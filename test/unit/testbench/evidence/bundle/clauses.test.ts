import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { readCaptureFile } from '../../../../../emulator';
import { Bundle } from '../../../../../testbench/evidence/bundle/bundle';
import { bundleClauses } from '../../../../../testbench/conformance/bundle';
import type { RunReport } from '../../../../../testbench/conformance/report';
import { findClause } from '../../../../../testbench/conformance/registry';
import { replayClause } from '../../../../../testbench/replay';
import { readResult } from '../../../../../testbench/conformance/result';
import { runClauses } from '../../../../../testbench/conformance/runner';
import { TemporaryFolder } from '../../../../support/temporaryFolder';

const MODULE = 'test/unit/testbench/evidence/bundle/faultyWorker';

function runOf(target: string, results: RunReport['results']): RunReport {
  return {
    target: { name: target, version: '1' },
    toolVersion: '1',
    engine: 'ts',
    seed: 7,
    startedAt: '2020-01-01T00:00:00.000Z',
    durationMs: 9,
    results,
    waivers: null,
  };
}

describe('bundle of clauses', () => {
  const folder = new TemporaryFolder().perTest();

  it('has one folder for each clause that neither passed nor was skipped', async () => {
    const settings = { target: 'avp', print: process.stderr, module: MODULE } as const;
    const clauses = ['mac/1', 'mac/2', 'mac/3'].map(findClause);
    const results = await runClauses(clauses, { ...settings, seed: 7, repeat: 1, bail: false });
    const run = runOf('avp', results);
    await bundleClauses(new Bundle(folder.path), run, results, settings);
    expect(readdirSync(folder.path)).to.deep.equal(['mac-1', 'mac-2']);

    const { clauses: written, seed } = readResult(folder.file('mac-1', 'result.json'));
    expect(seed).to.equal(7);
    expect(written.map(({ id, verdict }) => `${id} ${verdict}`)).to.deep.equal(['mac/1 fail']);
    const { interfaces, frames } = readCaptureFile(folder.file('mac-1', 'packets.pcapng'));
    expect(interfaces.map(({ name }) => name)).to.deep.equal(['0000:00:03.0', '0000:00:04.0']);
    expect(frames.map(({ bytes }) => bytes.length)).to.deep.equal([60, 9_014]);
    expect(readFileSync(folder.file('mac-1', 'timeline.txt'), 'utf8').split('\n').slice(1)).to.deep.equal([
      '       2.500  request     0000:00:03.0: request 4, shut down',
      '       2.500  packet      0000:00:03.0: 60 bytes to the guest, changed on purpose: descriptor 0: nb_segs = 0x0',
      '       2.500  packet      0000:00:04.0: 9014 bytes from the guest',
      '',
    ]);
    expect(readFileSync(folder.file('mac-1', 'failure.txt'), 'utf8'))
      .to.include('replay: npx avp conform mac/1 --seed 7')
      .and.include('a fault on purpose');
    expect(readFileSync(folder.file('mac-1', 'reproduce.test.cjs'), 'utf8')).to.include(
      'replayClause({"id":"mac/1","seed":7,"target":"avp"})',
    );

    expect(readdirSync(folder.file('mac-2'))).to.have.members(['failure.txt', 'result.json', 'reproduce.test.cjs']);
    expect(readFileSync(folder.file('mac-2', 'failure.txt'), 'utf8'))
      .to.include('a crash on purpose')
      .and.include('No packets and no timeline');
  });

  it('leaves out a failure that is waived', async () => {
    const settings = { target: 'avp', print: process.stderr, module: MODULE } as const;
    const [failed] = await runClauses([findClause('mac/1')], { ...settings, seed: 7, repeat: 1, bail: false });
    const waived = { ...failed!, verdict: 'waived' } as const;
    expect(await bundleClauses(new Bundle(folder.path), runOf('avp', [waived]), [waived], settings)).to.deep.equal([]);
  });

  it('separates failures by target, and names the build of the driver', async () => {
    const settings = {
      target: 'dpdk',
      peer: { testpmd: 'build/testpmd' },
      print: process.stderr,
      module: MODULE,
    } as const;
    const results = await runClauses([findClause('mac/1')], { ...settings, seed: 7, repeat: 1, bail: false });
    const run = runOf('dpdk', results);
    expect(await bundleClauses(new Bundle(folder.path), run, results, settings)).to.deep.equal([
      folder.file('dpdk-mac-1'),
    ]);
    expect(readFileSync(folder.file('dpdk-mac-1', 'reproduce.test.cjs'), 'utf8')).to.include(
      'replayClause({"id":"mac/1","seed":7,"target":"dpdk","peer":{"testpmd":"build/testpmd"}})',
    );
  });

  it('replays a clause by id and seed, and names an unknown clause or target', async () => {
    await replayClause({ id: 'mac/1', seed: 7 });
    for (const order of [
      { id: 'mac/99', seed: 1 },
      { id: 'mac/1', seed: 1, target: 'nope' },
    ])
      expect(await replayClause(order).catch((error: Error) => error.message)).to.match(
        /no (clause mac\/99|target nope: expected avp)/,
      );
  });
});
