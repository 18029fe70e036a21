import { expect } from 'chai';
import { knownText, knownWith } from '../../../../../testbench/mutants/score/writeKnown';
import { engineScore, someMutant, someReport, tried } from './reports';

const CRC = 'rx-crc-taken-off';

describe('what is known to catch a variant', () => {
  it('is what a result says, beside what the catalog says itself', () => {
    const engines = [
      engineScore('conform', [tried('rx/1', 1), tried('rx/2', 1)]),
      engineScore('property', [tried('a.test.ts', null), tried('b.test.ts', 1), tried('c.test.ts', 1)]),
      engineScore('hostile', [tried('receive', null)]),
    ];
    const known = knownWith({}, [someReport([someMutant(CRC, engines)])]);
    expect(known).to.deep.equal({ [CRC]: { property: ['b.test.ts'] } });
  });

  it('keeps what no result is about, and forgets what a result no longer sees', () => {
    const former = { [CRC]: { property: ['a.test.ts'], faults: ['x y'] }, 'rx-gone': { property: ['a.test.ts'] } };
    const engines = [engineScore('property', [tried('a.test.ts', null)]), engineScore('faults', [])];
    expect(knownWith(former, [someReport([someMutant(CRC, engines)])])).to.deep.equal({ [CRC]: { faults: ['x y'] } });
  });

  it('is written as TypeScript', () => {
    const text = knownText({ [CRC]: { faults: ['three-nics ctrl.late-response'] } });
    expect(text).to.include(`  '${CRC}': { faults: ['three-nics ctrl.late-response'] },\n`);
  });
});
