import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { UsageError } from '../../../shared/errors';
import { runCommand } from './command';

const ELF = '\x7fELF';

/** What the dynamic linker must be told. */
export function libraryEnvironment(libraries: readonly string[]): Record<string, string> {
  return libraries.length === 0 ? {} : { LD_LIBRARY_PATH: libraries.join(':') };
}

/** What `ldd` says; null where it cannot be asked. */
async function linkedLibraries(program: string, libraries: readonly string[]): Promise<string | null> {
  const { status, output } = await runCommand('ldd', [program], {
    env: { ...process.env, ...libraryEnvironment(libraries) },
  });
  return status === null ? null : output;
}

/** Libraries that a program needs and that are nowhere. */
export async function missingLibraries(program: string, libraries: readonly string[]): Promise<string[]> {
  const linked = await linkedLibraries(program, libraries);
  return [...(linked ?? '').matchAll(/^\s*(\S+) => not found/gm)].map(([, name]) => name!);
}

/** Files of the driver in some folders: `librte_net_avp.so.23`. */
export function driverFiles(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => readdirSync(folder)).filter((name) => name.startsWith('librte_net_avp.so.'));
}

/** A script is none: whatever it starts is its own affair. */
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
 * The preloaded library puts functions in the place of DPDK's, which works only with those of shared
 * libraries.
 * @throws UsageError
 */
export async function requireSharedLibraries(program: string, libraries: readonly string[]): Promise<void> {
  const linked = isMachineCode(program) ? await linkedLibraries(program, libraries) : null;
  if (linked === null || /^\s*librte_eal\.so/m.test(linked)) return;
  throw new UsageError(
    `${program}: DPDK is linked into it, so that the preloaded library which shows it the device has no effect: build it with meson setup -Ddefault_library=shared`,
  );
}
