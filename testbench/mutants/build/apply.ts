import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../runtime/package';
import type { BrokenVariant, Edit } from './mutant';

/** JavaScript of the changed modules, by path in the package without the extension. */
export type Variant = Readonly<Record<string, string>>;

function applied(edit: Edit, text: string, id: string): string {
  const parts = text.split(edit.find);
  if (parts.length === 2) return parts.join(edit.replace);
  const found = `'${edit.find}' stands ${parts.length - 1} times in ${edit.file}: expected once`;
  throw new Error(`broken variant ${id} no longer fits the source: ${found}`);
}

/**
 * Applies the edits of a variant. Returns the TypeScript of the changed files by path in the package.
 * @throws Error if an edit does not fit exactly once.
 */
export function changedFiles({ id, edits }: BrokenVariant): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const edit of edits) {
    const text = texts[edit.file] ?? readFileSync(join(packageRoot(), edit.file), 'utf8');
    texts[edit.file] = applied(edit, text, id);
  }
  return texts;
}

/**
 * Compiles the changed files of a mutant in memory.
 * @throws Error if an edit does not fit exactly once.
 * @throws SyntaxError if a changed file is not TypeScript.
 */
export function buildVariant(mutant: BrokenVariant): Variant {
  const { transpile } = require(join(packageRoot(), 'testbench/runtime/transpile.cjs')) as {
    transpile(text: string, fileName: string): { js: string };
  };
  const modules = Object.entries(changedFiles(mutant)).map(
    ([file, text]) => [file.replace(/\.ts$/, ''), transpile(text, join(packageRoot(), file)).js] as const,
  );
  return Object.fromEntries(modules);
}
