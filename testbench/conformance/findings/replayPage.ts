import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheInUse, newestFetched } from '../../peers/dpdk/fetchPeer';
import { DPDK_RELEASES } from '../../peers/dpdk/releases';
import { replaysOn, verdictOn } from './findingReplay';
import { findingsPageName } from './pageName';

/**
 * `node replayPage.js FOLDER RELEASE [ID...]` runs the commands of all findings on the page of a release, or of the
 * named ones, in the current folder and prints which findings they reproduce. An empty RELEASE is the newest in the
 * cache. The exit status is 1 if a finding is not reproduced.
 */
const [folder, asked, ...ids] = process.argv.slice(2);
if (folder === undefined || asked === undefined) throw new Error('which folder, and which release?');
const newest = newestFetched(cacheInUse())?.release ?? DPDK_RELEASES.at(-1)!;
const page = join(folder, findingsPageName(asked === '' ? newest.release : asked));
process.stdout.write(`${page}\n`);
const replays = replaysOn(readFileSync(page, 'utf8')).filter(({ id }) => ids.length === 0 || ids.includes(id));
if (replays.length === 0) throw new Error(`${page} has none of these findings`);
let lost = 0;
for (const replay of replays) {
  const { status, stdout } = spawnSync(replay.command, {
    shell: true,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const verdict = verdictOn(replay, status, stdout);
  if (verdict !== 'reproduced') lost++;
  process.stdout.write(`${replay.id}: ${verdict}\n`);
}
process.stdout.write(`${replays.length - lost} of ${replays.length} findings reproduced\n`);
process.exitCode = lost > 0 ? 1 : 0;
