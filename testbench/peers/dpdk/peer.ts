import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../../../shared/errors';
import { runCommand } from './command';
import { driverFiles, libraryEnvironment, missingLibraries, requireSharedLibraries } from './linkage';

/** A build of DPDK with its testpmd and the AVP driver. */
export interface Peer {
  /** Path of the `dpdk-testpmd`. */
  readonly testpmd: string;
  /** Folders of its libraries, for LD_LIBRARY_PATH; empty where it finds them by itself. */
  readonly libraries: readonly string[];
  /** ABI suffix of its libraries, the part after `.so.`; null where it finds its drivers by itself. */
  readonly suffix: string | null;
  readonly version: string;
  /** Version of each Debian package by name; empty for the user's own build. */
  readonly packages: Readonly<Record<string, string>>;
}

/** DPDK drivers that testpmd loads as plug-ins. */
export const PEER_DRIVERS = ['net_avp', 'mempool_ring'] as const;

/** Library folders of a Debian root file system. */
export function libraryFolders(root: string): string[] {
  return ['usr/lib', 'lib'].flatMap((folder) => {
    const path = join(root, folder);
    if (!existsSync(path)) return [];
    return readdirSync(path)
      .filter((name) => name.endsWith('-linux-gnu'))
      .map((name) => join(path, name));
  });
}

/** The suffix of `librte_net_avp.so.SUFFIX`, the shortest of several (`23` before `23.0`). */
function findSuffix(folders: readonly string[]): string | null {
  const found = driverFiles(folders).map((name) => name.slice(name.indexOf('.so.') + '.so.'.length));
  return found.sort((a, b) => a.length - b.length || a.localeCompare(b))[0] ?? null;
}

/** DPDK version of a program, null where it shows none. With `--help` it exits before it touches a device. */
async function versionOf(testpmd: string, libraries: readonly string[]): Promise<string | null> {
  const env = { ...process.env, ...libraryEnvironment(libraries) };
  const { output } = await runCommand(testpmd, ['-v', '--help'], { env, timeoutMs: 30_000 });
  return /RTE Version: '?(?:DPDK )?([^\s']+)/.exec(output)?.[1] ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const NAMED_LIBRARIES = 3;

function someOf(libraries: readonly string[]): string {
  const more = libraries.length - NAMED_LIBRARIES;
  return `${libraries.slice(0, NAMED_LIBRARIES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/**
 * Checks and describes the user's own build of DPDK.
 * @param testpmd path of its `dpdk-testpmd`.
 * @param libraryPath folders of its shared libraries, joined with colons; null where it finds them by itself.
 * @throws UsageError where program or driver is missing, or where the build cannot be used.
 */
export async function ownPeer(testpmd: string, libraryPath: string | null): Promise<Peer> {
  const program = resolve(testpmd);
  if (!existsSync(program)) throw new UsageError(`--testpmd ${testpmd}: there is no such file`);
  if (!isProgram(program)) throw new UsageError(`--testpmd ${testpmd}: expected a program, the dpdk-testpmd itself`);
  const libraries = (libraryPath ?? '')
    .split(':')
    .filter((folder) => folder !== '')
    .map((folder) => resolve(folder));
  const absent = libraries.find((folder) => !existsSync(folder));
  if (absent !== undefined) throw new UsageError(`--lib-path: there is no folder ${absent}`);
  const suffix = findSuffix(libraries);
  if (libraries.length > 0 && suffix === null)
    throw new UsageError(`--lib-path ${libraryPath}: expected librte_net_avp.so.* in it`);
  const missing = await missingLibraries(program, libraries);
  if (missing.length > 0)
    throw new UsageError(`${testpmd} needs ${someOf(missing)}: give the folders of its libraries with --lib-path`);
  const version = await versionOf(program, libraries);
  if (version === null)
    throw new UsageError(
      `--testpmd ${testpmd}: it does not name its version of DPDK, give the path of a dpdk-testpmd that runs here`,
    );
  await requireSharedLibraries(program, libraries);
  return { testpmd: program, libraries, suffix, version, packages: {} };
}

/** The folder of a package or checkout in which the peer is kept. */
export function peerCache(packageFolder: string): string {
  return join(packageFolder, '.cache/dpdk');
}
