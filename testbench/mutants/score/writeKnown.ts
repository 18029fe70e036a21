/**
 * Writes what has caught each variant into the catalog, from results of `avp mutants --all`:
 * `npx ts-node testbench/mutants/score/writeKnown.ts REPORT.json...`. Variants and engines that no result has keep what
 * is known of them. `avp mutants` tries these first.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../runtime/package';
import { allVariants } from '../catalog';
import { isForClauses, isHostile, isRace } from '../build/mutant';
import { caughtBy } from '../catalog/caughtBy';
import { cellOf } from './engines/explore';
import type { CaughtBy } from './known';
import type { MutantScore, ScoreReport } from './report';
import { readScore } from './result';

const FILE = 'testbench/mutants/catalog/caughtBy.ts';

/** True if the variant's own entry in the catalog names this way of catching it already. */
function isInCatalog(id: string, engine: string, how: string): boolean {
  const variant = allVariants.find((one) => one.id === id);
  if (variant === undefined) return true;
  if (engine === 'conform') return isForClauses(variant) && variant.fails.includes(how.split(' ')[0]!);
  if (engine === 'hostile') return isHostile(variant) && variant.attacks === how;
  return engine === 'explore' && isRace(variant) && variant.hunt?.check === cellOf(how).check;
}

/** Returns the first try of each engine that caught a variant, unless the variant's own entry names one that did. */
function catchesOf({ id, engines }: MutantScore): Record<string, readonly string[]> {
  const found = engines.map(({ engine, tries }) => {
    const caught = tries.filter((one) => one.caught > 0).map(({ how }) => how);
    const isKnown = caught.some((how) => isInCatalog(id, engine, how));
    return [engine, isKnown ? [] : caught.slice(0, 1)] as const;
  });
  return Object.fromEntries(found.filter(([, hows]) => hows.length > 0));
}

/** Returns the known catches, with those of the measured variants replaced by the catches in `reports`. */
export function knownWith(known: CaughtBy, reports: readonly ScoreReport[]): CaughtBy {
  const all: Record<string, Record<string, readonly string[]>> = {};
  for (const { id } of allVariants) all[id] = { ...known[id] };
  for (const { mutants } of reports)
    for (const mutant of mutants) {
      const entry = all[mutant.id];
      if (entry === undefined) continue;
      for (const { engine, tries } of mutant.engines) if (tries.length > 0) delete entry[engine];
      Object.assign(entry, catchesOf(mutant));
    }
  return Object.fromEntries(Object.entries(all).filter(([, engines]) => Object.keys(engines).length > 0));
}

/** The text of the catalog's file. */
export function knownText(known: CaughtBy): string {
  const quoted = (text: string): string => `'${text}'`;
  const entries = Object.entries(known).map(([id, engines]) => {
    const hows = Object.entries(engines).map(([engine, list]) => `${engine}: [${list.map(quoted).join(', ')}]`);
    return `  ${quoted(id)}: { ${hows.join(', ')} },\n`;
  });
  return `/**
 * Tries that catch a variant besides its \`fails\` and its \`hunt\`, by variant and engine. Written by
 * \`npx ts-node testbench/mutants/score/writeKnown.ts REPORT.json...\` from results of \`avp mutants --all\`.
 */
// prettier-ignore
export const caughtBy = {
${entries.join('')}};
`;
}

if (require.main === module) {
  const reports = process.argv.slice(2).map((path) => readScore(path).report);
  writeFileSync(join(packageRoot(), FILE), knownText(knownWith(caughtBy, reports)));
}
