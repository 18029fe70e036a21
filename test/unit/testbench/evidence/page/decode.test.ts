import { expect } from 'chai';
import fc from 'fast-check';
import { withVlanTag } from '../../../../../shared/ethernet';
import { Random } from '../../../../../shared/random';
import { flowFrame } from '../../../../../testbench/traffic/randomFrames';
import { decodeFrame, hexDump } from '../../../../../testbench/evidence/page/decode';

const TO = Uint8Array.of(0x52, 0x54, 0, 1, 2, 3);
const FROM = Uint8Array.of(0x52, 0x54, 0, 0xaa, 0xbb, 0xcc);

function bytes(...hex: readonly string[]): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.join('').replaceAll(' ', ''), 'hex'));
}

const HEADER = 'ffffffffffff 525400aabbcc';

describe('the description of a frame', () => {
  it('names Ethernet, tag, IPv4 and UDP', () => {
    const frame = withVlanTag(flowFrame(new Random(1), { to: TO, from: FROM, bytes: 100 }, 3), 0x7123);
    expect(decodeFrame(frame)).to.deep.equal([
      'Ethernet: 52:54:00:aa:bb:cc to 52:54:00:01:02:03, 802.1Q (0x8100)',
      '802.1Q tag: VLAN 291, priority 3, drop eligible, IPv4 (0x0800)',
      'IPv4: 10.0.0.1 to 10.0.0.2, UDP, 86 bytes, TTL 64',
      'UDP: port 1045 to port 5003, 66 bytes with its header',
    ]);
  });

  const cases: readonly (readonly [string, string])[] = [
    [
      '0806 0001080006040001 525400aabbcc 0a000001 000000000000 0a000002',
      'ARP: who has 10.0.0.2? asks 10.0.0.1, 52:54:00:aa:bb:cc',
    ],
    ['0806 0001080006040002 525400aabbcc 0a000001 000000000000 0a000002', 'ARP: 10.0.0.1 is at 52:54:00:aa:bb:cc'],
    [
      '0800 45000028 0000 4000 40 06 0000 0a000001 0a000002 0016 c000 00000000 00000000 5012 0000 00000000',
      'TCP: port 22 to port 49152, SYN ACK',
    ],
    [
      '0800 45000028 0000 00b9 40 11 0000 0a000001 0a000002 00000000',
      'IPv4: 10.0.0.1 to 10.0.0.2, UDP, 40 bytes, TTL 64, fragment from byte 1480 on, the last',
    ],
    [
      '0800 44000028 0000 0000 40 11 0000 0a000001 0a000002 00000000',
      'IPv4: 10.0.0.1 to 10.0.0.2, UDP, 40 bytes, TTL 64, header of 16 bytes, which is too short',
    ],
    ['0800 4500 00', 'IPv4: cut off after 3 bytes'],
    [`86dd 60000000 0004 3a ff fe80${'0'.repeat(27)}1 ff02${'0'.repeat(27)}2 8500 0000`, 'ICMPv6: type 133, code 0'],
    [
      `86dd 60000000 0004 3b 40 20010db8000000010002000300040005 ${'0'.repeat(32)}`,
      'IPv6: 2001:db8:0:1:2:3:4:5 to ::, protocol 59, 4 bytes behind its header, hop limit 64',
    ],
    [
      `86dd 60000000 0004 3b 40 20010db8000000000000000300040000 ${'0'.repeat(31)}1`,
      'IPv6: 2001:db8::3:4:0 to ::1, protocol 59, 4 bytes behind its header, hop limit 64',
    ],
    ['0026 4242', 'Ethernet: 52:54:00:aa:bb:cc to ff:ff:ff:ff:ff:ff (broadcast), length field 38'],
    ['88b5', 'Ethernet: 52:54:00:aa:bb:cc to ff:ff:ff:ff:ff:ff (broadcast), type 0x88b5'],
  ];
  for (const [rest, last] of cases)
    it(`ends with '${last}'`, () => expect(decodeFrame(bytes(HEADER, rest)).at(-1)).to.equal(last));

  it('exists for any bytes, and for frames that are cut off anywhere', () => {
    const whole = withVlanTag(flowFrame(new Random(1), { to: TO, from: FROM, bytes: 60 }, 1), 1);
    for (let length = 0; length <= whole.length; length++) {
      const lines = decodeFrame(whole.subarray(0, length));
      expect(lines).to.have.length.within(1, 4);
      if (length < whole.length - 10) expect(lines.join()).not.to.match(/undefined|NaN/);
    }
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80 }),
        fc.constantFrom('0800', '86dd', '8100', '0806', ''),
        (tail, type) => {
          const lines = decodeFrame(Uint8Array.from([...bytes(HEADER, type), ...tail]));
          expect(lines.join()).not.to.match(/undefined|NaN/);
          expect(lines.length).to.be.within(1, 8);
        },
      ),
    );
  });
});

describe('a hex dump', () => {
  it('shows offset, bytes and characters, sixteen per line', () => {
    expect(hexDump(bytes('48656c6c6f2c20776f726c6421000aff', '7e'))).to.equal(
      '0000  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 21 00 0a ff  Hello, world!...\n' + `0010  7e${' '.repeat(48)}~`,
    );
  });
});
