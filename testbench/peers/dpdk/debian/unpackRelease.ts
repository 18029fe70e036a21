import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../../../shared/errors';
import { runCommand } from '../command';
import type { DpdkRelease } from '../releases';
import { AptSuite, type PackageVersions, reasonIn } from './aptSuite';
import { packagesOf } from './packageNames';
import { pinsOf } from './pins';
import { libraryFolders, missingIn } from './rootFolder';

/** Receives a line for each step. */
export type Progress = (line: string) => void;

/** The program, which names DPDK's version as well. */
const PROGRAM = 'dpdk-dev';
/** Libraries that testpmd loads by itself, and one that libc6 loads for a backtrace. */
const PLUG_INS = ['net-avp', 'mempool-ring'] as const;
const OTHERS = ['libc6', 'libgcc-s1'];
/** Each round finds what the libraries of the round before need. */
const MAX_ROUNDS = 12;

function rootsOf({ abi }: DpdkRelease): string[] {
  return [PROGRAM, ...PLUG_INS.map((name) => `librte-${name}${abi}`), ...OTHERS];
}

/**
 * Returns the suite's versions of the packages to fetch first: the roots, and all that are pinned. Says where the suite has
 * newer ones than the pins.
 */
async function firstPackages(apt: AptSuite, release: DpdkRelease, progress: Progress): Promise<PackageVersions> {
  const pins = pinsOf(release.release);
  const now = await apt.versions([...new Set([...rootsOf(release), ...Object.keys(pins)])]);
  const absent = rootsOf(release).find((name) => now[name] === undefined);
  if (absent !== undefined) throw new UsageError(`${release.debian} has no package ${absent}`);
  const version = now[PROGRAM]!;
  if (!version.startsWith(`${release.release}.`))
    throw new UsageError(`${release.debian} has DPDK ${version}, no longer ${release.release}`);
  const moved = Object.keys(pins).filter((name) => now[name] !== pins[name]);
  if (moved.includes(PROGRAM))
    progress(`${release.debian} has DPDK ${version} in place of the pinned ${pins[PROGRAM]}`);
  else if (moved.length > 0)
    progress(`${release.debian} has newer versions of ${moved.length} of ${Object.keys(pins).length} packages`);
  return now;
}

/** Packages of the suite that hold the libraries. @throws UsageError where it has none for one of them. */
async function packagesWith(apt: AptSuite, sonames: readonly string[]): Promise<PackageVersions> {
  const candidates = sonames.map(packagesOf);
  const known = await apt.versions([...new Set(candidates.flat())]);
  const chosen = candidates.map((names, index) => {
    const name = names.find((one) => known[one] !== undefined);
    if (name === undefined) throw new UsageError(`no package is known that holds ${sonames[index]}`);
    return [name, known[name]!] as const;
  });
  return Object.fromEntries(chosen);
}

async function unpack(files: ReadonlyMap<string, string>, names: readonly string[], root: string): Promise<void> {
  for (const name of names) {
    const unpacked = await runCommand('dpkg', ['-x', files.get(name)!, root]);
    if (unpacked.status !== 0) throw new UsageError(`package ${name} cannot be unpacked: ${reasonIn(unpacked)}`);
  }
}

/** Files of the root from which everything that testpmd loads can be reached. */
function startsIn(root: string, { abi }: DpdkRelease): string[] {
  const folder = libraryFolders(root)[0] ?? root;
  const plugIns = PLUG_INS.map((name) => join(folder, `librte_${name.replace(/-/g, '_')}.so.${abi}`));
  return [join(root, 'usr/bin/dpdk-testpmd'), ...plugIns];
}

async function unpackAll(
  release: DpdkRelease,
  root: string,
  apt: AptSuite,
  progress: Progress,
): Promise<PackageVersions> {
  let next = await firstPackages(apt, release, progress);
  let all: PackageVersions = {};
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const names = Object.keys(next);
    progress(`downloading ${names.length} packages of ${release.debian}`);
    await unpack(await apt.download(next), names, root);
    all = { ...all, ...next };
    const missing = await missingIn(root, startsIn(root, release));
    if (missing.length === 0) return all;
    next = await packagesWith(apt, missing);
    const again = Object.keys(next).find((name) => name in all);
    if (again !== undefined) throw new UsageError(`package ${again} does not hold ${missing.join(' or ')}`);
  }
  throw new UsageError('the libraries that testpmd needs need ever more others');
}

/**
 * Unpacks Debian's packages of a release of DPDK, and of every library that testpmd and its drivers need, the C
 * library among them.
 * @param root folder to unpack into. Emptied first.
 * @param state folder for apt. Emptied first.
 * @returns the version of each package.
 * @throws UsageError with the reason in one line where they cannot be had.
 */
export async function unpackRelease(
  release: DpdkRelease,
  root: string,
  state: string,
  progress: Progress,
): Promise<PackageVersions> {
  for (const folder of [root, state]) rmSync(folder, { recursive: true, force: true });
  progress(`fetching the package lists of ${release.debian}`);
  try {
    return await unpackAll(release, root, await AptSuite.open(state, release.suite), progress);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const what = `DPDK ${release.release} of ${release.debian} cannot be had here`;
    throw new UsageError(`${what}: ${error.message}`, { cause: error });
  }
}
