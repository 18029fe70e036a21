import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WholeFile } from '../../runtime/wholeFile';
import { findingsHtml } from './htmlPage';
import { findingsPage } from './page';
import { findingsPageName } from './pageName';
import { changesSince, unshownFaults, unusable } from './runChecks';
import { knownFaults, neverSent } from './knownFaults';
import { readResult } from '../result';

/**
 * `node writePage.js RESULT.json FOLDER [HTML_FOLDER]` writes the page of findings in net_avp of the release that the
 * run was on into the folder, and as HTML into the other folder, if one is named. The exit status is 1 if the run has clauses without a verdict, if it contradicts the list of
 * known faults, or if other clauses fail than on the existing page.
 */
function writeFindings(resultPath: string, folder: string, htmlFolder?: string): string[] {
  const run = readResult(resultPath);
  const name = findingsPageName(run.versions.target);
  const pagePath = join(folder, name);
  const broken = unusable(run);
  if (broken.length > 0) return [...broken, `${pagePath} stays as it was`];
  const changes = existsSync(pagePath) ? changesSince(readFileSync(pagePath, 'utf8'), run) : [];
  WholeFile.at(pagePath).write(findingsPage(run, knownFaults, neverSent));
  if (htmlFolder !== undefined)
    WholeFile.at(join(htmlFolder, name.replace(/[.]md$/, '.html'))).write(findingsHtml(run, knownFaults, neverSent));
  return [...changes, ...unshownFaults(run, knownFaults)];
}

const [resultPath, folder, htmlFolder] = process.argv.slice(2);
if (resultPath === undefined || folder === undefined) throw new Error('which result, and which folder?');
const complaints = writeFindings(resultPath, folder, htmlFolder);
for (const line of complaints) process.stderr.write(`${line}\n`);
process.exitCode = complaints.length > 0 ? 1 : 0;
