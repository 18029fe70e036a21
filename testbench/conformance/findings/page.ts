import { FAULT_ROWS, type KnownFault } from './knownFaults';
import { failureParts } from '../reports/failure';
import { type ShortFailure, shortFailure } from '../reports/shortFailure';
import { findClauseText } from '../registry';
import type { ResultClause, ResultFile } from '../result';
import type { HostConduct } from '../clause';
import { unshownFaults } from './runChecks';

/** A failed clause with everything the page says about it. */
export interface Finding {
  readonly clause: ResultClause;
  readonly text: ReturnType<typeof findClauseText>;
  readonly failure: ShortFailure;
  /** Signal of a crash, `no answer`, or `never sent`. Null if the driver carries on. */
  readonly end: string | null;
  /** Rows of the known faults that the clause shows. */
  readonly rows: readonly string[];
}

/** Host behaviour as the page names it. Findings are sorted in this order. */
const HOSTS: Readonly<Record<HostConduct, string>> = { right: 'correct', late: 'late', wrong: 'wrong' };

function rank({ clause, text }: Finding): number {
  return Object.keys(HOSTS).indexOf(text.host ?? 'wrong') * 2 + (clause.level === 'MUST' ? 0 : 1);
}

/** Escapes text for table cells and list items, so that no part of it acts as markdown. */
function escaped(text: string): string {
  return text.replace(/[|<>*_`\\]/g, (one) => `\\${one}`);
}

/** Builds a link to the heading of a finding on the page. */
function link({ id, title }: ResultClause): string {
  const anchor = `${id}: ${title}`
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replace(/ /g, '-');
  return `[${id}](#${anchor})`;
}

function findingsIn({ clauses }: ResultFile, faults: readonly KnownFault[], neverSent: readonly string[]): Finding[] {
  return clauses
    .filter(({ verdict }) => verdict === 'fail')
    .map((clause) => ({ clause, text: findClauseText(clause.id, clause.title), failure: shortFailure(clause.detail) }))
    .map(({ clause, text, failure }) => ({
      clause,
      text,
      failure,
      end: failure.end ?? (neverSent.includes(clause.id) ? 'never sent' : null),
      rows: faults.flatMap(({ row, evidence }) =>
        'clauses' in evidence && evidence.clauses.includes(clause.id) ? [row] : [],
      ),
    }));
}

/** Returns the expected outcome. In a crash no check failed, so the clause's title stands for it. */
export function expectedOf({ clause, failure }: Finding): string | null {
  return failure.end === null ? failure.expected : `${clause.title}, and the process goes on`;
}

export function hostOf({ text }: Finding): string {
  return text.host === undefined ? '' : HOSTS[text.host];
}

function section(finding: Finding): string {
  const { clause, text, failure, rows } = finding;
  const { id, title, level, basis, section, detail, replay } = clause;
  const { requirement, steps, note = null } = text;
  const expected = expectedOf(finding);
  const known = rows.length > 0 ? `, known fault ${rows.join(', ')}` : '';
  const lines = [
    `### ${id}: ${title}`,
    '',
    `${level}${basis === undefined ? '' : `, ${basis}`}, section ${section}${text.host === undefined ? '' : `, host ${hostOf(finding)}`}${known}.`,
    '',
    `- Required: ${escaped(requirement ?? failureParts(detail)?.requirement ?? '')}`,
    ...(steps === undefined ? [] : [`- Done: ${escaped(steps.join('; '))}`]),
    ...(expected === null ? [] : [`- Expected: ${escaped(expected)}`]),
    `- Observed: ${escaped(failure.observed)}`,
    ...(note === null ? [] : [`- Note: ${escaped(note)}`]),
    '',
    ...(failure.where.length === 0 ? [] : ['```text', ...failure.where, '```', '']),
    '```sh',
    replay,
    '```',
    '',
  ];
  return lines.join('\n');
}

function summaryTable(findings: readonly Finding[]): string[] {
  const rows = findings.map((finding) => {
    const { clause, end, rows } = finding;
    const { title, level, basis = '' } = clause;
    const cells = [link(clause), escaped(title), level, basis, hostOf(finding), end ?? '', rows.join(' ')];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| clause | the rule that does not hold | level | basis | host | ends with | known fault |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ];
}

function shownBy({ clauses }: ResultFile, id: string): string {
  const clause = clauses.find((one) => one.id === id);
  return clause?.verdict === 'fail' ? link(clause) : `${id} (${clause?.verdict ?? 'not run'})`;
}

function faultTable(run: ResultFile, faults: readonly KnownFault[]): string[] {
  const evidenceOf = ({ evidence }: KnownFault): string =>
    'reason' in evidence
      ? `not from outside: ${escaped(evidence.reason)}`
      : evidence.clauses.map((id) => shownBy(run, id)).join(', ');
  const rows = sortedFaults(faults).map((fault) => `| ${fault.row} | ${escaped(fault.what)} | ${evidenceOf(fault)} |`);
  return ['| row | what the driver does | shown by |', '| --- | --- | --- |', ...rows, ''];
}

function part({ title, about, findings }: FindingPart): string[] {
  return findings.length === 0 ? [] : [`## ${title}`, '', about, '', ...findings.map(section)];
}

/** Explains the list, in markdown. */
export const READING = [
  '*Host* says what the emulated host does in the clause. It is *correct* where it keeps to the protocol throughout; *late* where it answers a request after the 500 ms that the driver waits; *wrong* where it breaks a rule on purpose, as the steps say: a driver that trusts its host may call such a finding hardening. Correct hosts come first.',
  '*Level* is MUST for what breaks traffic, memory or the agreement with the host where it is not kept, and is stated by a source. SHOULD is what a careful driver does beyond that.',
  '*Basis* is that source. *protocol*: a header of the device, the guide of the driver, or what both released drivers do. *ethdev*: a documented contract of ethdev, which the note quotes. *safety*: what a broken or hostile host must not be able to do to its guest. *reading*: a choice of this project where no source decides; the note says what is read into the rule.',
  "The sections are those of [PROTOCOL.md](../shared/PROTOCOL.md), the device in this project's own words.",
  'Of a clause with several checks the first that failed is shown. An ack is what the driver writes when it has dealt with a migration event: 1 detached, 2 attached, 3 failed; 0 is none.',
  'Host and PCI device are emulated, and a preloaded library stands in for uio. testpmd sends back what it receives: a frame that the driver is to send has been given to it first.',
  "Offsets in backtraces are those of Debian's libraries. Each finding ends with the command that shows it again, in a checkout of this project after `make interop`.",
] as const;

/** Names the run that the page is about, and its outcome, in markdown. */
export function runText({ versions, seed, clauses }: ResultFile): string {
  const count = (wanted: string): number => clauses.filter(({ verdict }) => verdict === wanted).length;
  return `DPDK ${versions.target} as Debian ships it: its driver \`net_avp\`, unmodified, in \`dpdk-testpmd\`; avp-testbench ${versions.tool}, seed ${seed}. Of ${clauses.length} clauses ${count('pass')} passed, ${count('fail')} failed, and ${count('skip')} were skipped, because testpmd cannot do what they need.`;
}

/** Says how many of the findings are grave. */
export function gravityText(findings: readonly Finding[]): string {
  const ended = findings.filter(({ end }) => end !== null).length;
  const correct = findings.filter(({ text }) => text.host === 'right').length;
  return `${correct} of the failures happen on a correct host, ${ended} are crashes, hangs, or packets that are never sent.`;
}

function head(run: ResultFile, findings: readonly Finding[]): string[] {
  return [
    '# What the suite finds in net_avp',
    '',
    '<!-- Written by `make interop`. Do not edit. -->',
    '',
    runText(run),
    '',
    `${gravityText(findings)} To read the list:`,
    '',
    ...READING.map((line) => `- ${line}`),
    '',
  ];
}

/** Findings of one kind, under one heading. */
export interface FindingPart {
  readonly title: string;
  readonly about: string;
  readonly findings: readonly Finding[];
}

/**
 * The findings of a run by kind, those on correct hosts first.
 * @param neverSent clauses whose failure is a packet that the driver neither sends nor drops.
 */
export function findingParts(
  run: ResultFile,
  faults: readonly KnownFault[],
  neverSent: readonly string[],
): readonly FindingPart[] {
  const findings = findingsIn(run, faults, neverSent).sort((one, other) => rank(one) - rank(other));
  return [
    {
      title: 'Crashes, and packets that are never sent',
      about:
        'The process ends or gives no answer any more, or a packet stands at the head of its queue as long as it is offered.',
      findings: findings.filter(({ end }) => end !== null),
    },
    {
      title: 'Known faults, found again',
      about: 'The process goes on, and does what is listed above.',
      findings: findings.filter(({ end, rows }) => end === null && rows.length > 0),
    },
    {
      title: 'Found beyond the known faults',
      about: 'No row above is about these.',
      findings: findings.filter(({ end, rows }) => end === null && rows.length === 0),
    },
  ];
}

/** Known faults in the order of their rows. */
export function sortedFaults(faults: readonly KnownFault[]): KnownFault[] {
  const order = (fault: KnownFault): number => FAULT_ROWS.indexOf(fault.row);
  return [...faults].sort((one, other) => order(one) - order(other));
}

/**
 * Builds the page of findings from a run on the C driver: a summary, the state of the known faults, and for
 * each failure the observation and the command that reproduces it. Equal verdicts and details give an equal
 * page.
 * @param neverSent clauses whose failure is a packet that the driver neither sends nor drops.
 */
export function findingsPage(run: ResultFile, faults: readonly KnownFault[], neverSent: readonly string[]): string {
  const parts = findingParts(run, faults, neverSent);
  const findings = parts.flatMap((one) => one.findings);
  const missing = unshownFaults(run, faults);
  return [
    ...head(run, findings),
    ...summaryTable(findings),
    '## Known faults',
    '',
    'Faults that were known before, each with the clauses that fail because of it.',
    '',
    ...faultTable(run, faults),
    ...(missing.length === 0 ? [] : ['What this list lacks:', '', ...missing.map((line) => `- ${line}`), '']),
    ...parts.flatMap(part),
  ].join('\n');
}
