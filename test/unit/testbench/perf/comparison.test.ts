import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { UsageError } from '../../../../shared/errors';
import { changeLists, comparePerf } from '../../../../testbench/perf/comparison';
import { type PerfMachine, thisMachine } from '../../../../testbench/perf/machine';
import { readPerfFile } from '../../../../testbench/perf/perfFile';
import { type Measured, type PerfResult, type PerfSubject, resultOf } from '../../../../testbench/perf/results';
import { avp } from '../../../support/cli';
import { TemporaryFolder } from '../../../support/temporaryFolder';

const SUBJECT: PerfSubject = {
  ...{ mode: 'driver', side: 'guest', engine: 'wasm', shape: 'scattered', path: 'rx' },
  ...{ bytes: 64, burst: 32, queues: 1, ports: 1 },
};

function measured(...nsPerPacket: number[]): Measured {
  return { nsPerPacket, packets: 1, scavenges: null, bursts: null };
}

function result(ours: Measured, c: Measured, dpdk: Measured, subject: Partial<PerfSubject> = {}): PerfResult {
  return resultOf({ ...SUBJECT, ...subject }, ours, { c, dpdk });
}

describe('a comparison of two runs of avp perf', () => {
  const slow = measured(60, 70, 80);
  const fast = measured(40, 50, 55);
  const between = measured(50, 60, 70);

  function kind(old: PerfResult | null, now: PerfResult | null): string {
    const [change] = comparePerf(old === null ? [] : [old], now === null ? [] : [now]);
    return change!.kind;
  }

  it('counts what lies beyond the spread of both, in either direction', () => {
    expect(kind(result(fast, fast, fast), result(slow, fast, fast))).to.equal('slower');
    expect(kind(result(slow, fast, fast), result(fast, fast, fast))).to.equal('faster');
    expect(kind(result(fast, fast, fast), result(between, fast, fast))).to.equal('same');
    expect(kind(result(slow, fast, fast), result(between, fast, fast))).to.equal('same');
  });

  it('puts it down to the machine if all peers became slower as well', () => {
    expect(kind(result(fast, fast, fast), result(slow, slow, slow))).to.equal('drift');
    expect(kind(result(fast, fast, fast), result(slow, slow, between))).to.equal('slower');
    expect(kind(resultOf(SUBJECT, fast, {}), resultOf(SUBJECT, slow, {}))).to.equal('slower');
  });

  it('says nothing of figures that are missing, and names results of one run only', () => {
    const none = result(measured(-1, 2, 3), fast, fast);
    expect(kind(none, result(slow, fast, fast))).to.equal('same');
    expect(kind(result(fast, fast, fast), none)).to.equal('same');
    expect(kind(null, none)).to.equal('new');
    expect(kind(none, null)).to.equal('gone');
  });

  it('pairs results by their subject, whatever the engine, and lists the worst first', () => {
    const lanes = { ports: 64, queues: 8 };
    const old = [result(slow, fast, fast), result(fast, fast, fast, { ...lanes, engine: 'ts' })];
    const now = [result(slow, fast, fast, lanes), result(fast, fast, fast), result(fast, fast, fast, { burst: 1 })];
    expect(changeLists(comparePerf(old, now)).map(({ heading, lines }) => [heading, ...lines])).to.deep.equal([
      [
        'Slower, beyond the spread',
        'driver guest scattered rx 64 B, burst 32, 64 x 8 queues: 50.0 ns (40..55, ts) -> 70.0 ns (60..80, wasm), +40 %',
      ],
      [
        'Faster, beyond the spread',
        'driver guest scattered rx 64 B, burst 32, 1 x 1 queues: 70.0 ns (60..80, wasm) -> 50.0 ns (40..55, wasm), -29 %',
      ],
      ['New', 'driver guest scattered rx 64 B, burst 1, 1 x 1 queues: 50.0 ns (40..55, wasm)'],
    ]);
  });
});

describe('the earlier run of a comparison', () => {
  const folder = new TemporaryFolder().perTest();
  const here = thisMachine();

  function written(content: unknown): string {
    const file = folder.file('old.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  }

  function file(machine: PerfMachine): object {
    const results = [result(measured(1), measured(2), measured(-1, 2))];
    return { versions: { tool: '0.1.0' }, seed: 1, machine, results, scale: null };
  }

  it('is read as it was written', () => {
    const read = readPerfFile(written(file(here)));
    expect(read.results[0]).to.include({ nsPerPacket: 1, leastNs: 1, path: 'rx', ports: 1 });
    expect(read.results[0]!.peers['dpdk']).to.deep.equal({ nsPerPacket: null, leastNs: -1, mostNs: 2 });
  });

  const cases: readonly (readonly [what: string, content: () => unknown, says: RegExp])[] = [
    ['of another CPU', () => file({ ...here, cpuModel: 'Z80' }), /another machine or Node.*its CPU is Z80, here it is/],
    ['of another number of CPUs', () => file({ ...here, cpus: 99 }), /its number of CPUs is 99, here it is \d/],
    ['of another Node', () => file({ ...here, node: 'v8.0.0' }), /its Node is v8\.0\.0, here it is v/],
    ['without a machine', () => ({ results: [] }), /is no result of avp perf: versions/],
    ['that is no JSON', () => '{', /is no JSON/],
    ['with a figure that is no number', () => ({ ...file(here), results: [{ mode: 'driver' }] }), /results\[0\]\.side/],
  ];
  for (const [what, content, says] of cases)
    it(`is refused before anything is measured: ${what}`, async () => {
      const path = written(content());
      expect(() => readPerfFile(path)).to.throw(UsageError, says);
      const { status, out, err } = await avp('perf', '--compare', path);
      expect({ status, out }).to.deep.equal({ status: 2, out: '' });
      expect(err.replace(/^seed \d+\n/, '')).to.match(/^avp: [^\n]*\n$/);
    });

  it('is not replaced by a report', async () => {
    const path = written(file(here));
    for (const option of ['--json', '--html']) {
      const { status, err } = await avp('perf', '--compare', path, option, path);
      expect(status).to.equal(2);
      expect(err).to.match(/a report would replace/);
    }
  });
});
