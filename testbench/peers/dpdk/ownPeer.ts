import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../../../shared/errors';
import { driverFiles, missingLibraries } from './linkage';
import type { StartablePeer } from './peer';

/** The suffix of `librte_net_avp.so.SUFFIX`, the shortest of several (`23` before `23.0`). */
function findSuffix(folders: readonly string[]): string | null {
  const found = driverFiles(folders).map((name) => name.slice(name.indexOf('.so.') + '.so.'.length));
  return found.sort((a, b) => a.length - b.length || a.localeCompare(b))[0] ?? null;
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
 * @throws UsageError where program, driver or other libraries are missing.
 */
export async function ownPeer(testpmd: string, libraryPath: string | null): Promise<StartablePeer> {
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
  return { testpmd: program, loader: null, libraries, suffix };
}
