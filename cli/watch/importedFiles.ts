import { readFileSync, statSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import type ts from 'typescript';

const SCRIPTS = ['.ts', '.cts', '.mts', '.js', '.cjs', '.mjs'];
const ENDINGS = ['', ...SCRIPTS, '.json', ...SCRIPTS.map((ending) => `/index${ending}`)];

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The files of its project that a script imports by a relative path. */
function importsOf(compiler: typeof ts, file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // The file is gone, and may come back.
    return [];
  }
  const names = compiler.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  return names
    .filter((name) => /^\.{0,2}\//.test(name))
    .flatMap((name) => {
      const path = resolve(dirname(file), name);
      // `./x.js` may stand for `./x.ts`.
      const candidates = [...ENDINGS.map((ending) => path + ending), path.replace(/\.([cm]?)js$/, '.$1ts')];
      return candidates.filter(isFile).slice(0, 1);
    });
}

/** Returns some files and all that they import from their projects, directly or not. */
export function withImports(files: readonly string[]): string[] {
  const compiler = require('typescript') as typeof ts;
  const found = new Set(files);
  for (const file of found)
    if (SCRIPTS.includes(extname(file))) for (const imported of importsOf(compiler, file)) found.add(imported);
  return [...found];
}
