import { expect } from 'chai';
import { perfFrame, captureOf } from '../../../../testbench/perf/perfFrame';
import { withoutPeer } from '../../../../testbench/perf/perf';
import { parseStepCost } from '../../../../testbench/perf/peerDriver';
import { type Measured, median, type PerfSubject, resultOf } from '../../../../testbench/perf/results';
import { resultTable } from '../../../../testbench/perf/resultTable';
import { readCapture } from '../../../../emulator';
import { UsageError } from '../../../../shared/errors';
import { buildLibrary } from '../../../../testbench/peers/dpdk/cLibrary';
import { PeerOutputError } from '../../../../testbench/peers/dpdk/parse';
import { PeerEnded, PeerStarved, PeerStuck } from '../../../../testbench/peers/dpdk/peerExit';
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

const SUBJECT: PerfSubject = {
  ...{ mode: 'driver', side: 'guest', engine: 'ts', shape: 'scattered', path: 'rx' },
  ...{ bytes: 64, burst: 32, queues: 1, ports: 1 },
};

function measured(nsPerPacket: number[]): Measured {
  return { nsPerPacket, packets: 1, scavenges: null, bursts: null };
}

describe('figures of avp perf', () => {
  it("are parsed from testpmd's cycles as nanoseconds per packet, with the share of packets sent back", () => {
    expect(parseStepCost(STOPPED).nsPerPacket).to.be.closeTo(44.77, 0.01);
    expect(parseStepCost(STOPPED.replace('total cycles', 'busy cycles')).nsPerPacket).to.be.closeTo(44.77, 0.01);
    expect(parseStepCost(STOPPED).sentShare).to.equal(0);
    expect(parseStepCost(STOPPED.replace('TX-packets: 0', 'TX-packets: 1305760')).sentShare).to.equal(0.25);
    const withoutCycles = STOPPED.replace(/ *CPU cycles.*\n/, '');
    expect(() => parseStepCost(withoutCycles)).to.throw(PeerOutputError, /no cycles per packet/);
    // A testpmd that had no CPU forwards nothing, and tells no cycles.
    const idle = withoutCycles.replaceAll('5223040', '0');
    expect(parseStepCost(idle)).to.include({ nsPerPacket: Infinity, packets: 0 });
  });

  it('are medians with their spread, and the ratio of medians', () => {
    expect(median([5, 1, 3])).to.equal(3);
    expect(median([4, 1, 3, 2])).to.equal(2.5);
    const result = resultOf(SUBJECT, measured([90, 1_000, 80]), {
      dpdk: measured([40, 45, 60]),
      c: measured([30, 30, 45]),
    });
    expect(result).to.deep.equal({
      ...SUBJECT,
      ...{ hostBuffers: 16_384, ringSlots: 1_024 },
      ...{
        nsPerPacket: 90,
        leastNs: 80,
        mostNs: 1_000,
        packetsPerBurst: null,
        mpps: 11.11,
        scavengesPerMpackets: null,
      },
      peers: {
        dpdk: { nsPerPacket: 45, leastNs: 40, mostNs: 60, packetsPerBurst: null, ratio: 2 },
        c: { nsPerPacket: 30, leastNs: 30, mostNs: 45, packetsPerBurst: null, ratio: 3 },
      },
    });
    expect(resultTable([result])).to.deep.equal([
      'mode    shape      path  bytes  engine  ours ns    spread   Mpps  scav/M  peer     its ns  its spread  ratio',
      'driver  scattered  rx       64  ts         90.0  80..1000  11.11     n/a  net_avp    45.0      40..60   2.00',
      'driver  scattered  rx       64  ts         90.0  80..1000  11.11     n/a  C loop     30.0      30..45   3.00',
    ]);
  });

  it('name side, burst, ports and queues where one of them is not the usual one', () => {
    const lanes = resultOf({ ...SUBJECT, queues: 8, burst: 1 }, measured([1]), { c: measured([1]) });
    const host = resultOf({ ...SUBJECT, mode: 'round', side: 'host', path: 'io' }, measured([1]), { c: measured([1]) });
    expect(resultTable([lanes, host])).to.deep.equal([
      'mode    side   shape      path  bytes  burst  queues  engine  ours ns  spread     Mpps  scav/M  peer    its ns  its spread  ratio',
      'driver  guest  scattered  rx       64      1       8  ts          1.0    1..1  1000.00     n/a  C loop     1.0        1..1   1.00',
      'round   host   scattered  io       64     32       1  ts          1.0    1..1  1000.00     n/a  C host     1.0        1..1   1.00',
    ]);
  });

  it('say that devices are smaller where there are several ports', () => {
    const result = resultOf({ ...SUBJECT, ports: 64, queues: 8 }, measured([1]), { c: measured([1]) });
    expect(result).to.include({ hostBuffers: 1_024, ringSlots: 64 });
    expect(resultTable([result]).slice(2)).to.deep.equal([
      '64 ports of 8 queues: each device has 1024 host buffers and rings of 64 slots',
    ]);
  });

  it('tell how often memory was collected for a million packets, and how full the bursts were', () => {
    const ours = { nsPerPacket: [1], packets: 4_000_000, scavenges: 3, bursts: 128_000 };
    expect(resultOf(SUBJECT, ours, {})).to.include({ scavengesPerMpackets: 0.75, packetsPerBurst: 31.25 });
    expect(resultOf(SUBJECT, { ...ours, scavenges: 0 }, {}).scavengesPerMpackets).to.equal(0);
    expect(resultOf(SUBJECT, { ...ours, packets: 0 }, {}).scavengesPerMpackets).to.equal(null);
  });

  it('are n/a with the reason where they do not stand out from their noise, or no packet moved', () => {
    const noisy = measured([5, -3.14, 7, 6, 9]);
    const good = measured([40, 45, 60, 41, 42]);
    const range = 'the difference does not stand out from its noise: -3.1 to 9.0 ns in 5 runs';
    const mine = resultOf(SUBJECT, noisy, { dpdk: good });
    expect(mine).to.include({ nsPerPacket: null, mpps: null, reason: range, leastNs: -3.14, mostNs: 9 });
    expect(mine.peers.dpdk).to.include({ nsPerPacket: 42, ratio: null });
    const its = resultOf(SUBJECT, good, { dpdk: noisy });
    expect(its).to.include({ nsPerPacket: 42, mpps: 23.81 }).and.not.to.have.property('reason');
    expect(its.peers.dpdk).to.include({ nsPerPacket: null, ratio: null, reason: range });
    const none = resultOf(SUBJECT, measured([1, Infinity, 2]), { dpdk: good });
    expect(none).to.include({ nsPerPacket: null, leastNs: null, mostNs: null, reason: 'a run moved no packets' });
    expect(resultOf(SUBJECT, measured([0, 1, 2]), {}).nsPerPacket).to.equal(null);
    expect(resultTable([mine]).slice(1)).to.deep.equal([
      'driver  scattered  rx       64  ts          n/a   -3..9   n/a     n/a  net_avp    42.0      40..60    n/a',
      `n/a: driver, guest, scattered, rx, 64 bytes, burst 32, ours: ${range}`,
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

describe('avp perf whose peer fails', () => {
  const exit = { status: 1, signal: null, crash: null, lastOutput: 'EAL: panic' };
  const cases: readonly (readonly [error: Error, says: RegExp])[] = [
    [new PeerStarved("'start'", 30_000, 2_000), /^dpdk-testpmd could not be measured: 'start': no answer; [^\n]+$/],
    [new PeerEnded("'start'", exit), /^dpdk-testpmd could not be measured: 'start': the peer ended with status 1$/],
    [new PeerStuck("'stop'", 30_000, 'x'), /^dpdk-testpmd could not be measured: 'stop': no answer within 30000 ms/],
  ];
  for (const [error, says] of cases)
    it(`says so in one line, as of a lacking environment: ${error.name}`, () => {
      const told = withoutPeer(error);
      expect(told).to.be.instanceOf(UsageError);
      expect((told as Error).message).to.match(says);
    });

  it('hides no other error', () => {
    const error = new TypeError('a mistake of ours');
    expect(withoutPeer(error)).to.equal(error);
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
    ['--bursts 65', /numbers of packets from 1 to 64/],
    ['--queues 9', /numbers of queue pairs from 1 to 8/],
    ['--ports 0', /numbers of ports from 1 to 64/],
    ['--shapes simple,round', /expected scattered, simple, or several/],
    ['--mode driver,driver', /expected driver, round, serve, scale, or several/],
    ['--shapes simple --sizes 2049,9216', /up to 2048 bytes, and none of 2049, 9216 is/],
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
