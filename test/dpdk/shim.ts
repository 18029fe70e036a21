import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../shared/errors';
import { packageRoot } from '../bench/package';
import { runCommand } from './command';

const FLAGS = ['-shared', '-fPIC', '-O2', '-Wall', '-Wextra'];

/** The source stands beside this file, in a checkout and not where compiled code lies. */
function sourceFile(): string {
  return join(packageRoot(), 'test/dpdk/shim.c');
}

/**
 * Builds the preloaded library with the C compiler, unless this very source has been built before.
 * @param folder where it is kept.
 * @returns its path.
 * @throws UsageError where there is no compiler.
 */
export async function buildShim(folder: string, compiler = process.env['CC'] ?? 'gcc'): Promise<string> {
  const source = sourceFile();
  const digest = createHash('sha256').update(readFileSync(source)).update(FLAGS.join(' ')).digest('hex').slice(0, 16);
  const built = join(folder, `shim-${digest}.so`);
  if (existsSync(built)) return built;
  mkdirSync(folder, { recursive: true });
  const fresh = `${built}.${process.pid}`;
  const { status, output } = await runCommand(compiler, [...FLAGS, source, '-o', fresh, '-ldl']);
  if (status !== 0) throw new UsageError(`the library for DPDK cannot be built with ${compiler}: ${output.trim().split('\n')[0]}`);
  renameSync(fresh, built);
  return built;
}
