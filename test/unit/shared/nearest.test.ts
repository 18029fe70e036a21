import { expect } from 'chai';
import { didYouMean, nearest } from '../../../shared/nearest';

describe('nearest', () => {
  const names = ['three-nics', 'migrate-refused', 'migrate-under-load', 'rx', 'rx/3'];

  it('finds the name that is spelled most like a text', () => {
    expect(nearest('tree-nics', names)).to.equal('three-nics');
    expect(nearest('Migrate-Refuse', names)).to.equal('migrate-refused');
    expect(nearest('rc', names)).to.equal('rx');
    expect(nearest('RX', ['RY', 'Rx'])).to.equal('Rx');
    expect(nearest('ab', ['ax', 'ay']), 'the first of several').to.equal('ax');
    expect(nearest('abcd', ['abxx', 'abcx', 'axxx']), 'the nearest of several').to.equal('abcx');
  });

  it('finds a name by a part of it', () => {
    expect(nearest('under-load', names)).to.equal('migrate-under-load');
    expect(nearest('nic', names)).to.equal('three-nics');
    expect(nearest('verbose-rx/3-output', ['rx/3'])).to.equal('rx/3');
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
