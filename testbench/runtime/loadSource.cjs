/*
 * Has Node run TypeScript as it is: `node -r ./testbench/runtime/loadSource.cjs --conditions=source FILE`.
 * What the compiler gives is kept in .cache/, and the compiler itself is loaded only where something is not
 * there yet: every process and worker thread of a test run loads most of the project.
 */
'use strict';

const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { SourceMap } = require('node:module');
const { join } = require('node:path');
const { threadId } = require('node:worker_threads');

const ROOT = join(__dirname, '..', '..');
const FOLDER = join(ROOT, '.cache', 'transpiled');
const CONFIG = join(ROOT, 'tsconfig.json');
/** All that the compiler's output depends on beside the file. */
const TERMS = `${require('typescript/package.json').version}\0${readFileSync(CONFIG, 'utf8')}`;

/** Path without extension of what the compiler made of each file that this thread has loaded. */
const loaded = new Map();
const sourceMaps = new Map();

function compile(text, fileName) {
  const ts = require('typescript');
  const { compilerOptions } = ts.readConfigFile(CONFIG, ts.sys.readFile).config;
  const { options } = ts.convertCompilerOptionsFromJson(compilerOptions, ROOT);
  const { outputText, sourceMapText } = ts.transpileModule(text, { fileName, compilerOptions: options });
  return { js: outputText.replace(/^\/\/# sourceMappingURL=.*\s*$/m, ''), map: sourceMapText };
}

function write(file, text) {
  // Whoever else does the same now writes the same.
  const own = `${file}.${process.pid}.${threadId}`;
  writeFileSync(own, text);
  renameSync(own, file);
}

/** JavaScript of a file, from .cache/ where it is there. */
function transpiled(text, fileName) {
  const name = createHash('sha256').update(`${TERMS}\0${fileName}\0`).update(text).digest('hex');
  const output = join(FOLDER, name);
  loaded.set(fileName, output);
  try {
    return readFileSync(`${output}.js`, 'utf8');
  } catch {
    const { js, map } = compile(text, fileName);
    mkdirSync(FOLDER, { recursive: true });
    write(`${output}.map`, map);
    write(`${output}.js`, js);
    return js;
  }
}

/** The source map of a loaded file; null where there is none. */
function sourceMapOf(fileName) {
  const output = loaded.get(fileName);
  if (output === undefined) return null;
  if (!sourceMaps.has(output)) sourceMaps.set(output, new SourceMap(JSON.parse(readFileSync(`${output}.map`, 'utf8'))));
  return sourceMaps.get(output);
}

/** A line of a stack trace with the place in the TypeScript file. */
function mapped(site) {
  const file = site.getFileName();
  const [line, column] = [site.getLineNumber(), site.getColumnNumber()];
  const { originalLine, originalColumn } = sourceMapOf(file)?.findEntry(line - 1, column - 1) ?? {};
  if (originalLine === undefined) return String(site);
  return String(site).replace(`${file}:${line}:${column}`, `${file}:${originalLine + 1}:${originalColumn + 1}`);
}

require.extensions['.ts'] = (module, file) => module._compile(transpiled(readFileSync(file, 'utf8'), file), file);
// Node's own way to map stack traces reads the map of every file as it is loaded.
Error.prepareStackTrace = (error, sites) =>
  [Error.prototype.toString.call(error), ...sites.map((site) => `    at ${mapped(site)}`)].join('\n');

exports.transpiled = transpiled;
