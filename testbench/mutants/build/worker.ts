/**
 * Runs clauses on broken variants, many in one thread: what a variant changes, and whoever
 * imports that, is loaded anew, and the hook below gives the changed modules another text. The
 * rest stays as it is and warm, so that a new variant costs some tens of milliseconds.
 */
import { join, relative, sep } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parentPort } from 'node:worker_threads';
import { codeRoot, runsFromSource } from '../../runtime/package';
import type { Outcome } from '../../conformance/verdict';
import type { Variant } from './apply';

/** What the lab asks for. */
export interface Order {
  readonly variant: Variant;
  readonly clause: string;
  readonly seed: number;
}

type Loaded = NodeModule & { _compile(text: string, file: string): void };
type Loader = (module: Loaded, file: string) => void;

const EXTENSION = runsFromSource ? '.ts' : '.js';

/** The memory is one for all variants, and so is what it imports; this thread's own code stays too. */
const KEPT = [
  /^shared\/mem\//,
  /^shared\/loops\/rights$/,
  /^shared\/errors$/,
  /^testbench\/mutants\//,
  /^testbench\/runtime\/package$/,
];

const compiled = new Map<string, string>();
let current: Variant = {};

/** Path in the package without its extension, null for a module of somebody else. */
function nameOf(file: string): string | null {
  const path = relative(codeRoot(), file);
  if (path.startsWith('..') || path.startsWith('node_modules') || !path.endsWith(EXTENSION)) return null;
  return path.slice(0, -EXTENSION.length).split(sep).join('/');
}

function isKept(name: string): boolean {
  return KEPT.some((pattern) => pattern.test(name));
}

function hookLoading(): void {
  const loaders = require.extensions as Record<string, Loader>;
  const former = loaders[EXTENSION]!;
  loaders[EXTENSION] = (module, file) => {
    const name = nameOf(file);
    if (name === null || isKept(name)) return former(module, file);
    const text = current[name] ?? compiled.get(name);
    if (text !== undefined) return module._compile(text, file);
    const compile = module._compile.bind(module);
    module._compile = (js, path) => {
      compiled.set(name, js);
      compile(js, path);
    };
    return former(module, file);
  };
}

/** Unloads the modules of these names and all that import them, however far up. */
function forget(names: readonly string[]): void {
  const loaded = Object.values(require.cache).filter((one) => one !== undefined);
  const stale = new Set(loaded.filter((one) => names.includes(nameOf(one.filename) ?? '')));
  for (let before = -1; before !== stale.size;) {
    before = stale.size;
    for (const one of loaded) if (one.children.some((child) => stale.has(child))) stale.add(one);
  }
  for (const one of stale) delete require.cache[one.filename];
  module.children.length = 0;
}

function load(variant: Variant): void {
  const kept = Object.keys(variant).find(isKept);
  if (kept !== undefined) throw new Error(`${kept} stays the same in all variants`);
  forget([...Object.keys(current), ...Object.keys(variant)]);
  current = variant;
}

function part<T>(path: string): T {
  return require(join(codeRoot(), path)) as T;
}

async function carryOut(clause: string, seed: number): Promise<Outcome> {
  const { runClause } = part<typeof import('../../conformance/runClause')>('testbench/conformance/runClause');
  const { findClause } = part<typeof import('../../conformance/registry')>('testbench/conformance/registry');
  const { openTarget } = part<typeof import('../../targets/open')>('testbench/targets/open');
  return runClause(findClause(clause), openTarget('avp'), seed);
}

async function serve({ variant, clause, seed }: Order): Promise<Outcome> {
  try {
    if (!isDeepStrictEqual(variant, current)) load(variant);
    return await carryOut(clause, seed);
  } catch (error) {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { verdict: 'error', detail, durationMs: 0 };
  }
}

hookLoading();
parentPort?.on('message', (order: Order) => void serve(order).then((outcome) => parentPort?.postMessage(outcome)));
// The first load is the slow one, and part of no clause's time.
part('testbench/conformance/registry');
part('testbench/targets/open');
parentPort?.postMessage('ready');
