import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { UsageError } from '../../../../shared/errors';
import { packageRoot } from '../../../../testbench/runtime/package';
import { chapters } from '../../../../testbench/conformance/chapters';
import { chapterOf } from '../../../../testbench/conformance/clause';
import { allClauses, makeRegistry } from '../../../../testbench/conformance/registry';
import { selectClauses, type Selection } from '../../../../testbench/conformance/select';
import { KNOWN_FAULT_ROWS as ROWS } from '../knownFaultRows';
import { someClause } from './clauses';

describe('registry of clauses', () => {
  it('has clauses in every chapter and for every row of known faults', () => {
    const used = new Set(allClauses.map(({ id }) => chapterOf(id)));
    expect(chapters.map(({ name }) => name).filter((name) => !used.has(name))).to.deep.equal([]);
    const caught = new Set(allClauses.flatMap(({ faults }) => faults));
    expect([...caught].filter((row) => !ROWS.includes(row))).to.deep.equal([]);
    expect(ROWS.filter((row) => !caught.has(row))).to.deep.equal([]);
  });

  it('cites existing sections of the protocol', () => {
    const protocol = readFileSync(join(packageRoot(), 'shared/PROTOCOL.md'), 'utf8');
    for (const { id, section } of allClauses) expect(protocol, id).to.match(new RegExp(`^## ${section}\\. `, 'm'));
  });

  it('sorts by chapter and number', () => {
    const ids = ['tx/10', 'rx/2', 'tx/9', 'pci/1'];
    expect(makeRegistry(ids.map((id) => someClause(id))).map(({ id }) => id)).to.deep.equal([
      'pci/1',
      'rx/2',
      'tx/9',
      'tx/10',
    ]);
  });

  for (const [what, over] of [
    ['an unknown chapter', { id: 'nope/1' }],
    ['a bad id', { id: 'rx/01' }],
    ['a section that does not exist', { section: '19' }],
    ['no goal', { goal: ' ' }],
    ['no requirement', { requirement: '' }],
    ['no steps', { steps: [] }],
    ['a MUST that rests on a reading', { basis: 'reading', note: 'ours' }],
    ['a reading without a note', { level: 'SHOULD', basis: 'reading' }],
    ['an ethdev clause whose note names no contract', { basis: 'ethdev', note: 'as every driver does' }],
  ] as const)
    it(`refuses ${what}`, () => {
      expect(() => makeRegistry([someClause('rx/1', over)])).to.throw(/^clause /);
    });

  it('refuses an id used twice', () => {
    expect(() => makeRegistry([someClause('rx/1'), someClause('rx/1')])).to.throw('clause rx/1: its id is used twice');
  });
});

describe('selection of clauses', () => {
  const clauses = makeRegistry([
    ...['pci/1', 'rx/1', 'rx/3', 'tx/1', 'tx/3'].map((id) => someClause(id)),
    someClause('rx/2', { basis: 'safety' }),
    someClause('tx/2', { basis: 'reading', level: 'SHOULD', note: 'ours' }),
  ]);
  const ids = (selection: Partial<Selection>): string[] =>
    selectClauses(clauses, { ids: [], exclude: [], basis: [], ...selection }).map(({ id }) => id);

  it('selects clauses and chapters, and excludes others', () => {
    expect(ids({ ids: ['tx', 'rx/3'], exclude: ['tx/2'] })).to.deep.equal(['rx/3', 'tx/1', 'tx/3']);
  });

  it('selects by basis, within what ids and exclusions leave', () => {
    expect(ids({ basis: ['reading'] })).to.deep.equal(['tx/2']);
    expect(ids({ basis: ['safety', 'reading'], exclude: ['rx'] })).to.deep.equal(['tx/2']);
    expect(ids({ basis: ['protocol'], ids: ['rx', 'tx/2'] })).to.deep.equal(['rx/1', 'rx/3']);
    expect(() => ids({ basis: ['ethdev'] })).to.throw(UsageError, '--basis');
  });

  it('leaves out what a guest of the bench is the subject of, unless it is named', () => {
    const mixed = makeRegistry([someClause('rx/1'), someClause('linux/1', { needs: ['guest-in-arena'] })]);
    const picked = (named: readonly string[], driverOnly: boolean): string[] =>
      selectClauses(mixed, { ids: named, exclude: [], basis: [], driverOnly }).map(({ id }) => id);
    expect(picked([], true)).to.deep.equal(['rx/1']);
    expect(picked([], false)).to.deep.equal(['rx/1', 'linux/1']);
    expect(picked(['linux'], true)).to.deep.equal(['linux/1']);
    expect(picked(['rx', 'linux/1'], true)).to.deep.equal(['rx/1', 'linux/1']);
  });

  it('puts each clause into exactly one shard', () => {
    for (const count of [1, 2, 3, 9]) {
      const shards = Array.from({ length: count }, (_unused, i) =>
        ids({ ids: [], exclude: [], shard: { index: i + 1, count } }),
      );
      expect(shards.flat().sort()).to.deep.equal(clauses.map(({ id }) => id).sort());
    }
  });
});
