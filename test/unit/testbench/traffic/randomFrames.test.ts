import { expect } from 'chai';
import { UsageError } from '../../../../shared/errors';
import { parseMac, vlanTciOf, withoutVlanTag, withVlanTag } from '../../../../shared/ethernet';
import {
  findUdp,
  internetChecksum,
  udpChecksumHolds,
  udpFrame,
  type UdpAddresses,
} from '../../../../testbench/traffic/udpFrame';
import {
  MAX_PROBE_BYTES,
  MIN_PROBE_BYTES,
  probeBytes,
  probeFlow,
  probeFrame,
  readProbe,
} from '../../../../testbench/traffic/probeFrame';

const addresses: UdpAddresses = {
  sourceMac: parseMac('02:00:00:00:00:01'),
  destinationMac: parseMac('02:00:00:00:00:02'),
  sourceIp: Uint8Array.of(10, 0, 0, 1),
  destinationIp: Uint8Array.of(10, 0, 0, 2),
  sourcePort: 4660,
  destinationPort: 53,
};
const flow = (more = {}): ReturnType<typeof probeFlow> =>
  probeFlow({ id: 7, seed: 42, sourceMac: addresses.sourceMac, destinationMac: addresses.destinationMac, ...more });

describe('frame builders', () => {
  it('compute a well-known Internet checksum', () => {
    const header = Buffer.from('45000073000040004011b861c0a80001c0a800c7', 'hex');
    expect(internetChecksum(header)).to.equal(0);
    header.writeUInt16BE(0, 10);
    expect(internetChecksum(header)).to.equal(0xb861);
    expect(internetChecksum(Uint8Array.of(1)), 'odd length').to.equal(0xfeff);
    expect(internetChecksum(new Uint8Array(0))).to.equal(0xffff);
  });

  it('build the same frame as by hand', () => {
    const expected =
      '020000000002020000000001' +
      '0800' +
      '4500001f000900004011' +
      '66c3' +
      '0a000001' +
      '0a000002' +
      '12340035000b' +
      '150a' +
      '616263';
    expect(Buffer.from(udpFrame(addresses, Buffer.from('abc'), 9)).toString('hex')).to.equal(expected);
  });

  it('write a computed checksum of 0 as all ones', () => {
    const clear = udpFrame(addresses, Uint8Array.of(0, 0));
    const at = findUdp(clear)!;
    const checksum = (clear[at.udp + 6]! << 8) | clear[at.udp + 7]!;
    const frame = udpFrame(addresses, Uint8Array.of(checksum >>> 8, checksum & 0xff));
    expect([...frame.subarray(at.udp + 6, at.udp + 8)]).to.deep.equal([0xff, 0xff]);
    expect(udpChecksumHolds(frame, at.ip, at.udp, at.udpBytes)).to.equal(true);
  });

  it('insert a tag, even with priority 0 and VLAN 0', () => {
    const plain = udpFrame(addresses, Buffer.from('abc'));
    expect(udpFrame({ ...addresses, vlanTci: 0xa00a }, Buffer.from('abc'))).to.deep.equal(withVlanTag(plain, 0xa00a));
    expect(vlanTciOf(udpFrame({ ...addresses, vlanTci: 0 }, Buffer.from('abc')))).to.equal(0);
  });

  it('refuse a payload that fits no IPv4 packet', () => {
    expect(udpFrame(addresses, new Uint8Array(65_507)).length).to.equal(65_549);
    expect(() => udpFrame(addresses, new Uint8Array(65_508))).to.throw(UsageError, 'at most 65507');
  });

  it('find no datagram in a truncated frame', () => {
    const frame = udpFrame({ ...addresses, vlanTci: 5 }, Buffer.from('abc'));
    for (let bytes = 0; bytes < frame.length; bytes++)
      expect(findUdp(frame.subarray(0, bytes)), `${bytes}`).to.equal(null);
    expect(findUdp(frame)).to.deep.equal({ ip: 18, udp: 38, udpBytes: 11, payload: 46, end: 49 });
  });
});

describe('probe frames', () => {
  it('follow from flow, seed and sequence number, and differ with each', () => {
    expect(probeFrame(flow(), 3)).to.deep.equal(probeFrame(flow(), 3));
    const others = [probeFrame(flow(), 4), probeFrame(flow({ seed: 43 }), 3), probeFrame(flow({ id: 8 }), 3)];
    for (const other of others) expect(other.subarray(60)).to.not.deep.equal(probeFrame(flow(), 3).subarray(60));
  });

  it('identify themselves, tagged or not', () => {
    const frame = probeFrame(flow(), 0xffff_ffff);
    const reading = { flow: 7, sequence: 0xffff_ffff, seed: 42, intact: true };
    expect(readProbe(frame)).to.deep.equal(reading);
    expect(readProbe(withVlanTag(frame, 9))).to.deep.equal(reading);
    expect(readProbe(withoutVlanTag(probeFrame(flow({ vlanTci: 9 }), 0xffff_ffff)))).to.deep.equal(reading);
  });

  it('have the requested size, and all sizes of a range', () => {
    expect(probeFrame(flow({ frameBytes: MIN_PROBE_BYTES }), 0)).to.have.length(54);
    expect(probeFrame(flow({ frameBytes: MAX_PROBE_BYTES, vlanTci: 1 }), 0)).to.have.length(65_535);
    const range = flow({ frameBytes: { min: 60, max: 67 } });
    const sizes = Array.from({ length: 200 }, (_unused, sequence) => probeFrame(range, sequence).length);
    expect([...new Set(sizes)].sort()).to.deep.equal([60, 61, 62, 63, 64, 65, 66, 67]);
    expect(sizes.every((size, sequence) => size === probeBytes(range, sequence))).to.equal(true);
  });

  it('reveal damage at any place after the Ethernet header', () => {
    const frame = probeFrame(flow(), 1);
    for (let at = 14; at < frame.length; at++) {
      const damaged = frame.slice();
      damaged[at]! ^= 0x20;
      expect(readProbe(damaged)?.intact ?? false, `byte ${at}`).to.equal(false);
    }
    expect(readProbe(Buffer.concat([frame, Buffer.alloc(1)]))?.intact).to.equal(false);
  });

  it('reveal swapped words, which no checksum does', () => {
    const frame = probeFrame(flow(), 1);
    const swapped = frame.slice();
    swapped.set(frame.subarray(60, 62), 62);
    swapped.set(frame.subarray(62, 64), 60);
    expect(readProbe(swapped)).to.deep.include({ flow: 7, sequence: 1, intact: false });
  });

  it('are not recognised in other frames', () => {
    expect(readProbe(udpFrame(addresses, Buffer.alloc(40)))).to.equal(null);
    expect(readProbe(udpFrame(addresses, Buffer.alloc(3)))).to.equal(null);
    expect(readProbe(new Uint8Array(0))).to.equal(null);
  });

  it('refuse bad flows by field, value and expectation', () => {
    const bad: [object, string][] = [
      [{ id: 65_536 }, 'id is 65536, expected 0 to 65535'],
      [{ frameBytes: 53 }, 'frameBytes is 53 to 53, expected 54 to 65531'],
      [{ frameBytes: { min: 70, max: 69 } }, 'frameBytes is 70 to 69'],
      [{ frameBytes: { min: 60, max: 65_532 } }, 'frameBytes is 60 to 65532'],
      [{ sourceIp: Uint8Array.of(1, 2, 3) }, 'sourceIp is 1.2.3, expected 4 bytes'],
      [{ destinationPort: -1 }, 'destinationPort is -1'],
      [{ vlanTci: 70_000 }, 'vlanTci is 70000'],
      [{ sourceMac: new Uint8Array(5) }, 'sourceMac'],
    ];
    for (const [more, message] of bad) expect(() => flow(more)).to.throw(UsageError, message);
  });
});
