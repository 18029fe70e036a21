import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { makeFolders } from '../../../shared/folders';
import { cacheFolders, writableCache } from '../../runtime/cacheFolder';
import { packageRoot } from '../../runtime/package';
import { pathInPackage } from './paths';
import type { Overlay } from './program';
import type { Tree } from './tree';

/** A tree as it is kept in a file, with the source that it was made from. */
interface Kept {
  readonly tree: Tree;
  /** Hash of each source file, by its module's name. */
  readonly sources: Readonly<Record<string, string>>;
}

const CACHE = 'explored';
/** Files whose text decides what the transform makes of the others. */
const TRANSFORM = ['accessor', 'callees', 'names', 'paths', 'primitives', 'program', 'reach', 'tree', 'twins'];

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function sourceOf(module: string): string {
  return isAbsolute(module) ? `${module}.ts` : join(packageRoot(), `${module}.ts`);
}

function hashOfSource(module: string): string | null {
  const file = sourceOf(module);
  return existsSync(file) ? hashOf(readFileSync(file, 'utf8')) : null;
}

/** Name of the file for trees from these roots, by this transform. */
function fileName(roots: readonly string[]): string {
  const transform = TRANSFORM.map((name) => hashOfSource(`testbench/explore/transform/${name}`));
  const { version } = require('typescript/package.json') as { version: string };
  return `${hashOf(JSON.stringify([version, transform, roots.map((root) => pathInPackage(root) ?? root)])).slice(0, 32)}.json`;
}

function isCurrent({ sources }: Kept): boolean {
  return Object.entries(sources).every(([module, hash]) => hashOfSource(module) === hash);
}

/** Returns the folder of the trees that a build of the package contains. */
function builtFolder(): string {
  return join(packageRoot(), 'dist', 'explore');
}

function readKept(name: string): Tree | null {
  for (const folder of [builtFolder(), ...cacheFolders(CACHE)])
    try {
      const kept = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Kept;
      if (isCurrent(kept)) return kept.tree;
    } catch {
      // The tree may be in the next folder.
    }
  return null;
}

function write(folder: string, name: string, tree: Tree): void {
  makeFolders(folder);
  const sources = Object.fromEntries(Object.keys(tree).map((module) => [module, hashOfSource(module)!]));
  // Another process may write the same file now, with the same content.
  const own = join(folder, `${name}.${process.pid}.${threadId}`);
  writeFileSync(own, JSON.stringify({ tree, sources } satisfies Kept));
  renameSync(own, join(folder, name));
}

/** Loads the transform late, because the compiler behind it is slow to load. */
function transform(): typeof import('./tree') {
  return require('./tree') as typeof import('./tree');
}

/**
 * Returns the tree of the product from these roots: the one that was built or cached if the source is still the same,
 * else a new one.
 * @param roots absolute paths of source files.
 */
export function productTree(roots: readonly string[]): Tree {
  const name = fileName(roots);
  const kept = readKept(name);
  if (kept !== null) return kept;
  const tree = transform().makeTree(roots);
  write(writableCache(CACHE), name, tree);
  return tree;
}

/** Returns the tree of a variant. Trees of variants are not kept. */
export function variantTree(roots: readonly string[], overlay: Overlay): Tree {
  return transform().makeTree(roots, overlay, productTree(roots));
}

/** Makes the product's tree for the package's own folder, in a build. */
export function buildTree(roots: readonly string[]): void {
  write(builtFolder(), fileName(roots), transform().makeTree(roots));
}
