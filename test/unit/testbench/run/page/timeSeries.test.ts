import { expect } from 'chai';
import fc from 'fast-check';
import { timePlot } from '../../../../../testbench/run/page/timeSeries';

const OF = { title: 't', yTitle: 'y', endUs: 10_000 };

describe('a plot over time', () => {
  it('puts curves on one axis: a value holds until the next one, and there is none before the first', () => {
    const plot = timePlot(OF, [
      {
        name: 'a',
        moments: [
          { atUs: 0, value: 1 },
          { atUs: 4_000, value: 3 },
        ],
      },
      { name: 'b', moments: [{ atUs: 2_000, value: 5 }] },
      { name: 'never', moments: [] },
    ])!;
    expect(plot.x).to.deep.equal([0, 2, 4, 10]);
    expect(plot.curves.map(({ name, values }) => [name, values])).to.deep.equal([
      ['a', [1, 1, 3, 3]],
      ['b', [null, 5, 5, 5]],
    ]);
  });

  it('is none without a curve', () => {
    expect(timePlot(OF, [{ name: 'never', moments: [] }])).to.equal(null);
  });

  it('of more moments than a screen shows keeps the largest value, however short it was', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999 }), fc.integer({ min: 2_001, max: 9_000 }), (peak, count) => {
        const moments = Array.from({ length: count }, (_unused, index) => ({ atUs: index, value: index % 7 }));
        moments.splice(Math.min(peak, count - 1), 1, { atUs: Math.min(peak, count - 1), value: 100 });
        const plot = timePlot({ ...OF, endUs: count }, [{ name: 'a', moments }])!;
        expect(plot.x.length).to.be.at.most(2_001);
        expect(Math.max(...plot.curves[0]!.values.map((value) => value ?? 0))).to.equal(100);
        expect(plot.x).to.deep.equal([...plot.x].sort((one, other) => one - other));
      }),
    );
  });
});
