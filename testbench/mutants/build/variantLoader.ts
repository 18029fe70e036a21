/**
 * Loads many variants in one thread, one after another. For each variant the hook below reloads the changed modules
 * and those that import them, directly or not. All other modules stay loaded, so that a new variant takes some tens
 * of milliseconds.
 */
import { createRequire, wrap } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { Script } from 'node:vm';
import { codeRoot, runsFromSource } from '../../runtime/package';
import { buildVariant, type Variant } from './apply';
import type { BrokenVariant } from './mutant';

type Loaded = NodeModule & { _compile(text: string, file: string): void };
type Loader = (module: Loaded, file: string) => void;
type Wrapper = (...names: unknown[]) => void;

const EXTENSION = runsFromSource ? '.ts' : '.js';

/** Modules that are never reloaded: the memory, which all variants share, its imports, and the code of this thread. */
const KEPT = [
  /^shared\/mem\//,
  /^shared\/loops\/rights$/,
  /^shared\/errors$/,
  /^testbench\/mutants\//,
  /^testbench\/runtime\/package$/,
];

const names = new Map<string, string | null>();
/** Compiled code of the unchanged modules, by name. */
const scripts = new Map<string, Script>();
let current: Variant = {};
let currentId: string | null = null;

/** Returns the path in the package without the extension, or null for a module of another package. */
function nameOf(file: string): string | null {
  const known = names.get(file);
  if (known !== undefined) return known;
  const path = relative(codeRoot(), file);
  const isOwn = !path.startsWith('..') && !path.startsWith('node_modules') && path.endsWith(EXTENSION);
  const name = isOwn ? path.slice(0, -EXTENSION.length).split(sep).join('/') : null;
  names.set(file, name);
  return name;
}

function isKept(name: string): boolean {
  return KEPT.some((pattern) => pattern.test(name));
}

function scriptOf(js: string, filename: string): Script {
  return new Script(wrap(js), { filename });
}

/** Runs a module as Node does, but from a compiled script, which V8 does not compile again when the module reloads. */
function runModule(script: Script, module: Loaded, file: string): void {
  const load = Object.assign((id: string): unknown => module.require(id), {
    resolve: (id: string) => createRequire(file).resolve(id),
    cache: require.cache,
    extensions: require.extensions,
    main: require.main,
  });
  const run = script.runInThisContext() as Wrapper;
  run.call(module.exports, module.exports, load, module, file, dirname(file));
}

/** Makes this thread load the modules of the chosen variant from now on. Call it once in a thread. */
export function hookLoading(): void {
  const loaders = require.extensions as Record<string, Loader>;
  const former = loaders[EXTENSION]!;
  loaders[EXTENSION] = (module, file) => {
    const name = nameOf(file);
    if (name === null || isKept(name)) return former(module, file);
    const changed = current[name];
    if (changed !== undefined) return runModule(scriptOf(changed, file), module, file);
    const known = scripts.get(name);
    if (known !== undefined) return runModule(known, module, file);
    module._compile = (js, path) => {
      const script = scriptOf(js, path);
      scripts.set(name, script);
      runModule(script, module, path);
    };
    return former(module, file);
  };
}

/** Unloads the named modules and all modules that import them, directly or not. */
function forget(stale: readonly string[]): void {
  const loaded = Object.values(require.cache).filter((one) => one !== undefined);
  const gone = new Set(loaded.filter((one) => stale.includes(nameOf(one.filename) ?? '')));
  for (let before = -1; before !== gone.size;) {
    before = gone.size;
    for (const one of loaded) if (!gone.has(one) && one.children.some((child) => gone.has(child))) gone.add(one);
  }
  for (const one of gone) delete require.cache[one.filename];
  module.children.length = 0;
}

/**
 * Chooses the variant whose modules are loaded from now on; null is the unchanged product. Modules that it changes,
 * and those that import them, are loaded again when they are next asked for.
 * @throws Error where the variant edits a module that stays the same in all variants, or no longer fits the source.
 */
export function useVariant(mutant: BrokenVariant | null): void {
  if ((mutant?.id ?? null) === currentId) return;
  const variant = mutant === null ? {} : buildVariant(mutant);
  const kept = Object.keys(variant).find(isKept);
  if (kept !== undefined) throw new Error(`${kept} stays the same in all variants`);
  forget([...Object.keys(current), ...Object.keys(variant)]);
  current = variant;
  currentId = mutant?.id ?? null;
}

/** Loads a module of the package as the chosen variant has it. Do not keep it beyond the next choice. */
export function part<T>(path: string): T {
  return require(join(codeRoot(), path)) as T;
}
