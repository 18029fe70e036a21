import { expect } from 'chai';
import { litmusHolds, litmusTable, litmusText, runLitmus } from '../../../../../testbench/explore/litmus/litmus';
import { LITMUS } from '../../../../../testbench/explore/litmus/tests';
import { MEMORY_MODELS } from '../../../../../testbench/explore/models/model';

/** Tests whose schedules are few enough to run each of them. */
const SHORT = ['SB', 'MP', 'MP+rel-acq', 'LB', 'R', 'S', '2+2W', '2+2W+one-rel', 'CoRR', 'n6'];

describe('litmus tests', () => {
  for (const litmus of LITMUS)
    it(`${litmus.name}: each model allows exactly what it must`, () => {
      for (const model of MEMORY_MODELS) {
        const { missing, forbidden, seen } = runLitmus(litmus, model);
        expect({ missing, forbidden }, model).to.deep.equal({ missing: [], forbidden: [] });
        expect(seen.includes(litmus.relaxed), model).to.equal(litmus.outcomes[model].includes(litmus.relaxed));
      }
    });

  it('show the same outcomes without the reduction', () => {
    for (const litmus of LITMUS.filter(({ name }) => SHORT.includes(name)))
      for (const model of MEMORY_MODELS) {
        const reduced = runLitmus(litmus, model);
        const plain = runLitmus(litmus, model, false);
        expect(plain.seen, `${litmus.name} ${model}`).to.deep.equal(reduced.seen);
        expect(reduced.schedules, `${litmus.name} ${model}`).to.be.at.most(plain.schedules);
      }
  });

  it('print a table that names what a model showed against the rules', () => {
    const rows = litmusTable();
    expect(litmusHolds(rows)).to.equal(true);
    expect(litmusText(rows)).to.match(/^SB +0 0 +never \(\d+\) +seen +\(\d+\) +seen +\(\d+\)$/m);
    const [first] = rows;
    const wrong = { ...first!, cells: { ...first!.cells, sc: { ...first!.cells.sc, forbidden: ['0 0'] } } };
    expect(litmusHolds([wrong])).to.equal(false);
    expect(litmusText([wrong])).to.contain('sc forbids 0 0, which was seen');
  });
});
