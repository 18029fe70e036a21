import { expect } from 'chai';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { countKinds, describeCapture, kindOf } from '../../../../scenarios/captures/describe';
import { parsePacket, PROTOCOL, type Packet } from '../../../../scenarios/captures/packet';
import { readCaptureFile } from '../../../../emulator/capture';
import { checksumsAreRight } from './checksums';

const FOLDER = resolve(__dirname, '../../../../scenarios/captures');
/** Each file and its longest frame in bytes: the MTU of the link, plus 14 for the header and 4 for a tag. */
const FILES = [
  ['mixed-1500.pcap', 1514],
  ['jumbo-9000.pcapng', 9014],
  ['tagged.pcapng', 9018],
] as const;

const TCP_FLAGS_OFFSET = 13;
const FIN = 0x01;
const SYN = 0x02;

function read(name: string): { packets: Packet[]; lengths: number[] } {
  const { frames } = readCaptureFile(join(FOLDER, name));
  return { packets: frames.map(({ bytes }) => parsePacket(bytes)), lengths: frames.map(({ bytes }) => bytes.length) };
}

/** The source addresses of the TCP packets over IP `version` that have `flag` set. */
function tcpSenders(packets: readonly Packet[], version: 4 | 6, flag: number): Set<string> {
  const senders = new Set<string>();
  for (const { ip } of packets) {
    if (ip?.version !== version || ip.protocol !== PROTOCOL.tcp) {
      continue;
    }
    if ((ip.payload.readUInt8(TCP_FLAGS_OFFSET) & flag) !== 0) {
      senders.add(ip.addresses.subarray(0, ip.addresses.length / 2).toString('hex'));
    }
  }
  return senders;
}

describe('committed captures', () => {
  for (const [name, longest] of FILES) {
    it(`${name} has complete frames in order of time, the longest of ${longest} bytes`, () => {
      const { frames } = readCaptureFile(join(FOLDER, name));
      expect(frames.every(({ bytes, originalLength }) => bytes.length === originalLength)).to.equal(true);
      expect(Math.max(...frames.map(({ bytes }) => bytes.length))).to.equal(longest);
      const times = frames.map(({ timeNs }) => timeNs);
      expect(times).to.deep.equal([...times].sort((a, b) => Number(a - b)));
    });

    it(`${name} has every kind of traffic, and both ends open and close TCP`, () => {
      const { packets } = read(name);
      const { other, ...counts } = countKinds(packets);
      expect(other).to.equal(0);
      for (const [kind, count] of Object.entries(counts)) {
        expect(count, kind).to.be.greaterThan(1);
      }
      for (const version of [4, 6] as const) {
        expect(tcpSenders(packets, version, SYN).size).to.be.at.least(2);
        expect(tcpSenders(packets, version, FIN).size).to.be.at.least(2);
      }
    });

    it(`${name} has fragments of both IP versions, and right checksums in all other packets`, () => {
      const packets = read(name).packets.flatMap(({ ip }) => (ip === null ? [] : [ip]));
      const fragments = packets.filter(({ fragment }) => fragment !== 'none');
      expect(new Set(fragments.map(({ version }) => version))).to.deep.equal(new Set([4, 6]));
      const wrong = packets.filter((packet) => packet.fragment === 'none' && !checksumsAreRight(packet));
      expect(wrong).to.deep.equal([]);
    });

    it(`${name} is described correctly in README.md`, () => {
      const row = describeCapture(name, readCaptureFile(join(FOLDER, name)));
      expect(readFileSync(join(FOLDER, 'README.md'), 'utf8').split('\n')).to.include(row);
    });
  }

  it('have TCP in jumbo frames both ways', () => {
    const { packets, lengths } = read('jumbo-9000.pcapng');
    const jumbo = packets.filter((packet, index) => kindOf(packet) === 'TCP' && (lengths[index] ?? 0) > 1518);
    expect(new Set(jumbo.map(({ ip }) => ip?.version))).to.deep.equal(new Set([4, 6]));
    expect(tcpSenders(jumbo, 4, 0xff).size).to.equal(2);
  });

  it('have tags of several VLANs and priorities on every frame of tagged.pcapng, and no tags elsewhere', () => {
    const tags = read('tagged.pcapng').packets.map(({ tag }) => tag);
    expect(tags).to.not.include(null);
    expect(new Set(tags.map((tag) => `${tag?.vlan}/${tag?.priority}`))).to.have.all.keys('100/0', '200/5', '4094/7');
    for (const name of ['mixed-1500.pcap', 'jumbo-9000.pcapng']) {
      expect(read(name).packets.every(({ tag }) => tag === null)).to.equal(true);
    }
  });

  it('are all known to this test, and take less than 1 MiB together', () => {
    const names = readdirSync(FOLDER).filter((name) => /\.pcap(ng)?$/.test(name));
    expect(names).to.have.members(FILES.map(([name]) => name));
    const total = names.reduce((sum, name) => sum + statSync(join(FOLDER, name)).size, 0);
    expect(total).to.be.lessThan(1_048_576);
  });
});
