import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { findingsPage } from './page';
import { changesSince, unshownFaults, unusable } from './runChecks';
import { knownFaults, neverSent } from './knownFaults';
import { readResult } from '../result';

/**
 * `node writePage.js RESULT.json PAGE.md` writes the page of findings in net_avp. The exit status is 1 if the run
 * has clauses without a verdict, if it contradicts the list of known faults, or if other clauses fail than on
 * the existing page.
 */
function writeFindings(resultPath: string, pagePath: string): string[] {
  const run = readResult(resultPath);
  const broken = unusable(run);
  if (broken.length > 0) return [...broken, `${pagePath} stays as it was`];
  const changes = existsSync(pagePath) ? changesSince(readFileSync(pagePath, 'utf8'), run) : [];
  writeFileSync(pagePath, findingsPage(run, knownFaults, neverSent));
  return [...changes, ...unshownFaults(run, knownFaults)];
}

const [resultPath, pagePath] = process.argv.slice(2);
if (resultPath === undefined || pagePath === undefined) throw new Error('which result, and which page?');
const complaints = writeFindings(resultPath, pagePath);
for (const line of complaints) process.stderr.write(`${line}\n`);
process.exitCode = complaints.length > 0 ? 1 : 0;
