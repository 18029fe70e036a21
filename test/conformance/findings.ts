import type { ResultClause, ResultFile } from './result';
import { failureParts } from './reports/failure';

const CRASH = /crashed: (\S+)/;

function block(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`.trimEnd())
    .join('\n');
}

function finding({ id, title, level, section, faults, detail, replay }: ResultClause): string {
  const parts = failureParts(detail);
  const known = faults.length > 0 ? `, fault ${faults.join(', ')}` : '';
  const lines = [`## ${id}: ${title}`, '', `${level}, section ${section}${known}.`, ''];
  if (parts === null) lines.push(block(detail), '');
  else lines.push(`- Required: ${parts.requirement}`, `- Expected: ${parts.expected.split('\n')[0]}`, '', 'Observed:', '', block(parts.actual), '');
  return [...lines, 'Reproduce:', '', block(replay), ''].join('\n');
}

/** What a run on the C driver found, as a page: each failed clause with what was seen and the command that shows it again. */
export function findingsPage({ target, versions, seed, clauses }: ResultFile): string {
  const failed = clauses.filter(({ verdict }) => verdict === 'fail');
  const count = (wanted: string): number => clauses.filter(({ verdict }) => verdict === wanted).length;
  const crashes = failed.filter(({ detail }) => CRASH.test(detail));
  const row = ({ id, title, faults, detail }: ResultClause): string =>
    `| ${id} | ${title.replace(/\|/g, '\\|')} | ${faults.join(' ')} | ${CRASH.exec(detail)?.[1] ?? ''} |`;
  return [
    '# What the suite finds in net_avp',
    '',
    '<!-- Written by `make interop`. Do not edit. -->',
    '',
    `DPDK ${versions.target}, target \`${target}\`, seed ${seed}, avp-testbench ${versions.tool}: ${clauses.length} clauses, ${count('pass')} passed, ${count('fail')} failed, ${count('skip')} skipped for a capability that testpmd lacks. ${crashes.length} of the failures are crashes of the driver.`,
    '',
    '| clause | rule that does not hold | faults | ends with |',
    '| --- | --- | --- | --- |',
    ...failed.map(row),
    '',
    ...failed.map(finding),
  ].join('\n');
}
