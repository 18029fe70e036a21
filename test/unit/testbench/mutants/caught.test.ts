import { expect } from 'chai';
import { chapters } from '../../../../testbench/conformance/chapters';
import { allClauses, findClause } from '../../../../testbench/conformance/registry';
import { Lab } from '../../../../testbench/mutants/build/lab';
import { chapterOfMutant, allMutants } from '../../../../testbench/mutants/catalog';

describe('broken variants', function () {
  this.timeout(120_000);
  const lab = new Lab();
  const caught = new Set<string>();
  const proven = new Set<string>();

  after(async () => {
    await lab.close();
    const must = [...proven].filter((id) => findClause(id).level === 'MUST').length;
    const all = caught.size === allMutants.length ? 'all' : `${caught.size} of them`;
    process.stdout.write(`  ${must} MUST clauses, ${allMutants.length} broken variants, ${all} caught\n`);
  });

  for (const { name } of chapters)
    describe(`of the chapter ${name}`, () => {
      for (const mutant of allMutants.filter((one) => chapterOfMutant(one) === name))
        it(`${mutant.id} fails ${mutant.fails.join(', ')}`, async () => {
          for (const clause of mutant.fails) {
            const { verdict, detail } = await lab.run(mutant, clause);
            const replay = `npx ts-node testbench/mutants/build/run.ts ${mutant.id} ${clause}`;
            const uncaught = `${clause} does not catch ${mutant.id}: ${mutant.what}`;
            expect(verdict, `${uncaught}\n${detail}\nreplay: ${replay}\n`).to.equal('fail');
          }
          caught.add(mutant.id);
          for (const clause of mutant.fails) proven.add(clause);
        });
    });

  describe('leave nothing behind', () => {
    it('the unchanged driver and host pass every clause afterwards', async () => {
      for (const { id } of allClauses) {
        const { verdict, detail } = await lab.run(null, id);
        expect(verdict, `${id}\n${detail}\n`).to.equal('pass');
      }
    });
  });
});
