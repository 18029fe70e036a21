import { UsageError } from '../shared/errors';
import { visible } from '../shared/visible';
import { allClauses } from '../testbench/conformance/registry';
import { dayOf, readWaivers, type Waiver, WaiverBook } from '../testbench/conformance/waivers';
import { runCommand } from '../testbench/peers/dpdk/command';
import { splitWords } from '../testbench/peers/dpdk/testpmdCommand';
import { preparePeer } from '../testbench/peers/dpdk/preparePeer';
import { describeTarget } from '../testbench/targets/describe';
import type { PeerSettings } from '../testbench/targets/dpdk/target';
import { factsOf, type TargetFacts } from '../testbench/targets/load';
import {
  DEFAULT_TARGET,
  isDpdk,
  isTargetPath,
  ownVersion,
  releaseOf,
  TARGET_NAMES,
  type TargetName,
} from '../testbench/targets/names';
import { openTarget } from '../testbench/targets/open';
import type { Output } from './output';

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
  /** Name of the target in reports. */
  readonly name: string;
  readonly version: string;
  readonly peer: PeerSettings;
  readonly book: WaiverBook;
}

function waiversIn({ waivers }: TargetOptions): readonly Waiver[] {
  return waivers === undefined ? [] : readWaivers(waivers);
}

/**
 * @param target the driver by the name that says most: `dpdk@25.11` also where `dpdk` was asked for.
 * @param knownTargets names that a waiver may have.
 */
function bookFor(waivers: readonly Waiver[], target: string, knownTargets: readonly string[]): WaiverBook {
  return new WaiverBook(waivers, {
    target,
    widerTargets: releaseOf(target) === undefined ? [] : ['dpdk'],
    knownTargets,
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
 * Describes all targets. Scripts are loaded for that.
 * @throws UsageError where a script exports no target, or two targets have one name.
 */
export async function describeTargets(targets: readonly TargetName[], output: Output): Promise<TargetFacts[]> {
  const facts: TargetFacts[] = [];
  for (const target of targets) {
    const one = isTargetPath(target) ? await describeTarget(target, output.stream) : factsOf(openTarget(target));
    if (facts.some(({ name }) => name === one.name))
      throw new UsageError(`two targets are called '${one.name}': their reports could not be told apart`);
    facts.push({ ...one, name: isTargetPath(target) ? one.name : target });
  }
  return facts;
}

async function openRun(
  target: TargetName,
  { name, version }: TargetFacts,
  options: TargetOptions,
): Promise<Omit<TargetRun, 'book'>> {
  if (isDpdk(target)) return { target, name, ...(await openPeer(target, options)) };
  return { target, name, version: target === DEFAULT_TARGET ? ownVersion() : version, peer: {} };
}

/**
 * Prepares all targets, so that a missing requirement is reported before the first clause runs.
 * @param facts description of each target, in the order of the options.
 * @throws UsageError if a target cannot run.
 */
export async function openRuns(options: TargetOptions, facts: readonly TargetFacts[]): Promise<TargetRun[]> {
  requireEffect(options);
  await requireWrap(options.wrap);
  const waivers = waiversIn(options);
  const known = [...new Set([...TARGET_NAMES, ...facts.map(({ name }) => name)])];
  const runs: TargetRun[] = [];
  for (const [index, target] of options.target.entries()) {
    const run = await openRun(target, facts[index]!, options);
    const fullName = run.peer.release === undefined ? run.name : `dpdk@${run.peer.release}`;
    runs.push({ ...run, book: bookFor(waivers, fullName, known) });
  }
  return runs;
}
