import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UsageError } from '../../shared/errors';
import { runCommand } from './command';

/** A build of DPDK with its testpmd and the AVP driver. */
export interface Peer {
  /** Path of the program. */
  readonly testpmd: string;
  /** Folders of its libraries, for LD_LIBRARY_PATH; none where they are linked in or the system's. */
  readonly libraries: readonly string[];
  /** What stands behind `.so.` in its libraries' names; null where drivers are linked in. */
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
    return readdirSync(path).filter((name) => name.endsWith('-linux-gnu')).map((name) => join(path, name));
  });
}

/** What the dynamic linker must be told. */
export function libraryEnvironment(libraries: readonly string[]): Record<string, string> {
  return libraries.length === 0 ? {} : { LD_LIBRARY_PATH: libraries.join(':') };
}

/** Libraries that a program needs and that are nowhere. */
export async function missingLibraries(program: string, libraries: readonly string[]): Promise<string[]> {
  const { output } = await runCommand('ldd', [program], { env: { ...process.env, ...libraryEnvironment(libraries) } });
  return [...output.matchAll(/^\s*(\S+) => not found/gm)].map(([, name]) => name!);
}

/** The suffix of `librte_net_avp.so.SUFFIX`; the shortest where several are there (`.23` beside `.23.0`). */
function findSuffix(folders: readonly string[]): string | null {
  const names = folders.flatMap((folder) => readdirSync(folder));
  const found = names.flatMap((name) => /^librte_net_avp\.so\.(.+)$/.exec(name)?.[1] ?? []);
  return found.sort((a, b) => a.length - b.length || a.localeCompare(b))[0] ?? null;
}

async function versionOf(testpmd: string, libraries: readonly string[]): Promise<string> {
  const env = { ...process.env, ...libraryEnvironment(libraries) };
  const { output } = await runCommand(testpmd, ['--version'], { env, timeoutMs: 30_000 });
  return /DPDK (\S+)|RTE Version: '?(?:DPDK )?([^\s']+)/.exec(output)?.slice(1).find((text) => text !== undefined) ?? 'unknown';
}

/**
 * A build of DPDK of one's own.
 * @param testpmd path of its `dpdk-testpmd`.
 * @param libraryPath folders of its shared libraries, joined with colons; null where everything is linked in.
 * @throws UsageError where there is no such program or driver.
 */
export async function ownPeer(testpmd: string, libraryPath: string | null): Promise<Peer> {
  const program = resolve(testpmd);
  if (!existsSync(program)) throw new UsageError(`--testpmd ${testpmd}: there is no such file`);
  const libraries = (libraryPath ?? '').split(':').filter((folder) => folder !== '').map((folder) => resolve(folder));
  const absent = libraries.find((folder) => !existsSync(folder));
  if (absent !== undefined) throw new UsageError(`--lib-path: there is no folder ${absent}`);
  const suffix = findSuffix(libraries);
  if (libraries.length > 0 && suffix === null)
    throw new UsageError(`--lib-path ${libraryPath}: expected librte_net_avp.so.* in it`);
  const missing = await missingLibraries(program, libraries);
  if (missing.length > 0)
    throw new UsageError(`${testpmd} needs ${missing.join(', ')}: give the folder of its libraries with --lib-path`);
  return { testpmd: program, libraries, suffix, version: await versionOf(program, libraries), packages: {} };
}

/** The folder of a checkout in which the peer is kept. */
export function peerCache(packageFolder: string): string {
  return join(packageFolder, '.cache/dpdk');
}
