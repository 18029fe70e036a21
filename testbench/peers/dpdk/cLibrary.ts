import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UsageError } from '../../../shared/errors';
import { packageRoot } from '../../runtime/package';
import { runCommand } from './command';

const FLAGS = ['-shared', '-fPIC', '-O2', '-Wall', '-Wextra'];

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
  compiler = process.env['CC'] ?? 'gcc',
): Promise<string> {
  const file = join(packageRoot(), source);
  const digest = createHash('sha256').update(readFileSync(file)).update(FLAGS.join(' ')).digest('hex').slice(0, 16);
  const built = join(folder, `${basename(source, '.c')}-${digest}.so`);
  if (existsSync(built)) return built;
  mkdirSync(folder, { recursive: true });
  const fresh = `${built}.${process.pid}`;
  const { status, output } = await runCommand(compiler, [...FLAGS, file, '-o', fresh, '-ldl']);
  if (status !== 0) throw new UsageError(`${what} cannot be built with ${compiler}: ${output.trim().split('\n')[0]}`);
  renameSync(fresh, built);
  return built;
}
