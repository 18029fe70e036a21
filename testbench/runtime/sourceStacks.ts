/**
 * Loaded before any other file of the compiled package, it makes stacks name lines of the TypeScript source, which ships
 * too. It reads a source map only when a stack with its file is printed: Node's `--enable-source-maps` would parse the
 * map of every file that is loaded.
 */
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';

/** Places in source files, by those in compiled files, both as `file:line:column`; null where no map has one. */
const places = new Map<string, string | null>();
const maps = new Map<string, SourceMap | null>();

function mapOf(file: string): SourceMap | null {
  const known = maps.get(file);
  if (known !== undefined) return known;
  let map: SourceMap | null = null;
  try {
    map = new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')) as never);
  } catch {
    // A file of another package has none.
  }
  maps.set(file, map);
  return map;
}

function sourcePlace(file: string, line: number, column: number): string | null {
  const entry = mapOf(file)?.findEntry(line - 1, column - 1);
  if (entry === undefined || !('originalSource' in entry)) return null;
  const source = resolve(dirname(file), entry.originalSource);
  return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

function mapped(site: NodeJS.CallSite): string {
  const call: unknown = site;
  const text = String(call);
  const file = site.getFileName();
  const [line, column] = [site.getLineNumber(), site.getColumnNumber()];
  if (typeof file !== 'string' || !file.endsWith('.js') || line === null || column === null) return text;
  const compiled = `${file}:${line}:${column}`;
  let place = places.get(compiled);
  if (place === undefined) places.set(compiled, (place = sourcePlace(file, line, column)));
  return place === null ? text : text.replace(compiled, () => place);
}

if (__filename.endsWith('.js'))
  Error.prepareStackTrace = (error, sites) =>
    [Error.prototype.toString.call(error), ...sites.map((site) => `    at ${mapped(site)}`)].join('\n');
