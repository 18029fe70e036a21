import { chapters } from './chapters';
import { chapterOf, type Clause, numberOf } from './clause';
import { controlClauses } from './clauses/control';
import { controlAnswerClauses } from './clauses/controlAnswers';
import { controlRefusedClauses } from './clauses/controlRefused';
import { controlLackingClauses } from './clauses/controlLacking';
import { fifoClauses } from './clauses/fifo';
import { hotplugClauses } from './clauses/hotplug';
import { hotplugGoneClauses } from './clauses/hotplugGone';
import { hotplugKilledClauses } from './clauses/hotplugKilled';
import { hotplugManyClauses } from './clauses/hotplugMany';
import { hotplugTwoGuestClauses } from './clauses/hotplugTwoGuests';
import { infoClauses } from './clauses/info';
import { infoPromiseClauses } from './clauses/infoPromises';
import { infoOffloadClauses } from './clauses/infoOffloads';
import { linkClauses } from './clauses/link';
import { linkEventClauses } from './clauses/linkEvents';
import { linkRestartClauses } from './clauses/linkRestart';
import { linuxClauses } from './clauses/linux';
import { linuxMigrateClauses } from './clauses/linuxMigrate';
import { linuxMigrateEdgeClauses } from './clauses/linuxMigrateEdges';
import { linuxTrafficClauses } from './clauses/linuxTraffic';
import { macClauses } from './clauses/mac';
import { macModeClauses } from './clauses/macModes';
import { memoryClauses } from './clauses/memory';
import { memoryMapClauses } from './clauses/memoryMaps';
import { migrateBadHostClauses } from './clauses/migrateBadHosts';
import { migrateClauses } from './clauses/migrate';
import { migrateDetachedClauses } from './clauses/migrateDetached';
import { migrateEventClauses } from './clauses/migrateEvents';
import { migrateHeldClauses } from './clauses/migrateHeld';
import { migrateHostClauses } from './clauses/migrateHosts';
import { migrateMatrixClauses } from './clauses/migrateMatrix';
import { migrateRefusalClauses } from './clauses/migrateRefusals';
import { migrateRestartClauses } from './clauses/migrateRestarts';
import { migrateStateClauses } from './clauses/migrateStates';
import { migrateUnreadyClauses } from './clauses/migrateUnready';
import { negotiateClauses } from './clauses/negotiate';
import { negotiateAgainClauses } from './clauses/negotiateAgain';
import { negotiateLimitClauses } from './clauses/negotiateLimits';
import { negotiateOneWayClauses } from './clauses/negotiateOneWay';
import { pciClauses } from './clauses/pci';
import { rxClauses } from './clauses/rx';
import { rxHostileClauses } from './clauses/rxHostile';
import { rxInParallelClauses } from './clauses/rxInParallel';
import { rxLimitClauses } from './clauses/rxLimits';
import { rxLeastMbufClauses } from './clauses/rxLeastMbufs';
import { rxAskedClauses } from './clauses/rxAsked';
import { statsClauses } from './clauses/stats';
import { statsLifeClauses } from './clauses/statsLives';
import { statsExtendedClauses } from './clauses/statsExtended';
import { txClauses } from './clauses/tx';
import { txGeneratedClauses } from './clauses/txGenerated';
import { txLimitClauses } from './clauses/txLimits';
import { txSharedClauses } from './clauses/txShared';
import { vlanClauses } from './clauses/vlan';
import { vlanEdgeClauses } from './clauses/vlanEdges';
import { vlanLongestClauses } from './clauses/vlanLongest';
import { vlanTwoTagClauses } from './clauses/vlanTwoTags';
import { vlanUnansweredClauses } from './clauses/vlanUnanswered';

const FIRST_SECTION = 2;
const LAST_SECTION = 18;

function sortKey(clause: Clause): number {
  return chapters.findIndex((chapter) => chapter.name === chapterOf(clause.id)) * 10_000 + numberOf(clause.id);
}

/** A function, flag, structure or file of ethdev, as the note of an `ethdev` clause names it. */
const CONTRACT = /\b(rte_(?!avp)|RTE_(?!AVP))\w+/;

/** Describes what is wrong with the source that a clause claims. Null if nothing is. */
function sourceFaultOf({ basis, level, note }: Clause): string | null {
  if (basis === 'reading' && level === 'MUST') return 'a reading of this project is no MUST';
  if (basis === 'reading' && note === null) return 'it has no note that says what is read into the rule';
  if (basis === 'ethdev' && !CONTRACT.test(note ?? '')) return 'its note names no contract of ethdev';
  return null;
}

/** Describes the first thing that is wrong with a clause's declaration. Null if nothing is. */
function faultOf(clause: Clause): string | null {
  const section = Number(clause.section);
  if (!/^[a-z]+\/[1-9][0-9]*$/.test(clause.id)) return 'its id is not of the form chapter/number';
  if (!chapters.some((chapter) => chapter.name === chapterOf(clause.id))) return 'its chapter is unknown';
  if (!(section >= FIRST_SECTION && section <= LAST_SECTION)) return `section '${clause.section}' does not exist`;
  if (clause.steps.length === 0) return 'it has no steps';
  for (const key of ['title', 'goal', 'requirement'] as const) if (clause[key].trim() === '') return `it has no ${key}`;
  return sourceFaultOf(clause);
}

/**
 * Sorts clauses by chapter and number.
 * @throws Error if two clauses have the same id or a declaration is incomplete.
 */
export function makeRegistry(clauses: readonly Clause[]): Clause[] {
  const seen = new Set<string>();
  for (const clause of clauses) {
    const fault = seen.has(clause.id) ? 'its id is used twice' : faultOf(clause);
    if (fault !== null) throw new Error(`clause ${clause.id}: ${fault}`);
    seen.add(clause.id);
  }
  return [...clauses].sort((one, other) => sortKey(one) - sortKey(other));
}

/** All clauses, in the order in which reports list them. */
export const allClauses: readonly Clause[] = makeRegistry([
  ...pciClauses,
  ...memoryClauses,
  ...memoryMapClauses,
  ...infoClauses,
  ...infoPromiseClauses,
  ...infoOffloadClauses,
  ...fifoClauses,
  ...controlClauses,
  ...controlAnswerClauses,
  ...controlRefusedClauses,
  ...controlLackingClauses,
  ...negotiateClauses,
  ...negotiateAgainClauses,
  ...negotiateLimitClauses,
  ...negotiateOneWayClauses,
  ...rxClauses,
  ...rxHostileClauses,
  ...rxLimitClauses,
  ...rxLeastMbufClauses,
  ...rxAskedClauses,
  ...rxInParallelClauses,
  ...txClauses,
  ...txGeneratedClauses,
  ...txLimitClauses,
  ...txSharedClauses,
  ...vlanClauses,
  ...vlanEdgeClauses,
  ...vlanUnansweredClauses,
  ...vlanTwoTagClauses,
  ...vlanLongestClauses,
  ...macClauses,
  ...macModeClauses,
  ...statsClauses,
  ...statsLifeClauses,
  ...statsExtendedClauses,
  ...linkClauses,
  ...linkRestartClauses,
  ...linkEventClauses,
  ...hotplugClauses,
  ...hotplugKilledClauses,
  ...hotplugTwoGuestClauses,
  ...hotplugManyClauses,
  ...hotplugGoneClauses,
  ...migrateClauses,
  ...migrateEventClauses,
  ...migrateRefusalClauses,
  ...migrateBadHostClauses,
  ...migrateStateClauses,
  ...migrateUnreadyClauses,
  ...migrateDetachedClauses,
  ...migrateRestartClauses,
  ...migrateHeldClauses,
  ...migrateHostClauses,
  ...migrateMatrixClauses,
  ...linuxClauses,
  ...linuxTrafficClauses,
  ...linuxMigrateClauses,
  ...linuxMigrateEdgeClauses,
]);

/** @throws Error if there is no clause with this id. */
export function findClause(id: string): Clause {
  const found = allClauses.find((clause) => clause.id === id);
  if (found === undefined) throw new Error(`no clause ${id}`);
  return found;
}

/**
 * Looks up the text of a clause that was read from a result file. Returns an empty object if this version has
 * no clause with this id and title.
 */
export function findClauseText(
  id: string,
  title: string,
): Partial<Pick<Clause, 'goal' | 'steps' | 'requirement' | 'host' | 'note'>> {
  const found = allClauses.find((clause) => clause.id === id && clause.title === title);
  if (found === undefined) return {};
  const { goal, steps, requirement, host, note } = found;
  return { goal, steps, requirement, host, note };
}
