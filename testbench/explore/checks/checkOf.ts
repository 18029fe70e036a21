import { isAbsolute, join } from 'node:path';
import { fnv1a } from '../../../shared/fnv1a';
import { packageRoot } from '../../runtime/package';
import { CheckWorld } from '../machine/checkWorld';
import { Code } from '../machine/code';
import type { Size } from '../machine/definition';
import type { World } from '../search/world';
import type { Overlay } from '../transform/program';
import type { Tree } from '../transform/tree';
import { productTree, variantTree } from '../transform/treeStore';
import type { Check, CheckOptions } from './check';

/** The module that imports all checks of this package, so that they share one tree. */
export const WORLDS = 'testbench/explore/checks/worlds/index';

/** Every run of a world begins with the same draws. */
const SEED = 1;

/** Compiled code by module and variant. Of the variants only the last is kept: few are asked for twice in a row. */
const compiled = new Map<string, { readonly code: Code; readonly hash: number }>();

function codeOf(module: string, mutant: string | undefined): { readonly code: Code; readonly hash: number } {
  const key = `${module}\0${mutant ?? ''}`;
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const roots = [isAbsolute(module) ? `${module}.ts` : join(packageRoot(), `${module}.ts`)];
  const tree = mutant === undefined ? productTree(roots) : variantTree(roots, overlayOf(mutant));
  const made = { code: new Code(tree), hash: hashOf(tree) };
  if (mutant !== undefined) for (const other of compiled.keys()) if (!other.endsWith('\0')) compiled.delete(other);
  compiled.set(key, made);
  return made;
}

function hashOf(tree: Tree): number {
  return fnv1a(
    Object.keys(tree)
      .sort()
      .map((name) => `${name}\0${tree[name]!.js}`)
      .join('\0'),
  );
}

function overlayOf(id: string): Overlay {
  // Loaded late, because a run of the product needs no variants.
  const { changedFiles } = require('../../mutants/build/apply') as typeof import('../../mutants/build/apply');
  const { findVariant } = require('../../mutants/catalog') as typeof import('../../mutants/catalog');
  return changedFiles(findVariant(id));
}

function sizeOf({ packets, queues, shape }: CheckOptions): Partial<Size> {
  return {
    ...(packets === undefined ? {} : { packets }),
    ...(queues === undefined ? {} : { queues }),
    ...(shape === undefined ? {} : { shape }),
  };
}

/**
 * Makes a world of a check.
 * @param module name of the module in the package, or its absolute path, both without extension.
 * @param name under which the module exports the check; null for the first check that it exports.
 */
export function worldOf(module: string, name: string | null, options: CheckOptions): World {
  const { code, hash } = codeOf(module, options.mutant);
  return new CheckWorld(
    code,
    { module, name },
    { memory: options.memory, size: sizeOf(options), seed: SEED, codeHash: hash },
  );
}

/** A check of this package. */
export function checkOf(name: string, exportName: string, description: string): Check {
  return { name, description, make: (options) => worldOf(WORLDS, exportName, options) };
}
