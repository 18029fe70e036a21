import { UsageError } from '../shared/errors';
import { visible } from '../shared/visible';
import { allClauses } from '../testbench/conformance/registry';
import { dayOf, readWaivers, type Waiver, WaiverBook } from '../testbench/conformance/waivers';
import { runCommand } from '../testbench/peers/dpdk/command';
import { splitWords } from '../testbench/peers/dpdk/testpmdCommand';
import { preparePeer } from '../testbench/peers/dpdk/preparePeer';
import type { PeerSettings } from '../testbench/targets/dpdk/target';
import {
  DEFAULT_TARGET,
  isDpdk,
  ownVersion,
  releaseOf,
  TARGET_NAMES,
  type TargetName,
} from '../testbench/targets/names';

/** Options that choose the drivers under test, the build of the C driver, and the waivers. */
export interface TargetOptions {
  readonly target: readonly TargetName[];
  readonly testpmd?: string;
  readonly libPath?: string;
  readonly wrap?: string;
  readonly waivers?: string;
}

/** A target that is ready to run, with its waivers. */
export interface TargetRun {
  readonly target: TargetName;
  readonly version: string;
  readonly peer: PeerSettings;
  readonly book: WaiverBook;
}

function waiversIn({ waivers }: TargetOptions): readonly Waiver[] {
  return waivers === undefined ? [] : readWaivers(waivers);
}

/** @param target the driver by the name that says most: `dpdk@25.11` also where `dpdk` was asked for. */
function bookFor(waivers: readonly Waiver[], target: TargetName): WaiverBook {
  return new WaiverBook(waivers, {
    target,
    widerTargets: releaseOf(target) === undefined ? [] : ['dpdk'],
    knownTargets: TARGET_NAMES,
    knownIds: new Set(allClauses.map(({ id }) => id)),
    today: dayOf(new Date()),
  });
}

/** Tells whether the shell finds a command. */
async function isCommand(name: string): Promise<boolean> {
  return (await runCommand('sh', ['-c', 'command -v -- "$1"', 'sh', name])).status === 0;
}

/** @throws UsageError if the program of `--wrap` does not exist. */
async function requireWrap(wrap: string | undefined): Promise<void> {
  if (wrap === undefined) return;
  const program = splitWords(wrap)[0] ?? '';
  if (!(await isCommand(program)))
    throw new UsageError(`--wrap: there is no command '${program}' here: install it or give its path`);
}

/** @throws UsageError if an option of the C driver would have no effect. */
function requireEffect({ target, testpmd, libPath, wrap }: TargetOptions): void {
  const ofOwnBuild = Object.entries({ '--testpmd': testpmd, '--lib-path': libPath });
  const unused = ofOwnBuild.find(([, value]) => value !== undefined);
  if (unused !== undefined && !target.includes('dpdk'))
    throw new UsageError(`${unused[0]} is for --target dpdk, without a release`);
  if (wrap !== undefined && !target.some(isDpdk)) throw new UsageError('--wrap is for --target dpdk');
  if (libPath !== undefined && testpmd === undefined)
    throw new UsageError('--lib-path is for a build of your own: give its --testpmd too');
}

/** Prepares the C driver of one target, and says which it is. */
async function openPeer(target: TargetName, options: TargetOptions): Promise<Pick<TargetRun, 'version' | 'peer'>> {
  const { testpmd, libPath, wrap } = options;
  const say = (line: string): void => void process.stderr.write(`${visible(line)}\n`);
  const named = releaseOf(target);
  const selection = named === undefined ? { testpmd, libPath } : { release: named };
  const { peer, release } = await preparePeer(selection, say);
  if (target === 'dpdk' && release !== null) say(`target dpdk is dpdk@${release}, DPDK ${peer.version}`);
  return { version: peer.version, peer: release === null ? { ...selection, wrap } : { release, wrap } };
}

/**
 * Prepares all targets, so that a missing requirement is reported before the first clause runs.
 * @throws UsageError if a target cannot run.
 */
export async function openRuns(options: TargetOptions): Promise<TargetRun[]> {
  requireEffect(options);
  await requireWrap(options.wrap);
  const waivers = waiversIn(options);
  const runs: TargetRun[] = [];
  for (const target of options.target) {
    const { version, peer } =
      target === DEFAULT_TARGET ? { version: ownVersion(), peer: {} } : await openPeer(target, options);
    const fullName: TargetName = peer.release === undefined ? target : `dpdk@${peer.release}`;
    runs.push({ target, version, peer, book: bookFor(waivers, fullName) });
  }
  return runs;
}
