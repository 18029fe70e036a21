import { expect } from 'chai';
import { type ESLint, Linter } from 'eslint';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parser } from 'typescript-eslint';
import { allocate, resetArena } from '../../../shared/arena';
import { BOTH } from '../../../shared/loops/rights';
import { dialect } from '../../checks/dialect';
import { type Builds, buildBoth } from './builds';
import { extreme32 } from './values';

const FIXTURE = 'test/property/wasm/fixture/hostile.ts';
const FAULTY = [
  'belowLooseDifference',
  'fitsLooseSum',
  'looseQuotient',
  'hasLooseBit',
  'looseLiteral',
  'recordsLooseSum',
];
const SOUND = ['belowDifference', 'fits', 'quotient', 'hasBit', 'literal', 'recordsSum'];

describe('comparison of both builds', () => {
  let builds: Builds;

  before(() => {
    builds = buildBoth([FIXTURE]);
  });
  beforeEach(resetArena);

  /** Tries extreme arguments. The first argument of a function that writes is the address. */
  function differs(name: string): boolean {
    const word = allocate(4, { rights: BOTH, label: 'word' });
    const first = name.startsWith('records') ? fc.constant(word) : extreme32;
    const property = fc.property(first, extreme32, extreme32, (a, b, c) => void builds.call(name, a, b, c));
    return fc.check(property, { numRuns: 2_000 }).failed;
  }

  for (const name of FAULTY) it(`catches ${name}`, () => expect(differs(name)).to.equal(true));
  for (const name of SOUND) it(`accepts ${name}`, () => expect(differs(name)).to.equal(false));

  it('catches the functions that the lint rules reject', () => {
    const text = readFileSync(resolve(__dirname, '../../..', FIXTURE), 'utf8');
    const found = new Linter().verify(text, {
      languageOptions: { parser },
      plugins: { dialect: dialect as unknown as ESLint.Plugin },
      rules: { 'dialect/arithmetic': 'error', 'dialect/shape': 'error' },
    });
    const functions = text.split('\n').map((_line, index, lines) => {
      const heads = lines.slice(0, index + 1).map((line) => /^export function (\w+)/.exec(line)?.[1]);
      return heads.findLast((name) => name !== undefined);
    });
    expect([...new Set(found.map(({ line }) => functions[line - 1]))]).to.deep.equal(FAULTY);
  });
});
