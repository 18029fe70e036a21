/*
 * Lets Node run TypeScript files directly: `node -r ./testbench/runtime/loadSource.cjs --conditions=source FILE`.
 */
'use strict';

const { readFileSync } = require('node:fs');
const { SourceMap } = require('node:module');
const { transpile } = require('./transpile.cjs');

/** Path of the source map of each loaded file. */
const mapFiles = new Map();
const sourceMaps = new Map();

require.extensions['.ts'] = (module, file) => {
  const { js, mapFile } = transpile(readFileSync(file, 'utf8'), file);
  mapFiles.set(file, mapFile);
  module._compile(js, file);
};

function readMap(mapFile) {
  try {
    return new SourceMap(JSON.parse(readFileSync(mapFile, 'utf8')));
  } catch {
    return null;
  }
}

/** Returns the source map of a loaded file, or null if there is none. */
function sourceMapOf(file) {
  const mapFile = mapFiles.get(file);
  if (mapFile === undefined || mapFile === null) return null;
  if (!sourceMaps.has(mapFile)) sourceMaps.set(mapFile, readMap(mapFile));
  return sourceMaps.get(mapFile);
}

/** Formats a line of a stack trace with the place in the TypeScript file. */
function mapped(site) {
  const file = site.getFileName();
  const [line, column] = [site.getLineNumber(), site.getColumnNumber()];
  const { originalLine, originalColumn } = sourceMapOf(file)?.findEntry(line - 1, column - 1) ?? {};
  if (originalLine === undefined) return String(site);
  return String(site).replace(`${file}:${line}:${column}`, `${file}:${originalLine + 1}:${originalColumn + 1}`);
}

// Node's --enable-source-maps would parse the map of every file when it loads the file.
Error.prepareStackTrace = (error, sites) =>
  [Error.prototype.toString.call(error), ...sites.map((site) => `    at ${mapped(site)}`)].join('\n');
