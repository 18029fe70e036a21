import { UsageError } from '../shared/errors';
import { allClauses } from '../testbench/conformance/registry';
import { dayOf, readWaivers, WaiverBook } from '../testbench/conformance/waivers';
import { runCommand } from '../testbench/peers/dpdk/command';
import { splitWords } from '../testbench/peers/dpdk/testpmdCommand';
import { preparePeer } from '../testbench/peers/dpdk/preparePeer';
import type { PeerSettings } from '../testbench/targets/dpdk/target';
import { DEFAULT_TARGET, ownVersion, TARGET_NAMES, type TargetName } from '../testbench/targets/names';

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

function openWaivers({ waivers }: TargetOptions, target: TargetName): WaiverBook {
  return new WaiverBook(waivers === undefined ? [] : readWaivers(waivers), {
    target,
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
function peerOf({ target, testpmd, libPath, wrap }: TargetOptions): PeerSettings {
  const peerOptions = Object.entries({ '--testpmd': testpmd, '--lib-path': libPath, '--wrap': wrap });
  const unused = peerOptions.find(([, value]) => value !== undefined);
  if (unused !== undefined && !target.includes('dpdk')) throw new UsageError(`${unused[0]} is for --target dpdk`);
  if (libPath !== undefined && testpmd === undefined)
    throw new UsageError('--lib-path is for a build of your own: give its --testpmd too');
  return { testpmd, libPath, wrap };
}

/**
 * Prepares all targets, so that a missing requirement is reported before the first clause runs.
 * @throws UsageError if a target cannot run.
 */
export async function openRuns(options: TargetOptions): Promise<TargetRun[]> {
  const peer = peerOf(options);
  await requireWrap(peer.wrap);
  const books = options.target.map((target) => openWaivers(options, target));
  const progress = (line: string): void => void process.stderr.write(`${line}\n`);
  const runs: TargetRun[] = [];
  for (const [index, target] of options.target.entries()) {
    const version = target === DEFAULT_TARGET ? ownVersion() : (await preparePeer(peer, progress)).peer.version;
    runs.push({ target, version, peer, book: books[index]! });
  }
  return runs;
}
