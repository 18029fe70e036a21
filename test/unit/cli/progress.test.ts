import { expect } from 'chai';
import { stageText } from '../../../cli/progress';

describe('the stage of a run', () => {
  it('has what ended, what failed, the time and the rate', () => {
    expect(stageText({ done: 12, all: 281, failed: 1 }, 94_000)).to.equal('12/281, 1 failed, 1:34, 0.1/s');
    expect(stageText({ done: 80, all: 281, failed: 0 }, 9_990)).to.equal('80/281, 0 failed, 0:09, 8.0/s');
  });

  it('has no rate before anything ended', () => {
    expect(stageText({ done: 0, all: 3, failed: 0 }, 2_000)).to.equal('0/3, 0 failed, 0:02');
  });
});
