import { chapters } from '../chapters';
import { chapterOf } from '../clause';
import {
  BAIL,
  lacksShards,
  type Reported,
  type ReportedClause,
  type RunReport,
  unfinishedText,
  waiversOf,
} from '../report';
import { isWaiverFinding, type JudgedWaiver, waiverNote, waiverText } from '../waivers';
import { messageOf, oneLine } from './failure';
import { html as xml, type Markup } from '../../pages/markup';

/**
 * JUnit XML in the form that the reporters of GitLab, Jenkins and GitHub accept: a suite for each chapter of
 * each target, and a case for each clause. They list a failure's message and show its text on demand.
 */

interface Case {
  readonly className: string;
  readonly name: string;
  /** Properties of the case, by name. */
  readonly properties: readonly (readonly [string, string])[];
  readonly durationMs: number;
  /** Element that says how the case ended. Null for a pass that needs no explanation. */
  readonly ending: Markup | null;
  readonly kind: 'pass' | 'failure' | 'error' | 'skipped';
}

interface Suite {
  readonly name: string;
  readonly run: RunReport;
  readonly cases: readonly Case[];
}

function endingOf(result: Reported): Pick<Case, 'ending' | 'kind'> {
  const { clause, verdict, detail, replay } = result;
  const message = messageOf(detail);
  const text = `${detail}\nreplay: ${replay}`;
  switch (verdict) {
    case 'pass':
      return { kind: 'pass', ending: null };
    case 'waived':
      return {
        kind: 'skipped',
        ending: xml`<skipped message="${oneLine(waiverNote(result)!)}">${text}</skipped>`,
      };
    case 'skip':
      return { kind: 'skipped', ending: xml`<skipped message="${message}">${detail}</skipped>` };
    case 'fail':
      return { kind: 'failure', ending: xml`<failure message="${message}" type="${clause.level}">${text}</failure>` };
    case 'blocked':
    case 'error':
      return { kind: 'error', ending: xml`<error message="${message}" type="${verdict}">${text}</error>` };
  }
}

function classOf(target: string, id: string): string {
  return `avp.conform.${target}.${chapterOf(id)}`;
}

function clauseCase(target: string, result: Reported): Case {
  const { clause, durationMs } = result;
  const properties = [
    ['level', clause.level] as const,
    ...(clause.basis === undefined ? [] : [['basis', clause.basis] as const]),
  ];
  return {
    className: classOf(target, clause.id),
    name: `${clause.id}: ${clause.title}`,
    properties,
    durationMs,
    ...endingOf(result),
  };
}

function notRunCase(target: string, { id, title }: ReportedClause, whyNotRun: string): Case {
  const ending = xml`<skipped message="not run: ${whyNotRun}"/>`;
  return {
    className: classOf(target, id),
    name: `${id}: ${title}`,
    properties: [],
    durationMs: 0,
    kind: 'skipped',
    ending,
  };
}

function waiverCase(target: string, waiver: JudgedWaiver): Case {
  const message = oneLine(waiverText(waiver));
  const text = `${waiverText(waiver)}\nreason: ${waiver.reason}\nlast day: ${waiver.expires}`;
  const isFinding = isWaiverFinding(waiver);
  return {
    className: `avp.conform.${target}.waivers`,
    name: `waiver of ${waiver.id} for ${waiver.target}`,
    properties: [],
    durationMs: 0,
    kind: isFinding ? 'failure' : 'pass',
    ending: isFinding
      ? xml`<failure message="${message}" type="waiver">${text}</failure>`
      : xml`<system-out>${text}</system-out>`,
  };
}

function chapterSuites(run: RunReport): Suite[] {
  const { target, results, unfinished } = run;
  const { endedBy, notRun } = unfinished ?? { endedBy: '', notRun: [] };
  const why = lacksShards(run) ? endedBy : `${endedBy} ended the run`;
  return chapters.map(({ name, title }) => ({
    name: `${target.name}: ${name}: ${title}`,
    run,
    cases: [
      ...results.filter(({ clause }) => chapterOf(clause.id) === name).map((result) => clauseCase(target.name, result)),
      ...notRun.filter(({ id }) => chapterOf(id) === name).map((clause) => notRunCase(target.name, clause, why)),
    ],
  }));
}

/** Builds the suite that makes a reader see that the run is incomplete. It has no case where a finding ended the run. */
function unfinishedSuite(run: RunReport): Suite {
  const { target, unfinished } = run;
  const name = `${target.name}: the run`;
  if (unfinished === undefined || unfinished.endedBy === BAIL) return { name, run, cases: [] };
  const message = unfinishedText(unfinished);
  const ending = xml`<error message="${message}" type="incomplete">${message}</error>`;
  const className = `avp.conform.${target.name}`;
  return {
    name,
    run,
    cases: [{ className, name: 'runs to its end', properties: [], durationMs: 0, kind: 'error', ending }],
  };
}

/** Builds the suite of a target's waivers. The first target also gets the waivers of targets that did not run. */
function waiverSuite(run: RunReport, runs: readonly RunReport[]): Suite {
  const names = runs.map(({ target }) => target.name);
  const own = waiversOf(runs).filter(({ target }) => run.target.name === (names.includes(target) ? target : names[0]));
  return { name: `${run.target.name}: waivers`, run, cases: own.map((one) => waiverCase(run.target.name, one)) };
}

function suitesOf(runs: readonly RunReport[]): Suite[] {
  return runs
    .flatMap((run) => [...chapterSuites(run), waiverSuite(run, runs), unfinishedSuite(run)])
    .filter(({ cases }) => cases.length > 0);
}

function seconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(3);
}

/** Builds the attributes with the totals of some cases. */
function totals(cases: readonly Case[]): Markup {
  const count = (kind: Case['kind']): number => cases.filter((one) => one.kind === kind).length;
  const durationMs = cases.reduce((sum, one) => sum + one.durationMs, 0);
  return xml`tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}" time="${seconds(durationMs)}"`;
}

function propertyXml([name, value]: readonly [string, string | number]): Markup {
  return xml`<property name="${name}" value="${value}"/>`;
}

function caseXml({ className, name, properties, durationMs, ending }: Case): Markup {
  const head = xml`    <testcase classname="${className}" name="${oneLine(name)}" time="${seconds(durationMs)}"`;
  if (properties.length === 0 && ending === null) return xml`${head}/>\n`;
  const list = properties.length === 0 ? null : xml`<properties>${properties.map(propertyXml)}</properties>`;
  return xml`${head}>${list}${ending}</testcase>\n`;
}

function suiteXml({ name, run, cases }: Suite): Markup {
  const properties = [
    ['complete', String(run.unfinished === undefined)],
    ['engine', run.engine],
    ['seed', run.seed],
    ['target', run.target.name],
    ['target version', run.target.version],
    ['tool version', run.toolVersion],
  ] as const;
  const timestamp = run.startedAt.replace(/(\.\d+)?Z$/, '');
  return xml`  <testsuite name="${name}" timestamp="${timestamp}" ${totals(cases)}>
    <properties>
${properties.map((property) => xml`      ${propertyXml(property)}\n`)}    </properties>
${cases.map(caseXml)}  </testsuite>
`;
}

/**
 * Builds the JUnit XML report.
 * @param runs runs of one suite, each on another target.
 */
export function junitXml(runs: readonly RunReport[]): string {
  const suites = suitesOf(runs);
  const document = xml`<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="avp conform" ${totals(suites.flatMap(({ cases }) => cases))}>
${suites.map(suiteXml)}</testsuites>
`;
  return document.text;
}
