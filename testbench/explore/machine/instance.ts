import { createRequire } from 'node:module';
import { isAbsolute, join, posix } from 'node:path';
import { packageRoot } from '../../runtime/package';
import { ARENA_FROM, type Arena } from './arena';
import type { Code } from './code';
import { twinRuntime } from './twinRuntime';

/** Modules of this package that a check of another project imports by the package's name. */
const ENTRIES: Readonly<Record<string, string>> = {
  'avp-testbench/driver': 'driver/index',
  'avp-testbench/emulator': 'emulator/index',
  'avp-testbench/shared': 'shared/index',
  'avp-testbench/explore': 'testbench/explore/index',
};

interface Loaded {
  exports: Record<string, unknown>;
}

/** Modules of a tree, loaded for one actor alone: what a module keeps to itself belongs to one thread. */
export class Instance {
  /** Objects at the top of modules that change while actors run. */
  readonly roots: unknown[] = [];
  private readonly loaded = new Map<string, Loaded>();

  constructor(
    private readonly code: Code,
    private readonly arena: Arena,
  ) {}

  /** Loads a module by its name in the tree. */
  load(name: string): Record<string, unknown> {
    const known = this.loaded.get(name);
    if (known !== undefined) return known.exports;
    const module: Loaded = { exports: {} };
    this.loaded.set(name, module);
    const { body, firstSite } = this.code.module(name);
    const load = (id: string): unknown => this.require(id, name);
    body(module.exports, load, module, this.arena.machine, twinRuntime, firstSite, (root: unknown) =>
      this.roots.push(root),
    );
    if (name === ARENA_FROM) module.exports = this.arena.watched(module.exports);
    return module.exports;
  }

  private require(id: string, from: string): unknown {
    const entry = ENTRIES[id];
    if (entry !== undefined) return this.load(entry);
    if (id === '#mem') return this.arena.plain;
    if (!id.startsWith('.')) return createRequire(isAbsolute(from) ? from : join(packageRoot(), 'package.json'))(id);
    const path = posix.join(posix.dirname(from), id);
    const replaced = this.arena.replaced(path);
    if (replaced !== null) return replaced;
    const name = [path, `${path}/index`].find((one) => this.code.has(one));
    if (name === undefined) throw new Error(`${from} imports ${id}, which the transform has not seen`);
    return this.load(name);
  }
}
