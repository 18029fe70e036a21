import { writeFileSync } from 'node:fs';
import { findingsPage } from './findings';
import { readResult } from './result';

/** `node writeFindings.js RESULT.json PAGE.md`: the page of what was found in net_avp. */
const [result, page] = process.argv.slice(2);
if (result === undefined || page === undefined) throw new Error('which result, and which page?');
writeFileSync(page, findingsPage(readResult(result)));
