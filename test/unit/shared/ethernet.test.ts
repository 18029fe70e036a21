import { expect } from 'chai';
import fc from 'fast-check';
import { BenchError } from '../../../shared/errors';
import * as ethernet from '../../../shared/ethernet';

describe('Ethernet basics', () => {
  it('reads and writes MAC addresses', () => {
    const mac = fc.uint8Array({ minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(mac, (bytes) => {
        expect(ethernet.parseMac(ethernet.formatMac(bytes))).to.deep.equal(bytes);
      }),
    );
  });

  it('refuses text that is not a MAC address, and names it', () => {
    for (const text of [
      '',
      '52:54:00:12:34',
      '52:54:00:12:34:5',
      '52-54-00-12-34-56',
      '52:54:00:12:34:56:78',
      'zz:54:00:12:34:56',
    ])
      expect(() => ethernet.parseMac(text), text).to.throw(BenchError, `'${text}' is no MAC address`);
  });

  it('removes exactly the tag that it inserted', () => {
    const frame = fc.uint8Array({ minLength: 14, maxLength: 100 });
    fc.assert(
      fc.property(frame, fc.integer({ min: 0, max: 0xffff }), (bytes, tci) => {
        const tagged = ethernet.withVlanTag(bytes, tci);
        expect(ethernet.vlanTciOf(tagged)).to.equal(tci);
        expect(tagged.length).to.equal(bytes.length + 4);
        expect(ethernet.withoutVlanTag(tagged)).to.deep.equal(bytes);
      }),
    );
  });

  it('writes a MAC address with small letters and two digits a byte', () => {
    expect(ethernet.formatMac(Uint8Array.of(0, 0xab, 5, 0x10, 0xff, 1, 99))).to.equal('00:ab:05:10:ff:01');
    expect([...ethernet.parseMac('00:AB:05:10:ff:01')]).to.deep.equal([0, 0xab, 5, 0x10, 0xff, 1]);
    for (const text of ['052:54:00:12:34:56', '52:54:00:12:34:567', ' 52:54:00:12:34:56'])
      expect(() => ethernet.parseMac(text), text)
        .to.throw(BenchError)
        .with.property('code', 'MAC_SYNTAX');
  });

  it('puts a tag between the addresses and the type, in network byte order', () => {
    const frame = Uint8Array.from({ length: 15 }, (_unused, i) => i + 1);
    const addresses = [...frame.subarray(0, 12)];
    expect([...ethernet.withVlanTag(frame, 0x1234)]).to.deep.equal([...addresses, 0x81, 0, 0x12, 0x34, 13, 14, 15]);
    expect([...ethernet.withVlanTag(frame, 0xabcd, ethernet.ETHERTYPE_QINQ)]).to.deep.equal([
      ...addresses,
      0x88,
      0xa8,
      0xab,
      0xcd,
      13,
      14,
      15,
    ]);
  });

  it('reads numbers in network byte order, with 0 for bytes beyond the end', () => {
    const bytes = Uint8Array.of(0x12, 0x34, 0x56);
    expect([0, 1, 2, 3].map((at) => ethernet.readUint16(bytes, at))).to.deep.equal([0x1234, 0x3456, 0x5600, 0]);
    expect(ethernet.etherType(Uint8Array.from({ length: 14 }, (_unused, i) => i))).to.equal(0x0c0d);
    expect(ethernet.vlanTciOf(ethernet.withVlanTag(new Uint8Array(14), 5))).to.equal(5);
    expect(ethernet.isGroupMac(new Uint8Array(0))).to.equal(false);
  });

  it('finds no tag in an untagged or truncated frame', () => {
    expect(ethernet.vlanTciOf(new Uint8Array(60))).to.equal(null);
    expect(ethernet.vlanTciOf(ethernet.withVlanTag(new Uint8Array(14), 5).subarray(0, 17))).to.equal(null);
    expect(ethernet.etherType(new Uint8Array(13))).to.equal(0);
  });

  it('tells group addresses from individual ones', () => {
    expect(ethernet.isGroupMac(ethernet.BROADCAST_MAC)).to.equal(true);
    expect(ethernet.isGroupMac(ethernet.parseMac('01:00:5e:00:00:01'))).to.equal(true);
    expect(ethernet.isGroupMac(ethernet.parseMac('fa:16:3e:00:00:01'))).to.equal(false);
  });
});
