import { expect } from 'chai';
import { MacTable, UNKNOWN_PORT } from '../../../../emulator/network/macTable';

describe('MAC table', () => {
  it('distinguishes addresses that differ in any part, and VLANs', () => {
    const table = new MacTable(16);
    const keys = [
      [0, 1, 2],
      [1, 1, 2],
      [0, 2, 2],
      [0, 1, 3],
      [0, 1, 0x8000_0002],
      [4095, 0xffff, 0xffff_ffff],
    ] as const;
    keys.forEach(([vlan, high, low], port) => table.learn(vlan, high, low, port, 0));
    expect(keys.map(([vlan, high, low]) => table.lookup(vlan, high, low))).to.deep.equal([0, 1, 2, 3, 4, 5]);
    expect(table.lookup(7, 1, 2)).to.equal(UNKNOWN_PORT);
  });

  it('reports the eviction of an address', () => {
    const table = new MacTable(2);
    expect([1, 2, 1, 3].map((low, i) => table.learn(0, 0, low, 0, i))).to.deep.equal([false, false, false, true]);
    expect([1, 2, 3].map((low) => table.lookup(0, 0, low))).to.deep.equal([0, UNKNOWN_PORT, 0]);
  });

  it('has room for one', () => {
    const table = new MacTable(1);
    for (let low = 0; low < 5; low++) table.learn(0, 0, low, low, low);
    expect(table.size).to.equal(1);
    expect(table.lookup(0, 0, 4)).to.equal(4);
    expect(table.expire(100)).to.equal(1);
    expect(table.size).to.equal(0);
    table.learn(0, 0, 9, 9, 9);
    expect(table.lookup(0, 0, 9)).to.equal(9);
  });
});
