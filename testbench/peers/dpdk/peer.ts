import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../../../shared/errors';
import { runCommand } from './command';
import { driverFiles, libraryEnvironment, missingLibraries, requireSharedLibraries } from './linkage';

/** A build of DPDK with its testpmd and the AVP driver. */
export interface Peer {
  /** Path of the program. */
  readonly testpmd: string;
  /** Folders of its libraries, for LD_LIBRARY_PATH; none where it finds them by itself. */
  readonly libraries: readonly string[];
  /** What stands behind `.so.` in its libraries' names; null where it finds its drivers by itself. */
  readonly suffix: string | null;
  readonly version: string;
  /** Version of each Debian package by its name; none for a build of one's own. */
  readonly packages: Readonly<Record<string, string>>;
}

/** Drivers that are loaded from libraries of their own. */
export const PEER_DRIVERS = ['net_avp', 'mempool_ring'] as const;

/** Folders of a root file system in which Debian keeps libraries. */
export function libraryFolders(root: string): string[] {
  return ['usr/lib', 'lib'].flatMap((folder) => {
    const path = join(root, folder);
    if (!existsSync(path)) return [];
    return readdirSync(path)
      .filter((name) => name.endsWith('-linux-gnu'))
      .map((name) => join(path, name));
  });
}

/** The suffix of `librte_net_avp.so.SUFFIX`; the shortest where several are there (`.23` beside `.23.0`). */
function findSuffix(folders: readonly string[]): string | null {
  const found = driverFiles(folders).map((name) => name.slice(name.indexOf('.so.') + '.so.'.length));
  return found.sort((a, b) => a.length - b.length || a.localeCompare(b))[0] ?? null;
}

/** Null where it is no program of DPDK. Asked for its help too, it ends before it touches any device. */
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
 * A build of DPDK of one's own.
 * @param testpmd path of its `dpdk-testpmd`.
 * @param libraryPath folders of its shared libraries, joined with colons; null where it finds them by itself.
 * @throws UsageError where there is no such program or driver, or where it is built so that it cannot be used.
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

/** The folder of a checkout in which the peer is kept. */
export function peerCache(packageFolder: string): string {
  return join(packageFolder, '.cache/dpdk');
}
