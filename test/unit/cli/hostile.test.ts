import { expect } from 'chai';
import { SIDES } from '../../../testbench/hostile';
import { avp } from '../../support/cli';

interface HostileJson {
  readonly seed: number;
  readonly sides: readonly { readonly side: string; readonly cases: number; readonly findings: readonly unknown[] }[];
}

describe('avp hostile', function () {
  this.timeout(300_000);

  it('attacks the sides that are named, with as many cases as asked for', async () => {
    const { status, out } = await avp('hostile', 'receive', '--cases', '600', '--seed', '5', '--json', '-');
    const { seed, sides } = JSON.parse(out) as HostileJson;
    expect(status).to.equal(0);
    expect(seed).to.equal(5);
    expect(sides.map(({ side, cases, findings }) => [side, cases, findings.length])).to.deep.equal([
      ['receive', 600, 0],
    ]);
  });

  it('lists the sides and what they promise', async () => {
    const { status, out } = await avp('hostile', '--list');
    expect(status).to.equal(0);
    for (const word of [...SIDES, 'single-fetch', 'recovery']) expect(out).to.include(word);
  });

  it('refuses a side that there is not', async () => {
    const { status, err } = await avp('hostile', 'sideways');
    expect(status).to.equal(2);
    expect(err).to.include("'sideways' is no side: expected receive");
  });
});
