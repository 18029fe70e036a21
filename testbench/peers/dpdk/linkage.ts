import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { UsageError } from '../../../shared/errors';
import { runCommand } from './command';
import { safePath } from './safePath';

const ELF = '\x7fELF';

/** Environment that leads the dynamic linker to the libraries. */
export function libraryEnvironment(libraries: readonly string[]): Record<string, string> {
  return libraries.length === 0 ? {} : { LD_LIBRARY_PATH: libraries.map(safePath).join(':') };
}

/** Output of `ldd`; null where there is no `ldd`. */
async function linkedLibraries(program: string, libraries: readonly string[]): Promise<string | null> {
  const { status, output } = await runCommand('ldd', [program], {
    env: { ...process.env, ...libraryEnvironment(libraries) },
  });
  return status === null ? null : output;
}

/** Libraries that a program needs and that the linker does not find. */
export async function missingLibraries(program: string, libraries: readonly string[]): Promise<string[]> {
  const linked = await linkedLibraries(program, libraries);
  return [...(linked ?? '').matchAll(/^\s*(\S+) => not found/gm)].map(([, name]) => name!);
}

/** Names of the driver's library files in some folders: `librte_net_avp.so.23`. */
export function driverFiles(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => readdirSync(folder)).filter((name) => name.startsWith('librte_net_avp.so.'));
}

/** False for a script, whose program cannot be checked. */
function isMachineCode(program: string): boolean {
  const file = openSync(program, 'r');
  try {
    const head = Buffer.alloc(ELF.length);
    readSync(file, head);
    return head.toString('latin1') === ELF;
  } finally {
    closeSync(file);
  }
}

/**
 * Checks that a program uses DPDK's shared libraries: the preloaded library can only replace functions
 * of those.
 * @throws UsageError where DPDK is linked into the program.
 */
export async function requireSharedLibraries(program: string, libraries: readonly string[]): Promise<void> {
  const linked = isMachineCode(program) ? await linkedLibraries(program, libraries) : null;
  if (linked === null || /^\s*librte_eal\.so/m.test(linked)) return;
  throw new UsageError(
    `${program}: DPDK is linked into it, so that the preloaded library which shows it the device has no effect: build it with meson setup -Ddefault_library=shared`,
  );
}
