import { Script } from 'node:vm';
import { SCOPE } from '../transform/names';
import type { Tree } from '../transform/tree';

const PARAMETERS = ['exports', 'require', 'module', ...Object.values(SCOPE)].join(', ');

/** A function around a module of a tree. */
export type ModuleBody = (...values: unknown[]) => void;

/** The compiled modules of a tree, which all instances of it share, and the source positions of their accesses. */
export class Code {
  /** Source positions, `folder/file.ts:line`. */
  readonly sites: string[] = [];
  private readonly bodies = new Map<string, { readonly body: ModuleBody; readonly firstSite: number }>();

  constructor(private readonly tree: Tree) {}

  has(name: string): boolean {
    return Object.hasOwn(this.tree, name);
  }

  /** Returns a module's function, and the number of its first site. */
  module(name: string): { readonly body: ModuleBody; readonly firstSite: number } {
    const known = this.bodies.get(name);
    if (known !== undefined) return known;
    const { js, lines } = this.tree[name]!;
    const firstSite = this.sites.length;
    for (const line of lines) this.sites.push(`${name}.ts:${line}`);
    const script = new Script(`(function (${PARAMETERS}) {${js}\n})`, { filename: `${name}.ts (explored)` });
    const made = { body: script.runInThisContext() as ModuleBody, firstSite };
    this.bodies.set(name, made);
    return made;
  }
}
