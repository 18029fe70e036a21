import type { Mutant } from '../../../../testbench/mutants/build/mutant';

/** The chapter of the suite that a variant belongs to: the first word of its id. */
export function chapterOfMutant({ id }: Mutant): string {
  return id.slice(0, id.indexOf('-'));
}
