import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../testbench/runtime/package';

const SHIPPED = ['shared', 'emulator', 'driver', 'testbench', 'cli', 'scenarios', 'package.json', 'tsconfig.json'];
const LIMIT_MS = 250_000;

/** Copies the checkout's source into a new folder, where it runs as a checkout of its own. Returns the folder. */
export function copyCheckout(folder: string): string {
  mkdirSync(join(folder, '.cache'), { recursive: true });
  for (const name of SHIPPED) cpSync(join(packageRoot(), name), join(folder, name), { recursive: true });
  for (const name of ['node_modules', '.cache/dpdk'])
    if (existsSync(join(packageRoot(), name))) symlinkSync(join(packageRoot(), name), join(folder, name));
  return folder;
}

/** The words by which Node runs the `avp` command of such a copy. */
export function copyCommand(folder: string): string[] {
  const load = join(folder, 'testbench/runtime/loadSource.cjs');
  return [process.execPath, '--conditions=source', '-r', load, join(folder, 'cli/avp.ts')];
}

/** Runs the `avp` command of such a copy to its end. */
export function runCopy(
  folder: string,
  ...args: readonly string[]
): { readonly status: number | null; readonly out: string; readonly err: string } {
  const [node, ...words] = copyCommand(folder);
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(node!, [...words, ...args], {
    env,
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  return { status, out: stdout, err: stderr };
}
