import { expect } from 'chai';
import fc from 'fast-check';
import {
  parseForwardStats,
  parsePoolUse,
  parsePortInfo,
  parsePortStats,
  parseXstats,
  PeerOutputError,
} from '../../../../../testbench/peers/dpdk/parse';
import { PacketReader, TORN_PROMPT } from '../../../../../testbench/peers/dpdk/parsePackets';
import { judgeExit, PeerEnded } from '../../../../../testbench/peers/dpdk/peerExit';
import { Transcript } from '../../../../../testbench/peers/dpdk/transcript';
import { DUMP, GDB_CRASH, MEMPOOL, PORT_INFO, PORT_STATS, SHIM_CRASH, STOP, XSTATS } from './recorded';

describe('output of testpmd', () => {
  it('is parsed for statistics and port information', () => {
    expect(parsePortStats(PORT_STATS)).to.deep.equal({
      ...{ rxPackets: 4, rxMissed: 0, rxBytes: 8_226, rxErrors: 2, rxNombuf: 3 },
      ...{ txPackets: 62_403, txErrors: 12_952_416, txBytes: 3_993_792 },
    });
    expect(parseXstats(XSTATS)).to.include({ tx_good_packets: 151_404, tx_q0_bytes: 9_689_856, rx_q0_errors: 0 });
    expect(parsePortInfo(PORT_INFO)).to.include({
      ...{
        'MAC address': '52:54:00:00:00:01',
        MTU: '1500',
        'Link status': 'up',
        'Max possible RX queues': '8',
        Devargs: '',
      },
      ...{ 'VLAN strip': 'off', 'VLAN qinq strip': 'off' },
    });
    expect(parseForwardStats(STOP)).to.deep.equal({ rxPackets: 5, txPackets: 234_267, txDropped: 87_169_125 });
    expect(parsePoolUse(MEMPOOL)).to.equal(4_096 - 245 - 3_835);
  });

  for (const [name, parse] of Object.entries({
    parsePortStats,
    parseXstats,
    parsePortInfo,
    parseForwardStats,
    parsePoolUse,
  }))
    it(`is refused by ${name} if it is other text`, () => {
      expect(() => parse('Invalid port 7\n')).to.throw(PeerOutputError, 'Invalid port 7');
    });

  it('is known to have come to the prompt where dumps stand between its characters', () => {
    const head = 'start\nio packet forwarding\n';
    const transcript = new Transcript();
    transcript.append(head);
    expect(transcript.find(TORN_PROMPT, 0)).to.equal(-1);
    const [burst, ...lines] = DUMP.slice(DUMP.indexOf('port'), DUMP.indexOf('\nport', 1) + 1).split('\n');
    const torn = `testpm${burst!}\n${lines.slice(0, 2).join('\n')}\nd> ${lines.slice(2).join('\n')}`;
    transcript.append(torn.slice(0, 40));
    expect(transcript.find(TORN_PROMPT, 0)).to.equal(-1);
    transcript.append(torn.slice(40));
    expect(transcript.find(TORN_PROMPT, 0)).to.equal(head.length);
    expect(new PacketReader().feed(`${torn}\n\n`).length).to.equal(4);
  });

  // DPDK 22.11 does not name the library in front.
  for (const library of ['', 'ETHDEV: '])
    it(`is known to have come to the prompt where '${library}lcore 1 called' and a stack tear it`, () => {
      const transcript = new Transcript();
      transcript.append(`start\nt${library}lcore 1 called rx_pkt_burst for not ready port 0\nestp`);
      expect(transcript.find(TORN_PROMPT, 0)).to.equal(-1);
      transcript.append('0: librte_eal.so.26 (rte_dump_stack+0x2e) [7f7]\n1: dpdk-testpmd (7f7+0x8d) [7f7]\nmd> ');
      expect(transcript.find(TORN_PROMPT, 0)).to.equal('start\n'.length);
    });

  it('is parsed for the packets of a dump, whatever stands between them', () => {
    const packets = new PacketReader().feed(DUMP);
    expect(
      packets.map(({ port, queue, direction, length, segments, vlanTci }) => [
        port,
        queue,
        direction,
        length,
        segments,
        vlanTci,
      ]),
    ).to.deep.equal([
      [0, 0, 'received', 62, 1, null],
      [0, 0, 'received', 62, 1, 0x123],
      [0, 0, 'received', 8_042, 4, null],
      [0, 0, 'received', 60, 1, null],
      [1, 3, 'sent', 64, 1, null],
    ]);
    expect(packets[1]).to.include({ source: '02:00:00:00:00:09', destination: '52:54:00:00:00:01', etherType: 0x0800 });
    expect(packets[1]!.flags).to.have.length(4).and.include('RTE_MBUF_F_RX_VLAN');
  });

  it('yields the same packets wherever it is cut', () => {
    const whole = new PacketReader().feed(DUMP);
    fc.assert(
      fc.property(fc.array(fc.nat(DUMP.length), { maxLength: 8 }), (places) => {
        const cuts = [0, ...places.sort((a, b) => a - b), DUMP.length];
        const reader = new PacketReader();
        expect(cuts.flatMap((cut, i) => reader.feed(DUMP.slice(cuts[i - 1] ?? 0, cut)))).to.deep.equal(whole);
      }),
    );
  });
});

describe('transcript of a terminal', () => {
  it('contains no control sequences, wherever they are cut', () => {
    const raw = 'testpmd> \x1b[1;31mred\x1b[0m\r\nnext\x1b[K line';
    for (let cut = 0; cut <= raw.length; cut++) {
      const transcript = new Transcript();
      transcript.append(raw.slice(0, cut));
      transcript.append(raw.slice(cut));
      expect(transcript.from(0)).to.equal('testpmd> red\nnext line');
    }
  });

  it('keeps its positions when its oldest part is dropped', () => {
    const transcript = new Transcript();
    transcript.append('first ');
    transcript.append('x'.repeat(20 * 1_048_576));
    const place = transcript.end;
    transcript.append('last');
    expect(transcript.from(place)).to.equal('last');
    expect(transcript.find(/first/, 0)).to.equal(-1);
    expect(transcript.find(/last/, 0)).to.equal(place);
    expect(transcript.between(place, transcript.end)).to.equal('last');
  });
});

describe('end of the peer', () => {
  it('is no crash if it was requested', () => {
    expect(judgeExit(0, null, 'quit', 'Bye...').crash).to.equal(null);
    expect(judgeExit(null, 'SIGKILL', 'kill', 'testpmd> ').crash).to.equal(null);
    expect(judgeExit(0, null, 'nothing', '').crash).to.equal(null);
  });

  it('is a crash with another signal or status', () => {
    expect(judgeExit(null, 'SIGSEGV', 'quit', '').crash).to.deep.equal({ signal: 'SIGSEGV', backtrace: [] });
    expect(judgeExit(1, null, 'nothing', 'EAL: Error - exiting').crash).to.deep.equal({
      signal: 'exit 1',
      backtrace: [],
    });
  });

  it("is nobody's fault but that of whoever killed it, if the signal came from outside", () => {
    const ended = (signal: NodeJS.Signals | null, output = ''): PeerEnded =>
      new PeerEnded('x', judgeExit(signal === null ? 1 : null, signal, 'nothing', output));
    expect(ended('SIGKILL').killedBy).to.equal('SIGKILL');
    for (const own of [ended('SIGSEGV'), ended('SIGABRT'), ended(null), ended('SIGSEGV', SHIM_CRASH)])
      expect(own.killedBy).to.equal(null);
  });

  it('includes the backtrace of the preloaded library, without folders', () => {
    const exit = judgeExit(null, 'SIGSEGV', 'nothing', SHIM_CRASH);
    expect(exit.crash).to.deep.equal({
      signal: 'SIGSEGV',
      backtrace: ['libc.so.6(+0x3c050)', 'librte_net_avp.so.23(+0x589e)', 'dpdk-testpmd(+0x7bc57)'],
    });
    expect(exit.lastOutput)
      .to.match(/io packet forwarding/)
      .and.not.match(/avp-shim|\/home/);
    expect(new PeerEnded("'start'", exit).message).to.match(/'start': the peer crashed: SIGSEGV\n {2}libc/);
  });

  it('includes the backtrace of gdb, which itself ends with status 0', () => {
    const { crash, lastOutput } = judgeExit(0, null, 'nothing', GDB_CRASH);
    expect(crash!.signal).to.equal('SIGSEGV');
    expect(crash!.backtrace).to.have.length(3);
    expect(crash!.backtrace[0]).to.equal('#0  0x00007ffff68c789e in ?? () from librte_net_avp.so.23');
    expect(lastOutput).not.to.match(/\/home/);
  });
});
