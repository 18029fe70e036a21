import { expect } from 'chai';
import { chapterOf } from '../../../../testbench/conformance/clause';
import { allClauses, findClause } from '../../../../testbench/conformance/registry';
import { changedFiles } from '../../../../testbench/mutants/build/apply';
import { allMutants } from '../../../../testbench/mutants/catalog';
import { hostileMutants } from '../../../../testbench/mutants/catalog/hostile';
import { SIDES } from '../../../../testbench/hostile';
import { allRaces } from '../../../../testbench/mutants/catalog/races';
import { KNOWN_FAULT_ROWS } from '../knownFaultRows';
import { chapterOfMutant } from './chapterOfMutant';

const HOW = 'testbench/mutants/README.md says how to add one';

describe('broken variants, as data', () => {
  it('have a unique id that begins with the chapter of a clause that they fail', () => {
    expect(new Set(allMutants.map(({ id }) => id)).size).to.equal(allMutants.length);
    for (const mutant of allMutants) {
      expect(mutant.id).to.match(/^[a-z]+(-[a-z]+)+$/);
      expect(mutant.fails.map(chapterOf), mutant.id).to.include(chapterOfMutant(mutant));
    }
  });

  it('fit the current source', () => {
    for (const mutant of allMutants) expect(Object.keys(changedFiles(mutant)), mutant.id).not.to.be.empty;
  });

  it('name existing clauses, one of which catches the fault row that they bring back', () => {
    for (const { id, row, fails } of allMutants) {
      expect(fails, id).not.to.be.empty;
      const rows = fails.flatMap((clause) => findClause(clause).faults);
      if (row !== null) expect(rows, `${id}: fault rows of ${fails.join(', ')}`).to.include(row);
    }
  });

  it('exist for every MUST clause', () => {
    const named = new Set(allMutants.flatMap(({ fails }) => fails));
    for (const { id, level } of allClauses) {
      const lacking = `no broken variant in testbench/mutants/catalog/ fails ${id}: ${HOW}`;
      if (level === 'MUST') expect(named.has(id), lacking).to.equal(true);
    }
  });

  it('exist for every fault row that a clause catches', () => {
    const rows = new Set(allMutants.map(({ row }) => row));
    for (const { id, faults } of allClauses)
      for (const row of faults)
        expect(rows.has(row), `${id} catches ${row}, which no broken variant brings back: ${HOW}`).to.equal(true);
  });

  it('exist for every known fault of released drivers', () => {
    const rows = new Set(allMutants.map(({ row }) => row));
    expect(KNOWN_FAULT_ROWS.filter((row) => !rows.has(row))).to.deep.equal([]);
  });
});

describe('variants for hostile neighbours, as data', () => {
  it('have a unique id, and name the side that shows them', () => {
    expect(new Set(hostileMutants.map(({ id }) => id)).size).to.equal(hostileMutants.length);
    for (const { id, attacks } of hostileMutants) {
      expect(id).to.match(/^hostile(-[a-z]+)+$/);
      expect(SIDES, id).to.include(attacks);
    }
  });

  it('fit the current source', () => {
    for (const one of hostileMutants) expect(Object.keys(changedFiles(one)), one.id).not.to.be.empty;
  });
});

describe('races, as data', () => {
  it('have a unique id that tells them from the variants for clauses', () => {
    expect(new Set(allRaces.map(({ id }) => id)).size).to.equal(allRaces.length);
    for (const { id } of allRaces) expect(id).to.match(/^race(-[a-z]+)+$/);
  });

  it('are at least 60, apart from those that nothing tells from the product', () => {
    expect(allRaces.filter(({ hunt }) => hunt !== undefined).length).to.be.at.least(60);
  });

  it('fit the current source', () => {
    for (const race of allRaces) expect(Object.keys(changedFiles(race)), race.id).not.to.be.empty;
  });
});
