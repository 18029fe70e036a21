import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../../../shared/errors';
import { runCommand } from '../command';
import { safePath } from '../safePath';

/** Packages of releases before and after Debian merged /lib into /usr/lib lie side by side in one root. */
const LIBRARY_FOLDERS = ['usr/lib', 'lib'];
const LOADER_FOLDERS = ['usr/lib64', 'lib64', ...LIBRARY_FOLDERS];
const LOADER = /^ld-linux[\w-]*\.so\.\d+$/;

/** Library folders of a Debian root file system. */
export function libraryFolders(root: string): string[] {
  return LIBRARY_FOLDERS.flatMap((folder) => {
    const path = join(root, folder);
    if (!existsSync(path)) return [];
    return readdirSync(path)
      .filter((name) => name.endsWith('-linux-gnu'))
      .map((name) => join(path, name));
  });
}

/** The dynamic loader of a Debian root file system, the program that starts others with its own C library. */
export function loaderOf(root: string): string {
  for (const folder of LOADER_FOLDERS) {
    const path = join(root, folder);
    const name = existsSync(path) ? readdirSync(path).find((one) => LOADER.test(one)) : undefined;
    if (name !== undefined) return join(path, name);
  }
  throw new UsageError(`no dynamic loader is in ${root}`);
}

/**
 * Libraries that programs and libraries in a root file system need, directly or through others, and that are not
 * in it. Those that only this machine has count as missing.
 * @param realRoot path of the root.
 * @param files programs and libraries in the root.
 */
export async function missingIn(realRoot: string, files: readonly string[]): Promise<string[]> {
  const root = safePath(realRoot);
  const start = ['--inhibit-cache', '--library-path', libraryFolders(root).join(':')];
  // Unlike the loader's option --list, the variable makes it go on after a library that it does not find.
  const env = { ...process.env, LD_PRELOAD: '', LD_TRACE_LOADED_OBJECTS: '1' };
  const missing = new Set<string>();
  for (const file of files) {
    const { status, output } = await runCommand(loaderOf(root), [...start, file], { env });
    if (status === null) throw new UsageError(`${loaderOf(root)} does not run here: ${output.trim()}`);
    for (const [, name, path] of output.matchAll(/^\s*(\S+) => (.+?)(?: \(0x[0-9a-f]+\))?$/gm))
      if (!path!.startsWith(`${root}/`)) missing.add(name!);
  }
  return [...missing];
}
