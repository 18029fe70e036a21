/**
 * Runs broken variants by hand and prints what each clause says:
 * `npx ts-node testbench/mutants/build/run.ts [ID|all] [CLAUSE...|all]`. The first `all` stands for every variant,
 * the second for every clause. Without clauses it runs those that the variant has to fail.
 */
import { allClauses } from '../../conformance/registry';
import { Lab } from './lab';
import { findMutant, allMutants } from '../catalog';
import type { Mutant } from './mutant';

function clausesOf(mutant: Mutant, given: readonly string[]): readonly string[] {
  if (given.length === 0) return mutant.fails;
  return given.includes('all') ? allClauses.map((clause) => clause.id) : given;
}

async function main([id = 'all', ...given]: readonly string[]): Promise<void> {
  const lab = new Lab(1);
  try {
    for (const mutant of id === 'all' ? allMutants : [findMutant(id)]) {
      process.stdout.write(`${mutant.id}: ${mutant.what}\n`);
      for (const clause of clausesOf(mutant, given)) {
        const [outcome] = await lab.run(mutant, [clause]);
        const { verdict, detail, durationMs } = outcome!;
        process.stdout.write(`  ${clause} ${verdict} (${durationMs} ms)\n${detail.replace(/^(?=.)/gm, '    ')}\n`);
      }
    }
  } finally {
    await lab.close();
  }
}

void main(process.argv.slice(2));
