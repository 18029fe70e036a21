import ts from 'typescript';
import { Callees } from './callees';
import { pathInPackage } from './paths';
import { filesToWrite, makeProgram, type Overlay } from './program';
import { Reach } from './reach';
import { TwinWriter } from './twins';

/** A module of a tree. */
export interface TreeModule {
  /** JavaScript. */
  readonly js: string;
  /** The source line of each access of its twins. */
  readonly lines: readonly number[];
  /** Names of the functions that have twins; other modules call the twins by these names. */
  readonly twinned: readonly string[];
}

/** The code of a world, with twins: modules by path in the package without extension, or by absolute path. */
export type Tree = Readonly<Record<string, TreeModule>>;

const EMIT: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.CommonJS,
  esModuleInterop: true,
};

/** Name of a module in a tree. */
export function moduleName(file: string): string {
  return (pathInPackage(file) ?? file).replace(/\.ts$/, '');
}

function emit(file: ts.SourceFile, callees: Callees, reach: Reach): TreeModule {
  const writer = new TwinWriter(file, callees, reach);
  const text = writer.write();
  const { outputText } = ts.transpileModule(text, { fileName: file.fileName, compilerOptions: EMIT });
  return { js: outputText, lines: writer.lines, twinned: [...new Set(writer.twinned)].sort() };
}

/**
 * Writes the source of driver, host and check anew, with twins.
 * @param roots absolute paths of the files from which the rest is imported.
 * @param overlay changed texts: those of a broken variant.
 * @param base the tree of the product. Of a variant only the changed files are written anew, unless the change
 *   gives or takes a twin that others call.
 */
export function makeTree(roots: readonly string[], overlay: Overlay = {}, base: Tree | null = null): Tree {
  const program = makeProgram(roots, overlay);
  const callees = new Callees(program.getTypeChecker());
  const files = filesToWrite(program);
  const reach = new Reach(callees, files);
  const changed = new Map<string, TreeModule>();
  for (const file of files)
    if (base === null || Object.hasOwn(overlay, pathInPackage(file.fileName) ?? ''))
      changed.set(moduleName(file.fileName), emit(file, callees, reach));
  const fits = [...changed].every(([name, { twinned }]) => twinned.join() === base?.[name]?.twinned.join());
  return Object.fromEntries(
    files.map((file) => {
      const name = moduleName(file.fileName);
      const kept = fits ? base?.[name] : undefined;
      return [name, changed.get(name) ?? kept ?? emit(file, callees, reach)];
    }),
  );
}
