import { expect } from 'chai';
import { perfFrame, captureOf } from '../../../../testbench/perf/perfFrame';
import { parseStepCost } from '../../../../testbench/perf/peerDriver';
import { median, resultOf, resultTable } from '../../../../testbench/perf/results';
import { readCapture } from '../../../../emulator';
import { UsageError } from '../../../../shared/errors';
import { buildLibrary } from '../../../../testbench/peers/dpdk/cLibrary';
import { PeerOutputError } from '../../../../testbench/peers/dpdk/parse';
import { avp } from '../../../support/cli';
import { TemporaryFolder } from '../../../support/temporaryFolder';

/** Recorded output of `stop` in testpmd of DPDK 22.11. */
const STOPPED = `
  +++++++++++++++ Accumulated forward statistics for all ports+++++++++++++++
  RX-packets: 5223040        RX-dropped: 0             RX-total: 5223040
  TX-packets: 0              TX-dropped: 0             TX-total: 0
  ++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++++

  CPU cycles/packet=109.70 (total cycles=572942580 / total rxonly packets=5223040) at 2450 MHz Clock

Done.
`;

describe('figures of avp perf', () => {
  it("are parsed from testpmd's cycles as nanoseconds per packet, with the share of packets sent back", () => {
    expect(parseStepCost(STOPPED).nsPerPacket).to.be.closeTo(44.77, 0.01);
    expect(parseStepCost(STOPPED.replace('total cycles', 'busy cycles')).nsPerPacket).to.be.closeTo(44.77, 0.01);
    expect(parseStepCost(STOPPED).sentShare).to.equal(0);
    expect(parseStepCost(STOPPED.replace('TX-packets: 0', 'TX-packets: 1305760')).sentShare).to.equal(0.25);
    expect(() => parseStepCost('Done.')).to.throw(PeerOutputError, /no cycles per packet/);
  });

  it('are medians and the ratio of medians', () => {
    expect(median([5, 1, 3])).to.equal(3);
    expect(median([4, 1, 3, 2])).to.equal(2.5);
    const subject = { mode: 'driver', engine: 'ts', shape: 'scattered', path: 'rx', bytes: 64, burst: 32 } as const;
    const result = resultOf(subject, [90, 1_000, 80], { dpdk: [40, 45, 60], c: [30, 30, 45] });
    expect(result).to.deep.equal({
      ...subject,
      queues: 1,
      ports: 1,
      nsPerPacket: 90,
      mpps: 11.11,
      peers: { dpdk: { nsPerPacket: 45, ratio: 2 }, c: { nsPerPacket: 30, ratio: 3 } },
    });
    const other = resultOf({ ...subject, mode: 'round', engine: 'wasm', path: 'io', bytes: 9_216 }, [1_234.56], {
      c: [1_000],
    });
    expect(resultTable([result, other])).to.deep.equal([
      'mode    shape      path  bytes  engine  ours ns   Mpps  peer     its ns  ratio',
      'driver  scattered  rx       64  ts         90.0  11.11  net_avp    45.0   2.00',
      'driver  scattered  rx       64  ts         90.0  11.11  C loop     30.0   3.00',
      'round   scattered  io     9216  wasm     1234.6   0.81  C host   1000.0   1.23',
    ]);
  });

  it('are n/a with the reason where they do not stand out from their noise, or no packet moved', () => {
    const subject = { mode: 'driver', engine: 'ts', shape: 'simple', path: 'tx', bytes: 64, burst: 32 } as const;
    const noisy = [5, -3.14, 7, 6, 9];
    const good = [40, 45, 60, 41, 42];
    const range = 'the difference does not stand out from its noise: -3.1 to 9.0 ns in 5 runs';
    const mine = resultOf(subject, noisy, { dpdk: good });
    expect(mine).to.include({ nsPerPacket: null, mpps: null, reason: range });
    expect(mine.peers.dpdk).to.deep.equal({ nsPerPacket: 42, ratio: null });
    const its = resultOf(subject, good, { dpdk: noisy });
    expect(its).to.include({ nsPerPacket: 42, mpps: 23.81 }).and.not.to.have.property('reason');
    expect(its.peers.dpdk).to.deep.equal({ nsPerPacket: null, ratio: null, reason: range });
    expect(resultOf(subject, [1, Infinity, 2], { dpdk: good }).reason).to.equal('a run moved no packets');
    expect(resultOf(subject, [0, 1, 2], { dpdk: good }).nsPerPacket).to.equal(null);
    expect(resultTable([mine]).slice(1)).to.deep.equal([
      'driver  simple  tx       64  ts          n/a   n/a  net_avp    42.0    n/a',
      `n/a: driver, simple, tx, 64 bytes, ours: ${range}`,
    ]);
  });

  it('come from distinct frames of the requested size', () => {
    const frames = [0, 1, 2].map((index) => perfFrame(64, 7, index));
    expect(frames.map(({ length }) => length)).to.deep.equal([64, 64, 64]);
    expect(new Set(frames.map(String)).size).to.equal(3);
    expect(perfFrame(64, 7, 1)).to.deep.equal(frames[1]);
    expect(
      readCapture(captureOf(frames), 'frames').frames.map(({ bytes }) => Buffer.from(bytes).toString('hex')),
    ).to.deep.equal(frames.map((frame) => Buffer.from(frame).toString('hex')));
  });
});

describe('avp perf, used wrongly', () => {
  const folder = new TemporaryFolder().perTest();
  const cases: readonly (readonly [args: string, says: RegExp])[] = [
    ['--peer nobody', /'nobody' is no peer: expected c or dpdk/],
    ['--sizes 59', /from 60 to 9238/],
    ['--sizes 9239', /from 60 to 9238/],
    ['--sizes 64,64', /each once/],
    ['--sizes 64,', /expected numbers of bytes/],
    ['--sizes 6e1', /expected numbers of bytes/],
    ['--json /nowhere/at/all', /cannot write/],
    ['more', /too many arguments/],
  ];
  for (const [args, says] of cases)
    it(`refuses ${args} in one line`, async () => {
      const { status, out, err } = await avp('perf', ...args.split(' '));
      expect({ status, out }).to.deep.equal({ status: 2, out: '' });
      expect(err.replace(/^seed \d+\n/, ''))
        .to.match(says)
        .and.match(/^avp: [^\n]*\n$/);
    });

  it('names the compiler that is missing', async () => {
    const error = await buildLibrary('testbench/perf/hostLoop.c', folder.path, 'the C host', 'no-such-compiler').catch(
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(UsageError);
    expect((error as Error).message).to.match(/^the C host cannot be built with no-such-compiler: [^\n]+$/);
  });
});
