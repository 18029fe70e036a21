import { expect } from 'chai';
import { didYouMean, nearest } from '../../../shared/nearest';

describe('nearest', () => {
  const names = ['three-nics', 'migrate-refused', 'migrate-under-load', 'rx', 'rx/3'];

  it('finds the name that is spelled most like a text', () => {
    expect(nearest('tree-nics', names)).to.equal('three-nics');
    expect(nearest('Migrate-Refuse', names)).to.equal('migrate-refused');
    expect(nearest('rc', names)).to.equal('rx');
  });

  it('finds a name by a part of it', () => {
    expect(nearest('under-load', names)).to.equal('migrate-under-load');
  });

  it('finds nothing where no name is alike', () => {
    for (const text of ['', 'zzz', 'template']) expect(nearest(text, names)).to.equal(null);
    expect(nearest('rx', [])).to.equal(null);
  });

  it('puts the name before the rest of a message', () => {
    expect(didYouMean('tx/3', ['rx/3'], 'expected a clause')).to.equal("did you mean 'rx/3'? Expected a clause");
    expect(didYouMean('nothing', ['rx/3'], 'expected a clause')).to.equal('expected a clause');
  });
});
