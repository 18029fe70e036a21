/** The score as a page, docs/score.md. Everything on it follows from a result of `avp mutants --json`. */
import { basename } from 'node:path';
import { comparedRaces, comparison, type Compared, type ComparedRace, findsOf, type Ranked, ranking } from './compare';
import { MOST_ROUNDS, SCORED_MEMORIES, SCORED_SCHEDULERS } from './engines/explore';
import type { EngineText, MutantScore, ScoreReport } from './report';

const MS_PER_S = 1_000;

/** Escapes text for table cells, so that no part of it acts as markdown. */
function escaped(text: string): string {
  return text.replace(/[|<>*_`\\]/g, (one) => `\\${one}`);
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line), ''].join('\n');
}

function codes(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ');
}

function introduction(report: ScoreReport): string {
  const { mutants, notCaught, cleanReports, seed, selection, startedAt, endedBy } = report;
  const { seeds, schedules, all } = selection;
  const equivalent = mutants.filter((one) => one.equivalent !== null).length;
  const caught = mutants.length - equivalent - notCaught.length;
  const what = all ? 'everything on each variant' : 'on each variant what is known to catch it';
  return `# Score

How strong is this bench? It is tried on ${mutants.length} broken variants of driver and host. Many are mistakes that released drivers made, others are races. \`npx avp mutants\` measures which engines catch which of them, and that no engine reports anything on the unchanged product. It has written this page from its result; \`npx avp mutants --from score.json --page docs/score.md\` writes it again.

This run began on ${startedAt.slice(0, 10)} with seed ${seed}, and tried ${what}. Explorations used up to ${seeds} ${seeds === 1 ? 'seed' : 'seeds'} and ${schedules} schedules each.
${endedBy === undefined ? '' : `\n**This run is incomplete: ${endedBy}.** It says nothing about what those would have measured.\n`}
- **${caught} of ${mutants.length - equivalent} variants are caught.** ${notCaught.length === 0 ? 'None is left over.' : `${notCaught.length} are not: see [below](#not-caught).`}
- ${equivalent} more cannot be told from the product by any order of accesses; the catalog says why.
- **${cleanReports} reports on the unchanged product.**
`;
}

function engineRow({ name, about, unit, lacking }: EngineText, { mutants, clean }: ScoreReport): string[] {
  if (lacking !== null) return [`\`${name}\``, about, '', '', `did not take part: ${lacking}`, '', ''];
  const tried = mutants.flatMap(({ engines }) => engines.filter((one) => one.engine === name && one.tries.length > 0));
  const caught = tried.filter((one) => one.caught);
  const cases = caught.flatMap((one) => (one.cases === null ? [] : [one.cases])).sort((a, b) => a - b);
  const median = cases[Math.ceil(cases.length / 2) - 1];
  const seconds = tried.reduce((sum, { durationMs }) => sum + durationMs, 0) / MS_PER_S;
  const reports = clean.filter(({ engine, report }) => engine === name && report !== null).length;
  return [
    `\`${name}\``,
    about,
    String(tried.length),
    String(caught.length),
    median === undefined ? '' : `${median} ${unit}`,
    `${seconds.toFixed(0)} s`,
    String(reports),
  ];
}

function engineSection(report: ScoreReport): string {
  const heads = [
    'engine',
    'what it is',
    'variants tried',
    'caught',
    'cases to the catch, median',
    'time',
    'reports on the product',
  ];
  return `## Engines

${table(
  heads,
  report.engines.map((engine) => engineRow(engine, report)),
)}
An engine tries only variants that it may catch, so the counts are no shares. \`--all\` tries everything on everything.
`;
}

function figure(value: number | null): string {
  return value === null ? '-' : String(value);
}

function comparedCell({ tried, found, schedules, durationMs }: Compared): string {
  if (tried === 0) return '-';
  return found === 0
    ? `0 of ${tried}`
    : `${found} of ${tried}; ${figure(schedules)} schedules, ${figure(durationMs)} ms`;
}

/** Names the schedulers that find most, in one sentence. */
function bestSentence(races: readonly ComparedRace[]): string {
  const [best, next] = ranking(races) as [Ranked, Ranked];
  const after = ({ schedules }: Ranked): string => `after ${figure(schedules)} schedules in the median`;
  const rest = next.found === best.found ? 'finds as many' : `finds ${next.found}`;
  return `\`${best.scheduler}\` finds ${best.found} of ${races.length} races, ${after(best)}; \`${next.scheduler}\` ${rest}, ${after(next)}.`;
}

/** Names the races that one scheduler alone finds. */
function aloneSentences(races: readonly ComparedRace[]): string[] {
  const alone = SCORED_SCHEDULERS.map((scheduler) => ({
    scheduler,
    own: races.filter((race) =>
      SCORED_SCHEDULERS.every((one) => (findsOf(one, [race])[0] !== null) === (one === scheduler)),
    ),
  })).filter(({ own }) => own.length > 0);
  if (alone.length === 0) return ['Each race is found by at least two schedulers, or by none.'];
  return alone.map(({ scheduler, own }) => `\`${scheduler}\` alone finds ${codes(own.map(({ id }) => id))}.`);
}

function memorySentences(races: readonly ComparedRace[]): string[] {
  const shown = (memory: string): ComparedRace[] => races.filter((race) => race.memory === memory);
  const counts = SCORED_MEMORIES.map((memory) => `\`${memory}\` ${shown(memory).length}`).join(', ');
  const weak = races.filter((race) => race.memory !== 'sc');
  const [best] = ranking(weak) as [Ranked];
  return [
    `By the strongest memory model that shows a race: ${counts}. A weaker model shows all that a stronger one does.`,
    ...(weak.length === 0
      ? []
      : [
          `Of the ${weak.length} that \`sc\` cannot show, \`${best.scheduler}\` finds ${best.found}, after ${figure(best.schedules)} schedules in the median.`,
        ]),
  ];
}

/** Derives advice from the figures for a reader who has time for one search. */
function recommendation(races: readonly ComparedRace[]): string {
  const best = ranking(races)[0]!.scheduler;
  const left = races.filter((race) => findsOf(best, [race])[0] === null);
  const second = ranking(left).find(({ scheduler, found }) => scheduler !== best && found > 0);
  const then =
    second === undefined
      ? ''
      : `, then \`${second.scheduler}\`, which finds ${second.found} of the ${left.length} that it misses`;
  return `**So:** begin with \`--scheduler ${best}\`${then}. Use \`--memory pso\` where threads publish with stores and fences: it includes what \`sc\` and \`tso\` show. Only \`dfs\` can say that nothing is left, up to its bound.`;
}

function schedulerSection(report: ScoreReport, chart: string): string {
  const races = comparedRaces(report);
  if (races.length === 0) return '';
  const compared = comparison(races);
  const rows = SCORED_SCHEDULERS.map((scheduler) => [
    `\`${scheduler}\``,
    ...SCORED_MEMORIES.map((memory) =>
      comparedCell(compared.find((one) => one.scheduler === scheduler && one.memory === memory)!),
    ),
  ]);
  return `## Schedulers and memory models

All schedulers were tried on ${races.length} races, each under the strongest memory model that can show it with up to ${report.selection.seeds} seeds, and \`pct\` and \`pos\` also under all weaker ones with one. Slow finds get fewer seeds: an exploration takes no further one after ${MOST_ROUNDS * report.selection.schedules} schedules, or once half of all can no longer find the race. A race counts as found if at least half of the seeds find it within ${report.selection.schedules} schedules. Figures are medians of these finds; depth first there are no seeds. PCT looked for depth 4, and depth first for at most 2 preemptions and holds.

![Share of races found over schedules, by scheduler](${basename(chart)})

Each race counts under the strongest model that shows it.

${table(['scheduler', ...SCORED_MEMORIES.map((memory) => `\`${memory}\``)], rows)}
${[bestSentence(races), ...aloneSentences(races), ...memorySentences(races), recommendation(races)]
  .map((line) => `- ${line}`)
  .join('\n')}

### Race by race

Schedules up to the find under the strongest memory model that shows the race; - where fewer than half of the seeds found it.

${table(
  ['race', 'check', 'memory', ...SCORED_SCHEDULERS],
  races.map((race) => [
    `\`${race.id}\``,
    `\`${race.check}\``,
    `\`${race.memory}\``,
    ...SCORED_SCHEDULERS.map((scheduler) => figure(findsOf(scheduler, [race])[0]!)),
  ]),
)}`;
}

function holes(report: ScoreReport): string {
  const { clauses, notCaught, mutants } = report;
  const must = clauses.filter(({ level }) => level === 'MUST');
  const unproven = must.filter(({ variants }) => variants.length === 0).map(({ id }) => id);
  const lines = notCaught.map((id) => {
    const { what, engines } = mutants.find((one) => one.id === id)!;
    const wasTried = engines.some(({ tries }) => tries.length > 0);
    return `- \`${id}\`: ${escaped(what)}${wasTried ? '' : ' (no engine that took part has tried it)'}`;
  });
  const clean = report.clean.filter((one) => one.report !== null);
  return `## Not caught

${lines.length === 0 ? 'Every variant is caught that can be.' : lines.join('\n')}
${clean.length === 0 ? '' : `\nReports on the unchanged product:\n\n${clean.map((one) => `- ${one.engine}, ${escaped(one.how)}: ${escaped(one.report!)}`).join('\n')}\n`}
## MUST clauses that no variant fails

${unproven.length === 0 ? `None: each of the ${must.length} MUST clauses fails on at least one variant.` : `${unproven.length} of ${must.length}: ${codes(unproven)}.`}
`;
}

function knownFaults({ mutants }: ScoreReport): string {
  const rows = new Map<string, MutantScore[]>();
  for (const mutant of mutants)
    if (mutant.row !== null) rows.set(mutant.row, [...(rows.get(mutant.row) ?? []), mutant]);
  const inOrder = [...rows].sort(([one], [other]) => one.localeCompare(other, 'en', { numeric: true }));
  return `## Faults of released drivers

Each row is a fault that a released driver has or had. The variants bring it back.

${table(
  ['fault', 'variants', 'caught by'],
  inOrder.map(([row, variants]) => [
    row,
    codes(variants.map(({ id }) => id)),
    [...new Set(variants.flatMap(({ by }) => by))].join(', '),
  ]),
)}`;
}

function variantRow({ id, what, by, cases, durationMs, equivalent }: MutantScore): string[] {
  const caught = by.length > 0 ? by.join(', ') : equivalent === null ? '**none**' : 'equivalent';
  return [`\`${id}\``, escaped(what), caught, figure(cases), (durationMs / MS_PER_S).toFixed(1)];
}

function variantSection({ mutants }: ScoreReport): string {
  return `## Every variant

Cases are those of the engine that needed fewest. The time is that of all tries.

${table(['variant', 'what is wrong', 'caught by', 'cases', 's'], mutants.map(variantRow))}`;
}

function clauseSection({ clauses }: ScoreReport): string {
  const rows = clauses
    .filter(({ level, variants }) => level === 'MUST' && variants.length > 0)
    .map(({ id, variants }) => [`\`${id}\``, codes(variants)]);
  return `## Variants that fail each MUST clause

${table(['clause', 'variants'], rows)}`;
}

/**
 * Writes the page.
 * @param chart path of the chart that stands beside it.
 */
export function scorePage(report: ScoreReport, chart: string): string {
  const sections = [
    introduction(report),
    engineSection(report),
    schedulerSection(report, chart),
    holes(report),
    knownFaults(report),
    variantSection(report),
    clauseSection(report),
  ];
  return sections.filter((section) => section !== '').join('\n');
}
