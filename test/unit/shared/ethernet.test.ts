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
