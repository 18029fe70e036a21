/**
 * Compiles the loop files with AssemblyScript. Each room has a module of its own, because driver and
 * emulator do not share names. A module imports the arena's memory as `env.memory` and exports every
 * function and constant of its files under its own name.
 *
 * As a program it writes `dist/loops/driver.wasm` and `dist/loops/emulator.wasm`.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type Room, ROOMS } from './load';

const ROOT = resolve(__dirname, '../..');
// The compiler runs as a program, because its type declarations would bring AssemblyScript's globals into every file.
const ASC = join(ROOT, 'node_modules/assemblyscript/bin/asc.js');
const FLAGS = [
  '--lib shared/mem/asc',
  '--importMemory --sharedMemory --initialMemory 32767 --maximumMemory 32767',
  '--enable threads --enable bulk-memory --enable simd',
  '--runtime stub --noAssert -O3',
].flatMap((words) => words.split(' '));

// AssemblyScript's compiler uses Binaryen too, but has no option for the amount of inlining.
const OPTIMIZER = join(ROOT, 'node_modules/binaryen/bin/wasm-opt');
/** Size limit of inlining. A call costs these loops more than code size does, so all but huge functions are inlined. */
const MOST_INLINED = '800';
const OPTIMIZER_FLAGS = [
  '--enable-threads --enable-bulk-memory --enable-simd --low-memory-unused -O3',
  `--always-inline-max-function-size ${MOST_INLINED}`,
  `--one-caller-inline-max-function-size ${MOST_INLINED}`,
  `--flexible-inline-max-function-size ${MOST_INLINED}`,
].flatMap((words) => words.split(' '));

/** Folders of loop files. Every file in them compiles to WebAssembly; no other file does. */
export const LOOP_FOLDERS: Readonly<Record<'shared' | Room, string>> = {
  shared: 'shared/loops',
  driver: 'driver/loops',
  emulator: 'emulator/device/loops',
};

function filesOf(folder: string): string[] {
  return readdirSync(join(ROOT, folder))
    .sort()
    .map((name) => `${folder}/${name}`);
}

/** Lists the files of a room's module: its own loop files and those of `shared/`. */
export function roomFiles(room: Room): string[] {
  return [...filesOf(LOOP_FOLDERS.shared), ...filesOf(LOOP_FOLDERS[room])];
}

/** Lists the names that more than one file exports. AssemblyScript would silently keep the first. */
export function exportedTwice(files: readonly string[]): string[] {
  const seen = new Map<string, string>();
  const twice: string[] = [];
  for (const file of files)
    for (const [, name] of readFileSync(join(ROOT, file), 'utf8').matchAll(/^export (?:function|const) (\w+)/gm)) {
      const first = seen.get(name!);
      if (first === undefined) seen.set(name!, file);
      else twice.push(`${name} in ${first} and ${file}`);
    }
  return twice;
}

/** Folder of compiled modules, each named by a hash of everything that it depends on. */
const CACHE = join(ROOT, '.cache/loops');

/** Hashes the compilers, their options, and the texts of the files and of everything that they may import. */
function fingerprint(files: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify([FLAGS, OPTIMIZER_FLAGS]));
  for (const compiler of ['assemblyscript', 'binaryen'])
    hash.update(readFileSync(join(ROOT, 'node_modules', compiler, 'package.json')));
  const imported = [...filesOf('shared/mem/asc'), ...filesOf(LOOP_FOLDERS.shared)];
  for (const file of [...files, ...imported]) hash.update(`\0${file}\0`).update(readFileSync(join(ROOT, file)));
  return hash.digest('hex');
}

function compile(output: string, files: readonly string[]): void {
  const asc = [ASC, ...files, ...FLAGS, '--outFile', relative(ROOT, output)];
  runTool(asc, 'AssemblyScript refuses the loop files');
  runTool([OPTIMIZER, output, '-o', output, ...OPTIMIZER_FLAGS], 'Binaryen refuses the compiled loops');
}

/**
 * Compiles files into one WebAssembly module in the cache, or finds it there, because compiling takes seconds.
 * @param files paths relative to the package's folder
 * @returns path of the module
 * @throws Error with the compiler's messages
 */
export function cachedLoops(files: readonly string[]): string {
  const twice = exportedTwice(files);
  if (twice.length > 0) throw new Error(`loop files export a name twice: ${twice.join('; ')}`);
  mkdirSync(CACHE, { recursive: true });
  const kept = join(CACHE, `${fingerprint(files)}.wasm`);
  if (!existsSync(kept)) {
    // Another process may be compiling the same module.
    const own = `${kept}.${process.pid}`;
    compile(own, files);
    renameSync(own, kept);
  }
  return kept;
}

/**
 * Writes files, compiled into one WebAssembly module, to `output`, whose folder is made.
 * @throws Error with the compiler's messages
 */
export function compileLoops(output: string, files: readonly string[]): void {
  const kept = cachedLoops(files);
  mkdirSync(dirname(output), { recursive: true });
  copyFileSync(kept, output);
}

function runTool(args: readonly string[], complaint: string): void {
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${complaint}:\n${stderr}`);
}

if (require.main === module)
  try {
    for (const room of ROOMS) compileLoops(join(ROOT, `dist/loops/${room}.wasm`), roomFiles(room));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
