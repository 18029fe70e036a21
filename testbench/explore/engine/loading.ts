import { isAbsolute, join, relative, sep } from 'node:path';
import { codeRoot, runsFromSource } from '../../runtime/package';

/** JavaScript of changed modules, by path in the package without the extension. */
export type Variant = Readonly<Record<string, string>>;

type Loaded = NodeModule & { _compile(text: string, file: string): void };
type Loader = (module: Loaded, file: string) => void;

const EXTENSION = runsFromSource ? '.ts' : '.js';

/** Modules that stay when the code under test is reloaded: the memory, the engine, and the modules that it uses. */
const KEPT = /^(shared|testbench\/explore\/engine|testbench\/runtime)\//;

/** Path in the package without the extension; null for a module of another package. */
function nameOf(file: string): string | null {
  const path = relative(codeRoot(), file);
  if (path.startsWith('..') || path.startsWith('node_modules') || !path.endsWith(EXTENSION)) return null;
  return path.slice(0, -EXTENSION.length).split(sep).join('/');
}

/**
 * Makes this thread load the changed modules of a variant. Returns a record that receives the
 * JavaScript of every other module compiled from now on; it stays empty where the code is compiled already.
 */
export function installVariant(variant: Variant): Record<string, string> {
  const compiled: Record<string, string> = {};
  const loaders = require.extensions as Record<string, Loader>;
  const former = loaders[EXTENSION]!;
  loaders[EXTENSION] = (module, file) => {
    const name = nameOf(file);
    const text = name === null ? undefined : (variant[name] ?? compiled[name]);
    if (text !== undefined) return module._compile(text, file);
    if (name !== null && runsFromSource) {
      const compile = module._compile.bind(module);
      module._compile = (js, path) => compile((compiled[name] = js), path);
    }
    former(module, file);
  };
  return compiled;
}

/** Loads a module of the package, or one by its absolute path. */
export function loadModule(path: string): Record<string, unknown> {
  return require(isAbsolute(path) ? path : join(codeRoot(), path)) as Record<string, unknown>;
}

/** Makes the next run reload the code under test, so that none of its state is left. */
export function forgetCode(): void {
  for (const file of Object.keys(require.cache)) {
    const name = nameOf(file);
    if (name !== null && !KEPT.test(name)) delete require.cache[file];
  }
}
