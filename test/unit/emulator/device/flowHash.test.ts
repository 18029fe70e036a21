import { writeBytes } from '#mem';
import { expect } from 'chai';
import { allocate, resetArena } from '../../../../shared/arena';
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6 } from '../../../../shared/ethernet';
import { BOTH } from '../../../../shared/loops/rights';
import { flowHash } from '../../../../emulator/device/loops/flowHash';
import { ethernet, ipv4, ipv6, ipv6Extension, parseIpv6, ports, tag } from './toeplitzPackets';

/** The verification suite that Microsoft published with receive-side scaling. */
type Vector = readonly [
  source: string,
  sourcePort: number,
  destination: string,
  port: number,
  plain: number,
  ports: number,
];
const V4: readonly Vector[] = [
  ['66.9.149.187', 2794, '161.142.100.80', 1766, 0x323e8fc2, 0x51ccc178],
  ['199.92.111.2', 14230, '65.69.140.83', 4739, 0xd718262a, 0xc626b0ea],
  ['24.19.198.95', 12898, '12.22.207.184', 38024, 0xd2d0a5de, 0x5c2b394a],
  ['38.27.205.30', 48228, '209.142.163.6', 2217, 0x82989176, 0xafc7327f],
  ['153.39.163.191', 44251, '202.188.127.2', 1303, 0x5d1809c5, 0x10e828a2],
];

const V6: readonly Vector[] = [
  ['3ffe:2501:200:1fff::7', 2794, '3ffe:2501:200:3::1', 1766, 0x2cc18cd5, 0x40207d3d],
  ['3ffe:501:8::260:97ff:fe40:efab', 14230, 'ff02::1', 4739, 0x0f0c461c, 0xdde51bbf],
  ['3ffe:1900:4545:3:200:f8ff:fe21:67cf', 44251, 'fe80::200:f8ff:fe21:67cf', 38024, 0x4b61e985, 0x02d1feef],
];

/** Hashes a frame that ends where its allocation ends, so that the watched build sees an overrun. */
function hashOf(frame: Uint8Array): number {
  const address = allocate(Math.max(1, frame.length), { align: 4, rights: BOTH, label: 'frame' });
  writeBytes(address, frame);
  return flowHash(address, frame.length);
}

describe('Toeplitz hash', () => {
  beforeEach(() => resetArena());

  const [source, sourcePort, destination, port, plain, withPorts] = V4[0]!;
  const segment = ports(sourcePort, port);
  const v4 = (protocol: number, more = {}): Uint8Array =>
    ipv4({ source, destination, protocol, payload: segment, ...more });
  const v4Frame = (protocol: number, more = {}): Uint8Array => ethernet(ETHERTYPE_IPV4, v4(protocol, more));

  for (const [from, fromPort, to, toPort, addresses, all] of V4)
    it(`returns the published IPv4 values for ${from}`, () => {
      const packet = (protocol: number): Uint8Array =>
        ethernet(ETHERTYPE_IPV4, ipv4({ source: from, destination: to, protocol, payload: ports(fromPort, toPort) }));
      expect(hashOf(packet(6))).to.equal(all);
      expect(hashOf(packet(17))).to.equal(all);
      expect(hashOf(packet(1))).to.equal(addresses);
    });

  for (const [from, fromPort, to, toPort, addresses, all] of V6)
    it(`returns the published IPv6 values for ${from}`, () => {
      const packet = (next: number): Uint8Array =>
        ethernet(ETHERTYPE_IPV6, ipv6({ source: from, destination: to, next, payload: ports(fromPort, toPort) }));
      expect(hashOf(packet(6))).to.equal(all);
      expect(hashOf(packet(17))).to.equal(all);
      expect(hashOf(packet(58))).to.equal(addresses);
    });

  it('skips up to two tags, and returns 0 after a third', () => {
    const body = v4(6);
    expect(hashOf(ethernet(0x8100, tag(7, ETHERTYPE_IPV4, body)))).to.equal(withPorts);
    expect(hashOf(ethernet(0x88a8, tag(9, 0x8100, tag(7, ETHERTYPE_IPV4, body))))).to.equal(withPorts);
    expect(hashOf(ethernet(0x8100, tag(1, 0x8100, tag(2, 0x8100, tag(3, ETHERTYPE_IPV4, body)))))).to.equal(0);
  });

  it('finds the ports after IPv4 options', () => {
    expect(hashOf(v4Frame(17, { options: new Uint8Array(40).fill(1) }))).to.equal(withPorts);
  });

  it('hashes every fragment of a datagram by addresses only', () => {
    expect(hashOf(v4Frame(17, { fragment: 0x2000 })), 'first').to.equal(plain);
    expect(hashOf(v4Frame(17, { fragment: 0x20b9 })), 'middle').to.equal(plain);
    expect(hashOf(v4Frame(17, { fragment: 0x00b9 })), 'last').to.equal(plain);
    expect(hashOf(v4Frame(17, { fragment: 0x4000 })), "don't fragment").to.equal(withPorts);
  });

  it('returns 0 for frames that are not IP', () => {
    expect(hashOf(ethernet(0x0806, new Uint8Array(28).fill(3)))).to.equal(0);
    const six = ipv6({ source: '::1', destination: '::2', next: 6, payload: segment });
    expect(hashOf(ethernet(ETHERTYPE_IPV4, six))).to.equal(0);
    expect(hashOf(ethernet(ETHERTYPE_IPV6, v4(6)))).to.equal(0);
    const shortHeader = v4(6);
    shortHeader[0] = 0x44;
    expect(hashOf(ethernet(ETHERTYPE_IPV4, shortHeader)), 'header length 4').to.equal(0);
  });

  it('returns 0 for a frame cut before the end of the ports, and reads nothing after the frame', () => {
    const six = ipv6({ source: '::1', destination: '::2', next: 0, payload: ipv6Extension(17, 8, segment) });
    const frames = [
      v4Frame(6, { options: new Uint8Array(8) }),
      ethernet(0x88a8, tag(9, 0x8100, tag(7, ETHERTYPE_IPV4, v4(17)))),
      ethernet(ETHERTYPE_IPV6, six),
    ];
    for (const frame of frames) {
      expect(hashOf(frame)).to.not.equal(0);
      for (let bytes = 0; bytes < frame.length; bytes++)
        expect(hashOf(frame.subarray(0, bytes)), `${bytes}`).to.equal(0);
    }
  });

  it('returns 0 if an extension header is cut, even if no ports would follow', () => {
    const six = ipv6({ source: '::1', destination: '::2', next: 0, payload: ipv6Extension(58, 16, new Uint8Array(0)) });
    const frame = ethernet(ETHERTYPE_IPV6, six);
    expect(hashOf(frame)).to.not.equal(0);
    expect(hashOf(frame.subarray(0, frame.length - 1))).to.equal(0);
  });

  it('follows up to eight IPv6 extension headers', () => {
    const [from, fromPort, to, toPort, addresses, all] = V6[0]!;
    const chain = (kinds: readonly number[]): Uint8Array => {
      const payload = kinds.reduceRight(
        (rest, _kind, i) => ipv6Extension(kinds[i + 1] ?? 6, 8 * (1 + (i % 3)), rest),
        ports(fromPort, toPort),
      );
      return ethernet(ETHERTYPE_IPV6, ipv6({ source: from, destination: to, next: kinds[0]!, payload }));
    };
    expect(hashOf(chain([0, 60, 43, 60]))).to.equal(all);
    expect(hashOf(chain(Array(8).fill(60)))).to.equal(all);
    expect(hashOf(chain(Array(9).fill(60)))).to.equal(addresses);
    expect(hashOf(chain([0, 44])), 'fragment header').to.equal(addresses);
    expect(hashOf(chain([50])), 'encrypted').to.equal(addresses);
  });

  it('is tested with correctly parsed IPv6 addresses', () => {
    expect(Buffer.from(parseIpv6('ff02::1')).toString('hex')).to.equal('ff02' + '0'.repeat(27) + '1');
  });
});
