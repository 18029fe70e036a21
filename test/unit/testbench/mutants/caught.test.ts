import { expect } from 'chai';
import { chapters } from '../../../../testbench/conformance/chapters';
import { allClauses, findClause } from '../../../../testbench/conformance/registry';
import type { ClauseOutcome } from '../../../../testbench/conformance/verdict';
import { Lab } from '../../../../testbench/mutants/build/lab';
import type { Mutant } from '../../../../testbench/mutants/build/mutant';
import { allMutants } from '../../../../testbench/mutants/catalog';
import { chapterOfMutant } from './chapterOfMutant';

/** Every variant, in the order of the chapters. */
const inOrder = chapters.flatMap(({ name }) => allMutants.filter((mutant) => chapterOfMutant(mutant) === name));

describe('broken variants', function () {
  this.timeout(120_000);
  const lab = new Lab();
  const started = new Map<Mutant, Promise<ClauseOutcome[]>>();
  const caught = new Set<string>();
  const proven = new Set<string>();

  /** The outcomes of a variant's clauses. Also starts the next variants, so that no thread of the lab is idle. */
  function outcomesOf(mutant: Mutant): Promise<ClauseOutcome[]> {
    const from = inOrder.indexOf(mutant);
    for (const next of inOrder.slice(from, from + 4 * lab.threads))
      if (!started.has(next)) started.set(next, lab.run(next, next.fails));
    return started.get(mutant)!;
  }

  after(async () => {
    await lab.close();
    const must = [...proven].filter((id) => findClause(id).level === 'MUST').length;
    const all = caught.size === allMutants.length ? 'all' : `${caught.size} of them`;
    process.stdout.write(`  ${must} MUST clauses, ${allMutants.length} broken variants, ${all} caught\n`);
  });

  for (const { name } of chapters)
    describe(`of the chapter ${name}`, () => {
      for (const mutant of inOrder.filter((one) => chapterOfMutant(one) === name))
        it(`${mutant.id} fails ${mutant.fails.join(', ')}`, async () => {
          for (const [index, { verdict, detail }] of (await outcomesOf(mutant)).entries()) {
            const clause = mutant.fails[index];
            const replay = `npx ts-node testbench/mutants/build/run.ts ${mutant.id} ${clause}`;
            const uncaught = `${clause} does not catch ${mutant.id}: ${mutant.what}`;
            expect(verdict, `${uncaught}\n${detail}\nreplay: ${replay}\n`).to.equal('fail');
          }
          caught.add(mutant.id);
          for (const clause of mutant.fails) proven.add(clause);
        });
    });

  describe('leave no effect', function () {
    // Each test runs the whole suite.
    this.timeout(600_000);

    it('the unmodified driver and host pass every clause afterwards', async () => {
      const outcomes = await Promise.all(allClauses.map(({ id }) => lab.run(null, [id])));
      for (const [index, { verdict, detail }] of outcomes.flat().entries())
        expect(verdict, `${allClauses[index]!.id}\n${detail}\n`).to.equal('pass');
    });

    it('nor does any clause fail it under an application that polls by itself', async () => {
      const outcomes = await Promise.all(allClauses.map(({ id }) => lab.run(null, [id], 'polling')));
      for (const [index, { verdict, detail }] of outcomes.flat().entries())
        expect(verdict, `${allClauses[index]!.id}\n${detail}\n`).to.be.oneOf(['pass', 'skip']);
    });
  });
});
