import type { MigrationReport } from '../../api/result';
import { badge, facts, fold, subfold, table, type Tone } from '../../pages/components';
import { type Content, html, type Markup } from '../../pages/markup';
import type { Section } from '../../pages/page';
import type { MigrationSpan, MigrationSpans } from './spans';

/** A migration with its report; null for one that had not ended when the run did. */
export interface ShownMigration {
  readonly spans: MigrationSpans;
  readonly report: MigrationReport | null;
}

/** Migrations that are shown in full; of those beyond, only the ones that did not complete. */
const SHOWN_IN_FULL = 100;
const US_PER_MS = 1_000;

/** Joins the migrations on the timeline with their reports, which are in the order of each instance's migrations. */
export function joinReports(
  migrations: readonly MigrationSpans[],
  reports: readonly MigrationReport[],
): ShownMigration[] {
  return migrations.map((spans) => ({
    spans,
    report: reports.filter(({ instance }) => instance === spans.instance)[spans.number - 1] ?? null,
  }));
}

export function msText(us: number): string {
  return `${Number((us / US_PER_MS).toFixed(3))} ms`;
}

export function lostText(lost: Readonly<Record<string, number>>): string {
  const causes = Object.entries(lost).filter(([, count]) => count > 0);
  const sum = causes.reduce((all, [, count]) => all + count, 0);
  return sum === 0 ? '0' : `${sum} (${causes.map(([cause, count]) => `${cause} ${count}`).join(', ')})`;
}

function outcomeBadge(report: MigrationReport | null): Markup {
  if (report === null) return badge('bad', '…', 'did not end');
  const [tone, sign]: [Tone, string] = report.outcome === 'completed' ? ['good', '✔'] : ['warn', '!'];
  return badge(tone, sign, report.outcome);
}

function anchorOf({ instance, number }: MigrationSpans): string {
  return `migration-${instance.replace(/[^\w-]/g, '-')}-${number}`;
}

/** The end of a span as the timeline says it: result, answer, outcome. */
function resultOf({ args, isOpen }: MigrationSpan): string {
  if (isOpen) return 'still under way when the run ended';
  const { result, answer, ended, connected } = args;
  return String(result ?? answer ?? ended ?? connected ?? '');
}

function bar(span: MigrationSpan, whole: MigrationSpan, tone: string): Markup {
  const length = Math.max(1, whole.toUs - whole.fromUs);
  const left = Math.min(100, ((span.fromUs - whole.fromUs) / length) * 100);
  const width = Math.min(100 - left, ((span.toUs - span.fromUs) / length) * 100);
  return html`<div class="lane" aria-hidden="true"><span class="${tone}" style="margin-left:${left.toFixed(2)}%;width:${width.toFixed(2)}%"></span></div>`;
}

function toneOf({ what, args }: MigrationSpan): string {
  if (args['result'] === 'refused' || args['result'] === 'timed-out' || args['result'] === 'not-driven') return 'bad';
  return { detach: 'warn', detached: 'quiet', moving: 'quiet', attach: 'good' }[what] ?? 'held';
}

/** The spans of a migration below one another, each as a bar at its place in time. */
function spanTable({ spans: { whole, parts, instance, number } }: ShownMigration): Markup {
  const row = (span: MigrationSpan, tone: string): Content[] => [
    html`${span.who}: ${span === whole ? 'migration' : span.what}`,
    bar(span, whole, tone),
    msText(span.fromUs),
    msText(span.toUs - span.fromUs),
    resultOf(span),
  ];
  const columns = [
    ...[{ head: 'what' }, { head: 'place in time' }, { head: 'from', number: true }, { head: 'took', number: true }],
    { head: 'result' },
  ];
  const rows = [row(whole, 'held'), ...parts.map((part) => row(part, toneOf(part)))];
  return html`<div class="spans">${table(`Timeline of migration ${number} of ${instance}`, columns, rows)}</div>`;
}

function stepList({ timeline }: MigrationReport): Markup {
  const steps = timeline.map(
    ({ atMs, nic, step, detail }) =>
      html`<li class="event"><span class="time">${atMs.toFixed(3)} ms</span> <span class="subject">${nic ?? 'instance'}</span> <div class="what">${step}${detail === '' ? null : html` <span class="result">${detail}</span>`}</div></li>`,
  );
  return subfold(`${timeline.length} steps`, html`<ol class="timeline">${steps}</ol>`);
}

function migrationFold(migration: ShownMigration, open: boolean): Markup {
  const { spans, report } = migration;
  const { instance, number, way } = spans;
  const rings =
    report === null ? null : Object.entries(report.ringsAtDetach).map(([ring, count]) => `${ring} ${count}`);
  const lacking = report === null ? [] : Object.entries(report.lostFeatures);
  const known =
    report === null
      ? null
      : facts([
          ['outcome', report.cause === null ? report.outcome : `${report.outcome}: ${report.cause}`],
          [
            'downtime',
            html`${report.downtimeMs} ms <small class="faint">the longest time without a packet at a port</small>`,
          ],
          ['frames lost', lostText(report.lostByCause)],
          ['on the FIFOs at the detach', rings!.join(', ')],
          [
            'the new host lacks',
            lacking.length === 0 ? null : lacking.map(([port, what]) => `${port}: ${what.join(', ')}`).join('; '),
          ],
        ]);
  const content = html`${known}
${spanTable(migration)}${report === null ? null : stepList(report)}`;
  return fold(html`${instance}, migration ${number}: ${way.replace('->', '→')}`, content, {
    ...{ id: anchorOf(spans), open, more: outcomeBadge(report) },
  });
}

function isCompleted({ report }: ShownMigration): boolean {
  return report?.outcome === 'completed';
}

/** The migrations of a run: one line for each, then each with its timeline. Null where there was none. */
export function migrationSection(migrations: readonly ShownMigration[]): Section | null {
  if (migrations.length === 0) return null;
  const rows = migrations.map(({ spans, report }) => [
    html`<a href="#${anchorOf(spans)}">${spans.instance} ${spans.number}</a>`,
    spans.way.replace('->', '→'),
    outcomeBadge(report),
    report === null ? '' : `${report.downtimeMs} ms`,
    report === null ? '' : lostText(report.lostByCause),
  ]);
  const columns = [
    ...[
      { head: 'migration', short: true },
      { head: 'way', short: true },
      { head: 'outcome' },
      { head: 'downtime', number: true },
    ],
    { head: 'frames lost' },
  ];
  const shown = migrations.filter((one, index) => index < SHOWN_IN_FULL || !isCompleted(one));
  const hidden = migrations.length - shown.length;
  // The first that did not complete, or else the first.
  const opened = shown.find((one) => !isCompleted(one)) ?? shown[0];
  return {
    ...{ id: 'migrations', heading: 'Migrations' },
    content: html`${table('Migrations', columns, rows)}
${shown.map((one) => migrationFold(one, one === opened))}${hidden === 0 ? null : html`<p class="faint">${hidden} more that completed are in the table only.</p>`}`,
  };
}
