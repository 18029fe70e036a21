/**
 * Replaces the loop files' ambient types `u32` and `bool` (shared/mem/ambient.d.ts) by `number` and `boolean` in the
 * declaration files in `dist`. Shipping the ambient types would put them into the global scope of other projects.
 * `npm pack` runs it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { packageRoot } from '../../testbench/runtime/package';

const PUBLIC: ReadonlyMap<string, string> = new Map([
  ['u32', 'number'],
  ['bool', 'boolean'],
]);

/** Returns the text of a declaration file with its ambient types replaced. */
export function withPublicTypes(text: string): string {
  const source = ts.createSourceFile('one.d.ts', text, ts.ScriptTarget.ES2023, true);
  const names: ts.Identifier[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName) && PUBLIC.has(node.typeName.text))
      names.push(node.typeName);
    ts.forEachChild(node, visit);
  };
  visit(source);
  // Starts at the end, so that earlier positions stay valid.
  return names.reduceRight(
    (result, name) => `${result.slice(0, name.getStart())}${PUBLIC.get(name.text)!}${result.slice(name.end)}`,
    text,
  );
}

function main(folder: string): void {
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.d.ts'),
  )) {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    const changed = withPublicTypes(text);
    if (changed !== text) writeFileSync(path, changed);
  }
}

if (require.main === module) main(join(packageRoot(), 'dist'));
