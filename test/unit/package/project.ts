import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../../testbench/runtime/package';

export interface Ended {
  readonly status: number | null;
  readonly out: string;
}

/** Runs a program to its end; `out` joins standard output and standard error. */
export function run(cwd: string, command: string, ...args: readonly string[]): Ended {
  // The options of this process, such as its import conditions, must not reach another project.
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  if (error !== undefined) throw error;
  return { status, out: `${stdout}${stderr}` };
}

/** Runs a program and returns its output. @throws Error if its exit status is not 0. */
export function runOrThrow(cwd: string, command: string, ...args: readonly string[]): string {
  const { status, out } = run(cwd, command, ...args);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${out}`);
  return out;
}

/** Files that `prepack` runs and that do not ship. */
const BUILDERS = ['test/checks/publicTypes.ts'];

/** Copies the files that ship and those that build them into a folder, because packing rebuilds `dist`. */
function copyPackage(folder: string): void {
  const { files } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { files: string[] };
  const own = [
    ...files.filter((file) => !/^!?dist\//.test(file)),
    'package.json',
    'tsconfig.json',
    'README.md',
    'LICENSE',
  ];
  for (const file of [...own, ...BUILDERS]) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    cpSync(join(packageRoot(), file), join(folder, file), { recursive: true });
  }
  // Reuse the compiled loops. Skip files that another process is still writing: they end in its pid.
  const compiledLoops = join(packageRoot(), '.cache/loops');
  const isFinished = (path: string): boolean => !/\.\d+$/.test(path);
  if (existsSync(compiledLoops))
    cpSync(compiledLoops, join(folder, '.cache/loops'), { recursive: true, filter: isFinished });
  symlinkSync(join(packageRoot(), 'node_modules'), join(folder, 'node_modules'));
}

export interface Project {
  readonly folder: string;
  readonly tarball: string;
  /** Paths of the files in the tarball. */
  readonly packed: readonly string[];
}

const NO_REGISTRY = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|network/;

/**
 * Packs the package and installs the tarball in an empty folder.
 * @returns the project, or a message if the registry can't be reached.
 */
export function installPackage(): Project | string {
  const top = mkdtempSync(join(tmpdir(), 'avp-package-'));
  const [source, folder] = [join(top, 'source'), join(top, 'project')];
  for (const path of [source, folder]) mkdirSync(path);
  copyPackage(source);
  runOrThrow(source, 'npm', 'pack', '--pack-destination', top);
  const tarball = readdirSync(top).find((name) => name.endsWith('.tgz'))!;
  const packed = runOrThrow(top, 'tar', 'tzf', tarball)
    .trim()
    .split('\n')
    .map((name) => name.replace(/^package\//, ''));
  const { status, out } = run(
    folder,
    'npm',
    'install',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    join('..', tarball),
  );
  if (status === 0) return { folder, tarball: join(top, tarball), packed };
  if (NO_REGISTRY.test(out)) return `the package registry can't be reached: ${/^npm error .*$/m.exec(out)?.[0] ?? out}`;
  throw new Error(`npm install ended with ${status}\n${out}`);
}
