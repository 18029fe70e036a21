import ts from 'typescript';
import { packageRoot } from '../../runtime/package';
import { isInstalled, pathInPackage } from './paths';

/** Changed texts of source files, by path in the package. */
export type Overlay = Readonly<Record<string, string>>;

/** Files that a machine replaces. */
const REPLACED = /^shared\/mem\//;

/** Options for reading the source. Only names and types matter here; `tree.ts` has those for the output. */
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  customConditions: ['source'],
  strict: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  types: ['node'],
  noEmit: true,
};

/** Parsed files, which programs of one process share. */
const parsed = new Map<string, ts.SourceFile>();

/**
 * Compiles the roots and all that they import.
 * @param roots absolute paths.
 * @param overlay texts to take in place of those on disk.
 */
export function makeProgram(roots: readonly string[], overlay: Overlay = {}): ts.Program {
  const host = ts.createCompilerHost(OPTIONS, true);
  // Types of Node come from this package, wherever the roots lie.
  host.getCurrentDirectory = packageRoot;
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, target, onError, fresh) => {
    const path = pathInPackage(name);
    const changed = path === null ? undefined : overlay[path];
    if (changed !== undefined) return ts.createSourceFile(name, changed, target, true);
    const known = parsed.get(name);
    if (known !== undefined) return known;
    const file = read(name, target, onError, fresh);
    if (file !== undefined) parsed.set(name, file);
    return file;
  };
  return ts.createProgram([...roots], OPTIONS, host);
}

/** The files of a program that are to be written anew: our own code, and the checks of other projects. */
export function filesToWrite(program: ts.Program): ts.SourceFile[] {
  return program
    .getSourceFiles()
    .filter((file) => !file.isDeclarationFile && !isInstalled(file.fileName))
    .filter((file) => !REPLACED.test(pathInPackage(file.fileName) ?? ''));
}
