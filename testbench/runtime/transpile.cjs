/*
 * Compiles TypeScript to JavaScript, file by file, and keeps the output in .cache/. The compiler itself is loaded
 * only for a file that is not in the cache, because every process and worker thread of a test run loads most of the
 * project.
 */
'use strict';

const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { homedir } = require('node:os');
const { isAbsolute, join, resolve } = require('node:path');
const { threadId } = require('node:worker_threads');

const { AVP_CACHE: CHOSEN = '', XDG_CACHE_HOME: GIVEN = '' } = process.env;
/** The checkout's own cache, and the user's for a checkout that cannot be written; with AVP_CACHE only that. */
const FOLDERS =
  CHOSEN !== ''
    ? [join(resolve(CHOSEN), 'transpiled')]
    : [
        join(__dirname, '..', '..', '.cache', 'transpiled'),
        join(isAbsolute(GIVEN) ? GIVEN : join(homedir(), '.cache'), 'avp-testbench', 'transpiled'),
      ];
const OPTIONS = { target: 'es2023', module: 'commonjs', esModuleInterop: true, sourceMap: true };
/** Everything that the output depends on, apart from the file. */
const TERMS = `${require('typescript/package.json').version}\0${JSON.stringify(OPTIONS)}`;

/** @throws SyntaxError that names the file, line and column. */
function compile(text, fileName) {
  const ts = require('typescript');
  const { outputText, sourceMapText, diagnostics } = ts.transpileModule(text, {
    fileName,
    compilerOptions: ts.convertCompilerOptionsFromJson(OPTIONS, __dirname).options,
    reportDiagnostics: true,
  });
  const [fault] = diagnostics;
  if (fault !== undefined) {
    const { line, character } = fault.file.getLineAndCharacterOfPosition(fault.start);
    const message = ts.flattenDiagnosticMessageText(fault.messageText, '\n');
    throw new SyntaxError(`${fileName}:${line + 1}:${character + 1}: ${message}`);
  }
  return { js: outputText.replace(/^\/\/# sourceMappingURL=.*\s*$/m, ''), map: sourceMapText };
}

/** Writes a file of the cache into the first folder that can be written. Returns that folder, null where none can. */
function keep(name, text) {
  for (const folder of FOLDERS)
    try {
      mkdirSync(folder, { recursive: true });
      // Another process may write the same file now, with the same content.
      const own = join(folder, `${name}.${process.pid}.${threadId}`);
      writeFileSync(own, text);
      renameSync(own, join(folder, name));
      return folder;
    } catch {
      // Without a cache the next process compiles the file again.
    }
  return null;
}

function readKept(name) {
  for (const folder of FOLDERS)
    try {
      return { js: readFileSync(join(folder, `${name}.js`), 'utf8'), mapFile: join(folder, `${name}.map`) };
    } catch {
      // It may be in the next one.
    }
  return null;
}

/**
 * Compiles the text of a file. Returns its JavaScript and the path of its source map, null where that cannot be kept.
 * @throws SyntaxError if the text is not TypeScript.
 */
exports.transpile = (text, fileName) => {
  const name = createHash('sha256').update(`${TERMS}\0${fileName}\0`).update(text).digest('hex');
  const kept = readKept(name);
  if (kept !== null) return kept;
  const { js, map } = compile(text, fileName);
  const folder = keep(`${name}.map`, map);
  if (folder !== null) keep(`${name}.js`, js);
  return { js, mapFile: folder === null ? null : join(folder, `${name}.map`) };
};
