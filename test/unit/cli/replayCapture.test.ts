import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import type { ScenarioResult } from '../../../testbench/api/result';
import { avp, type CliRun } from '../../support/cli';
import { TemporaryFolder } from '../../support/temporaryFolder';
import { describeInterface, enhanced, LITTLE, pcapHeader, pcapRecord, section } from '../emulator/capture/build';

const PPP = 113;

/** An Ethernet frame of a given length. */
function frame(bytes: number): Buffer {
  const header = Buffer.from('02000000000202000000000108a1', 'hex');
  return Buffer.concat([header, Buffer.alloc(Math.max(0, bytes - header.length), 0x5a)]).subarray(0, bytes);
}

/** A pcap file of frames, each given by its captured length and, if it was cut, its length on the wire. */
function pcap(...frames: readonly (readonly [bytes: number, original?: number])[]): Buffer {
  const records = frames.map(([bytes, original = bytes]) =>
    pcapRecord(LITTLE, [1, 0], frame(bytes), [bytes, original]),
  );
  return Buffer.concat([pcapHeader(LITTLE), ...records]);
}

describe('avp run replay-capture', () => {
  const folder = new TemporaryFolder().perTest();

  const replay = async (bytes: Uint8Array, ...more: readonly string[]): Promise<CliRun> => {
    writeFileSync(folder.file('x.cap'), bytes);
    return avp('run', 'replay-capture', '--set', `capture=${folder.file('x.cap')}`, ...more);
  };

  const refusal = async (bytes: Uint8Array, ...more: readonly string[]): Promise<string> => {
    const { status, out, err } = await replay(bytes, ...more);
    expect(status).to.equal(2);
    expect(out).to.equal('');
    expect(err).to.match(/^avp: [^\n]*x\.cap[^\n]*$/m);
    return err;
  };

  it('says what a frame costs from the moment traffic starts, and how much memory the run takes', async () => {
    const { status, out } = await replay(pcap(...Array.from({ length: 40 }, () => [60] as const)));
    expect(status).to.equal(0);
    expect(out).to.match(
      /^CPU time per frame: \d+\.\d us in the second half, \d+\.\d us in all, while .* compiled; peak memory [1-9]\d* MiB$/m,
    );
  });

  it('plays a capture as often as it is told, and compares every frame', async () => {
    const { status, out } = await replay(pcap([60], [61], [62]), '--set', 'rounds=4', '--json', '-');
    expect(status).to.equal(0);
    const { expectations, ports } = JSON.parse(out.slice(out.indexOf('{'))) as ScenarioResult;
    expect(expectations.map(({ what }) => what)).to.include('all 12 frames come out at the far port');
    expect(ports.find(({ name }) => name === 'near')).to.include({ offered: 12, delivered: 12 });
    for (const rounds of ['0', 'x', '1.5']) {
      const refused = await replay(pcap([60]), '--set', `rounds=${rounds}`);
      expect(refused.status).to.equal(2);
      expect(refused.err).to.include("player 'near': rounds ").and.include('expected a whole number from 1');
    }
  });

  it('refuses a capture without frames', async () => {
    expect(await refusal(pcap())).to.include('the capture holds no frames');
    const described = Buffer.concat([section(LITTLE), describeInterface(LITTLE)]);
    expect(await refusal(described)).to.include('the capture holds no frames');
  });

  it('replays a file whose interface of another link type has no packet', async () => {
    const file = [section(LITTLE), describeInterface(LITTLE, [], 0, PPP), describeInterface(LITTLE)];
    expect(await replay(Buffer.concat([...file, enhanced(LITTLE, 1, 1n, frame(60))]))).to.include({ status: 0 });
  });

  it('refuses a packet of another link type, and says how to keep the Ethernet frames', async () => {
    const interfaces = [section(LITTLE), describeInterface(LITTLE), describeInterface(LITTLE, [], 0, PPP)];
    const packets = [0, 1].map((index) => enhanced(LITTLE, index, 1n, frame(60)));
    expect(await refusal(Buffer.concat([...interfaces, ...packets])))
      .to.include('found packet 2 of interface 1 with link type 113, expected link type 1 (Ethernet)')
      .and.include("tshark -r FILE -Y 'frame.encap_type == 1' -w ethernet.pcapng");
  });

  for (const bytes of [13, 0])
    it(`refuses a frame of ${bytes} bytes as too short for Ethernet, without advice on offloads`, async () => {
      expect(await refusal(pcap([60], [bytes])))
        .to.include(`frame 2 of the capture has ${bytes} bytes`)
        .and.include('too short to be Ethernet')
        .and.not.include('TSO');
    });

  it('refuses frames that are cut or too long, with the advice that fits', async () => {
    expect(await refusal(pcap([60, 1_514])))
      .to.include('frame 1 of the capture is cut to 60 of 1514 bytes')
      .and.include('tcpdump -s 0')
      .and.include('unfit=skip')
      .and.not.include('TSO');
    expect(await refusal(pcap([96, 300_000])))
      .to.include('is cut to 96 of 300000 bytes')
      .and.include('TSO, GSO and GRO');
    expect(await refusal(pcap([9_239])))
      .to.include('has 9239 bytes, expected 14 to 9238')
      .and.include('TSO, GSO and GRO');
  });

  it('leaves unfit frames out on request, and counts them by cause', async () => {
    const file = pcap([60], [60, 1_514], [96, 300_000], [9_239], [13], [64]);
    const { status, out } = await replay(file, '--set', 'unfit=skip', '--json', '-');
    expect(status).to.equal(0);
    const { expectations, ports } = JSON.parse(out) as {
      expectations: { what: string }[];
      ports: { name: string }[];
    };
    expect(expectations[0]!.what).to.equal('all 2 frames come out at the far port');
    expect(ports.find(({ name }) => name === 'near')).to.deep.equal({
      name: 'near',
      offered: 6,
      delivered: 2,
      dropped: { 'capture cut': 2, 'capture too_long': 1, 'capture too_short': 1 },
    });
    const printed = await replay(file, '--set', 'unfit=skip');
    expect(printed.out).to.match(/near.*capture cut 2/);
  });

  it('takes time for a long capture that grows with its frames', async () => {
    const startUs = process.cpuUsage();
    expect(await replay(pcap(...Array.from({ length: 32_000 }, () => [64] as const)))).to.include({ status: 0 });
    const { user } = process.cpuUsage(startUs);
    // A list copied at each access took 17 s. A frame takes about 15 us.
    expect(user / 1e6, 'seconds of CPU').to.be.below(6);
  });

  it('refuses a capture of unfit frames only, and another word than refuse and skip', async () => {
    expect(await refusal(pcap([13]), '--set', 'unfit=skip')).to.include('the capture holds no frames that fit');
    const { status, err } = await replay(pcap([60]), '--set', 'unfit=drop');
    expect(status).to.equal(2);
    expect(err).to.include("unfit 'drop', expected refuse or skip");
  });
});
