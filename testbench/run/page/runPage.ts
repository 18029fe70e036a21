import type { DropCause } from '../../api/drops';
import { droppedIn, type MigrationReport, type ScenarioResult, type Verdict } from '../../api/result';
import type { ScenarioRun } from '../../common/order';
import { WIRE_STYLE, wireSection } from '../../evidence/page/wireSection';
import { badge, command, facts, incompleteBanner, subfold, table, type Tone } from '../../pages/components';
import { type Content, html, type Markup } from '../../pages/markup';
import { pageText, type Section } from '../../pages/page';
import { plotsNeedScripts } from '../../pages/plot';
import { joinReports, lostText, migrationSection, msText, type ShownMigration } from './migrations';
import { nicPlots, type OverTime, overTime, PlotList, ringContent } from './overTime';
import { migrationSpans } from './spans';

/** A run as a page shows it. */
export interface RunPage extends Pick<ScenarioRun, 'result' | 'details' | 'trace' | 'wire'> {
  /** The command that repeats the run. */
  readonly replay: string;
  /** The signal that ended the run early; null for none. */
  readonly endedBy: string | null;
}

const STYLE = `${WIRE_STYLE}
.spans { margin: .6rem 0; }
.spans td:nth-child(2) { width: 34%; min-width: 8rem; }
.lane { background: var(--soft); border-radius: 3px; height: 1rem; overflow: hidden; margin-top: .1rem; }
.lane > span { display: block; height: 100%; min-width: 2px; background: var(--own); border-radius: 3px; opacity: .85; }
.expectations { list-style: none; padding: 0; margin: .4rem 0; }
.expectations li { padding: .1rem 0; overflow-wrap: anywhere; }
.show { display: flex; flex-wrap: wrap; align-items: center; gap: .2rem .6rem; margin: .5rem 0; }
@media (max-width: 40rem) { .spans td:nth-child(2) { width: auto; } .spans td:nth-child(2)::before { content: none !important; } }
`;

const VERDICTS: Readonly<Record<Verdict, readonly [Tone, string, string]>> = {
  pass: ['good', '✔', 'passed'],
  fail: ['bad', '✘', 'failed'],
  error: ['broken', '‼', 'error'],
};

function expectationSection({ expectations, verdict }: ScenarioResult, details: readonly string[]): Section {
  const row = (ok: boolean): Markup[] =>
    expectations
      .filter((one) => one.ok === ok)
      .map(({ what }) => html`<li>${ok ? badge('good', '✔', 'met') : badge('bad', '✘', 'missed')} ${what}</li>\n`);
  const met = row(true);
  const missed = row(false);
  const metList = html`<ul class="expectations">${met}</ul>`;
  return {
    ...{ id: 'expectations', heading: 'Expectations' },
    content: html`${missed.length === 0 ? null : html`<ul class="expectations">${missed}</ul>`}
${details.map((detail) => html`<pre class="text">${detail}</pre>\n`)}${met.length === 0 ? null : verdict === 'pass' ? metList : subfold(`${met.length} met`, metList)}`,
  };
}

/** Losses over all: those that the loads have counted, or else those of the ports. */
function lossesOf({ lostByCause, ports }: ScenarioResult): Readonly<Record<string, number>> {
  if (lostByCause !== undefined) return lostByCause;
  const sums: Record<string, number> = {};
  for (const { dropped } of ports)
    for (const [cause, count] of Object.entries(dropped)) sums[cause] = (sums[cause] ?? 0) + count;
  return sums;
}

function lossSection(result: ScenarioResult, seen: OverTime | null, list: PlotList): Section {
  const losses = Object.entries(lossesOf(result)).sort(([, one], [, other]) => other - one);
  const during = (cause: string): number =>
    result.migrations.reduce((sum, { lostByCause }) => sum + (lostByCause[cause as DropCause] ?? 0), 0);
  const columns = [
    { head: 'place and cause' },
    ...['frames', 'of these during migrations'].map((head) => ({ head, number: true })),
  ];
  const plots = seen === null ? null : nicPlots(seen.losses, 'frames lost', seen, list);
  return {
    ...{ id: 'losses', heading: 'Losses by cause' },
    content:
      losses.length === 0
        ? html`<p>No frame was lost.</p>`
        : html`${table(
            'Losses by cause',
            columns,
            losses.map(([cause, count]) => [cause, count, during(cause)]),
          )}${plots}`,
  };
}

function faultSection({ faults = [] }: ScenarioResult): Section | null {
  if (faults.length === 0) return null;
  const columns = [
    { head: 'fault' },
    ...['operations', 'struck', 'frames lost'].map((head) => ({ head, number: true })),
  ];
  const rows = faults.map(({ name, seen, fired, lost }) => [name, seen, fired, lost]);
  return { id: 'faults', heading: 'Faults', content: table('Faults', columns, rows) };
}

function frameSection({ ports, ...totals }: ScenarioResult, seen: OverTime | null, list: PlotList): Section {
  const columns = [
    { head: 'port' },
    ...['offered', 'delivered', 'dropped'].map((head) => ({ head, number: true })),
    { head: 'dropped by cause' },
  ];
  const rows = ports.map((account) => [
    ...[account.name, account.offered, account.delivered, droppedIn(account)],
    Object.entries(account.dropped)
      .map(([cause, count]) => `${cause} ${count}`)
      .join(', '),
  ]);
  const { offered, delivered, corrupted, duplicated, reordered, unexplainedLoss } = totals;
  const sums =
    offered === undefined
      ? null
      : html`<p>All loads: ${offered} frames offered, ${delivered ?? 0} delivered, ${corrupted ?? 0} corrupted, ${duplicated ?? 0} duplicated, ${reordered ?? 0} reordered, ${unexplainedLoss ?? 0} lost without a cause.</p>\n`;
  const plots = seen === null ? null : nicPlots(seen.packets, 'packets', seen, list);
  return {
    ...{ id: 'frames', heading: 'Frames' },
    content: html`${sums}${rows.length === 0 ? html`<p class="faint">No port is on record.</p>` : table('Frames of each port', columns, rows)}${plots}`,
  };
}

/** A list from which to choose the part of the time that the plots show. */
function partChoice(migrations: readonly ShownMigration[], endUs: number): Markup | null {
  if (migrations.length === 0) return null;
  const options = migrations.map(({ spans: { instance, number, whole } }) => {
    const margin = (whole.toUs - whole.fromUs) / 4;
    const [from, to] = [Math.max(0, whole.fromUs - margin) / 1_000, Math.min(endUs, whole.toUs + margin) / 1_000];
    return html`<option value="${from} ${to}">${instance}, migration ${number}, at ${msText(whole.fromUs)}</option>`;
  });
  return html`<p class="show" hidden><label>Show <select data-parts><option value="">the whole run</option>${options}</select></label> <span class="faint">Or drag over a plot; a double click shows all again.</span></p>
`;
}

function ringSection(
  seen: OverTime | null,
  list: PlotList,
  migrations: readonly ShownMigration[],
  mode: string,
): Section {
  const content = seen === null ? [] : (ringContent(seen, list) as Markup[]);
  return {
    ...{ id: 'fifos', heading: 'FIFOs over time' },
    content:
      content.length === 0
        ? html`<p class="faint">The FIFOs of a run in mode ${mode} are not on record.</p>`
        : html`${migrations.length === 0 ? null : html`<p class="faint">Shaded: a migration is under way.</p>`}${partChoice(migrations, seen!.endUs)}${content}`,
  };
}

function wireContent({ wire = null, result }: RunPage): Section {
  return {
    ...{ id: 'events', heading: 'Packets and events' },
    content:
      wire === null
        ? html`<p class="faint">Packets and events of a run in mode ${result.mode} are not on record.</p>`
        : wireSection(wire, result.verdict !== 'pass'),
  };
}

function downtimeText(migrations: readonly MigrationReport[]): string | null {
  if (migrations.length === 0) return null;
  const times = migrations.map(({ downtimeMs }) => downtimeMs).sort((one, other) => one - other);
  const middle = times[Math.floor(times.length / 2)]!;
  return times.length === 1
    ? `${middle} ms`
    : `${times[0]} to ${times.at(-1)} ms in ${times.length} migrations, median ${middle} ms`;
}

function lead({ result, replay, trace, endedBy }: RunPage): Content {
  const { verdict, seed, mode, engine, expectations, migrations } = result;
  const met = expectations.filter(({ ok }) => ok).length;
  const banner = endedBy === null ? null : incompleteBanner(`this run is incomplete: ${endedBy} ended it`);
  return html`<ul class="summary"><li>${badge(...VERDICTS[verdict])}</li></ul>
${banner}
${facts([
  ['expectations', `${met} of ${expectations.length} met`],
  ['migrations', migrations.length === 0 ? null : migrations.length],
  ['downtime', downtimeText(migrations)],
  ['frames lost', lostText(lossesOf(result))],
  [
    'run',
    `seed ${seed}, mode ${mode}, engine ${engine}${trace === null ? '' : `, ${msText(trace.endUs)} ${mode === 'threads' ? 'of real time' : 'of virtual time'}`}`,
  ],
  [
    'left out',
    trace === null || trace.leftOut === 0
      ? null
      : `${trace.leftOut} samples and moments, for which the record had no room`,
  ],
])}
<p class="label">Repeat it</p>
${command(replay)}
${plotsNeedScripts('The tables have the sums.')}`;
}

/** Builds the page of a run: one self-contained file. */
export function runPage(run: RunPage): string {
  const { result, details, trace } = run;
  const migrations = trace === null ? [] : joinReports(migrationSpans(trace), result.migrations);
  const bands = migrations.map(({ spans: { whole } }) => ({ from: whole.fromUs / 1_000, to: whole.toUs / 1_000 }));
  const seen = trace === null ? null : overTime(trace, bands);
  const list = new PlotList();
  const sections = [
    expectationSection(result, details),
    migrationSection(migrations),
    ringSection(seen, list, migrations, result.mode),
    lossSection(result, seen, list),
    frameSection(result, seen, list),
    faultSection(result),
    wireContent(run),
  ];
  return pageText({
    ...{ title: `AVP run: ${result.scenario}`, heading: result.scenario, lead: lead(run), sections, style: STYLE },
    plots: list.plots,
  });
}
