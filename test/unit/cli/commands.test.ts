import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { readCaptureFile } from '../../../emulator';
import { loadScenario, scenarioFile } from '../../../testbench/run/findScenario';
import { runScenario } from '../../../testbench/run/runScenario';
import { avp } from '../../support/cli';
import { TemporaryFolder } from '../../support/temporaryFolder';

describe('avp boot', () => {
  it('lists three PCI devices, two of them bound by the AVP driver', async () => {
    const nics = ['--nic', 'net-id=A', '--nic', 'net-id=B,vif-model=avp', '--nic', 'net-id=C,vif-model=avp'];
    const { status, out, err } = await avp('boot', ...nics, 'my-instance1', '--json', '-');
    const { devices } = JSON.parse(out) as { devices: { driver: string | null; class: string; network: string }[] };
    expect(status).to.equal(0);
    expect(devices.map((device) => [device.network, device.class, device.driver])).to.deep.equal([
      ['A', 'Ethernet controller', null],
      ['B', 'RAM memory', 'avp'],
      ['C', 'RAM memory', 'avp'],
    ]);
    expect(err)
      .to.include('my-instance1: 3 PCI devices, 2 bound by the AVP driver')
      .and.match(/^seed 1\n/);
  });

  it('prints only the seed if all is well and --quiet is given', async () => {
    expect(await avp('boot', '--nic', 'net-id=A', '--quiet')).to.deep.equal({ status: 0, out: '', err: 'seed 1\n' });
  });
});

describe('avp conform', () => {
  it('runs clauses in a worker on the watched memory and prints one JSON result', async () => {
    const { status, out, err } = await avp('conform', 'mac/1', 'fifo/7', '--seed', '7', '--json', '-');
    const result = JSON.parse(out) as { counts: unknown; clauses: { id: string; verdict: string }[] };
    expect(status).to.equal(0);
    expect(result).to.include({ target: 'avp', seed: 7 });
    expect(result.counts).to.deep.equal({ pass: 2, fail: 0, waived: 0, skip: 0, blocked: 0, error: 0 });
    expect(result.clauses.map(({ id, verdict }) => `${id} ${verdict}`)).to.deep.equal(['fifo/7 pass', 'mac/1 pass']);
    expect(err)
      .to.match(/^seed 7\n/)
      .and.include('2 clauses: 2 passed');
  });

  it('lists the clauses that it would run', async () => {
    const { status, out } = await avp('conform', 'rx/3', 'mac', '--exclude', 'mac/2', '--list');
    expect(status).to.equal(0);
    const [first, ...others] = out
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[0]!);
    expect(first).to.equal('rx/3');
    expect(others).to.include.members(['mac/1', 'mac/3']).and.not.include('mac/2');
    expect(others.filter((id) => !id.startsWith('mac/'))).to.deep.equal([]);
  });
});

describe('avp run', () => {
  const folder = new TemporaryFolder().perTest();

  it('gives the same result for the same seed, with and without a worker, and reports every port', async () => {
    const file = folder.file('a.json');
    expect((await avp('run', 'three-nics', '--seed', '9', '--json', file)).status).to.equal(0);
    const { versions, complete, ...result } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    const order = { seed: 9, settings: new Map<string, string>(), record: false };
    const again = await runScenario(loadScenario(scenarioFile('three-nics')), order);
    expect(result).to.deep.equal(again.result);
    expect(complete).to.equal(true);
    expect(versions).to.have.property('tool');
    expect(again.result).to.include({ verdict: 'pass', mode: 'inline' });
    expect(again.result.ports).to.have.length(8);
    for (const port of again.result.ports) expect(port).to.deep.include({ offered: 200, delivered: 200, dropped: {} });
  });

  it('records the frames that cross the near and the far port of a replay', async () => {
    const file = folder.file('out.pcapng');
    expect((await avp('run', 'replay-capture', '--pcap', file)).status).to.equal(0);
    const { interfaces, frames } = readCaptureFile(file);
    expect(interfaces.map(({ name }) => name)).to.deep.equal(['near', 'far']);
    const [near, far] = [0, 1].map((index) =>
      frames.filter((frame) => frame.interfaceIndex === index).map(({ bytes }) => bytes),
    );
    expect(near).to.have.length.above(100);
    expect(far).to.deep.equal(near);
  });
});

describe('avp run, with ranges that are expected', () => {
  const folder = new TemporaryFolder().perTest();

  for (const mode of ['inline', 'threads'] as const)
    it(`prints the numbers and their bounds, in mode ${mode}`, async () => {
      const file = folder.file('ranges.js');
      writeFileSync(
        file,
        `const { scenario } = require('avp-testbench');
        exports.ranges = scenario({ name: 'ranges', about: 'x', modes: ['inline', 'threads'] }, async (bench) => {
          bench.expect.atLeast('enough', 5, 3, 'frames');
          bench.expect.atMost('short', 31.5, 20, 'ms');
        });`,
      );
      const { status, out, err } = await avp('run', file, '--mode', mode, '--json', '-');
      expect(status).to.equal(1);
      expect(err)
        .to.include('  ✔ enough: 5 frames, at least 3 frames\n')
        .and.include('  ✘ short: 31.5 ms, at most 20 ms\n')
        .and.include('    short: expected at most 20 ms, actual 31.5 ms\n');
      const { expectations } = JSON.parse(out) as { expectations: unknown[] };
      expect(expectations[1]).to.deep.equal({
        what: 'short',
        ok: false,
        measured: { actual: 31.5, atMost: 20, unit: 'ms' },
      });
    });
});
