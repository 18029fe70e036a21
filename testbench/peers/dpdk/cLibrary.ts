import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { arch, cpus } from 'node:os';
import { basename, join } from 'node:path';
import { UsageError } from '../../../shared/errors';
import { packageRoot } from '../../runtime/package';
import { runCommand } from './command';

const FLAGS = ['-shared', '-fPIC', '-Wall', '-Wextra'];
const PORTABLE = ['-O2'];
const NATIVE = ['-O3', '-march=native'];

/**
 * Builds a shared library that runs on machines like this one only: `-O3 -march=native`. The parameters and errors are
 * those of `buildLibrary`.
 */
export async function buildNativeLibrary(source: string, folder: string, what: string): Promise<string> {
  const processor = cpus()[0]?.model ?? arch();
  return build({ source, folder, what, flags: NATIVE, key: processor, compiler: compilerOf() });
}

function compilerOf(): string {
  return process.env['CC'] ?? 'gcc';
}

/**
 * Builds a shared library from one C file of the package, unless the same source was built before.
 * @param source path of the C file in the package.
 * @param folder where the library is kept.
 * @param what name of the library in messages.
 * @returns path of the library.
 * @throws UsageError where there is no compiler.
 */
export async function buildLibrary(
  source: string,
  folder: string,
  what: string,
  compiler = compilerOf(),
): Promise<string> {
  return build({ source, folder, what, flags: PORTABLE, key: '', compiler });
}

interface Build {
  readonly source: string;
  readonly folder: string;
  readonly what: string;
  readonly flags: readonly string[];
  /** On what the result depends apart from source and flags. */
  readonly key: string;
  readonly compiler: string;
}

async function build({ source, folder, what, flags, key, compiler }: Build): Promise<string> {
  const all = [...FLAGS, ...flags];
  const file = join(packageRoot(), source);
  const text = [...all, key].join(' ');
  const digest = createHash('sha256').update(readFileSync(file)).update(text).digest('hex').slice(0, 16);
  const built = join(folder, `${basename(source, '.c')}-${digest}.so`);
  if (existsSync(built)) return built;
  mkdirSync(folder, { recursive: true });
  const fresh = `${built}.${process.pid}`;
  const { status, output } = await runCommand(compiler, [...all, file, '-o', fresh, '-ldl']);
  if (status !== 0) throw new UsageError(`${what} cannot be built with ${compiler}: ${output.trim().split('\n')[0]}`);
  renameSync(fresh, built);
  return built;
}
