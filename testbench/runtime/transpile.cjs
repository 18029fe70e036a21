/*
 * Compiles TypeScript to JavaScript, file by file, and keeps the output in .cache/. The compiler itself is loaded
 * only for a file that is not in the cache, because every process and worker thread of a test run loads most of the
 * project.
 */
'use strict';

const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { threadId } = require('node:worker_threads');

const FOLDER = join(__dirname, '..', '..', '.cache', 'transpiled');
const OPTIONS = { target: 'es2023', module: 'commonjs', esModuleInterop: true, sourceMap: true };
/** Everything that the output depends on, apart from the file. */
const TERMS = `${require('typescript/package.json').version}\0${JSON.stringify(OPTIONS)}`;

/** @throws SyntaxError that names the file, line and column. */
function compile(text, fileName) {
  const ts = require('typescript');
  const { outputText, sourceMapText, diagnostics } = ts.transpileModule(text, {
    fileName,
    compilerOptions: ts.convertCompilerOptionsFromJson(OPTIONS, FOLDER).options,
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

/** Writes a file of the cache, unless the folder is read-only. */
function keep(file, text) {
  try {
    mkdirSync(FOLDER, { recursive: true });
    // Another process may write the same file now, with the same content.
    const own = `${file}.${process.pid}.${threadId}`;
    writeFileSync(own, text);
    renameSync(own, file);
  } catch {
    // Without a cache the next process compiles the file again.
  }
}

/**
 * Compiles the text of a file. Returns its JavaScript and the path of its source map.
 * @throws SyntaxError if the text is not TypeScript.
 */
exports.transpile = (text, fileName) => {
  const name = createHash('sha256').update(`${TERMS}\0${fileName}\0`).update(text).digest('hex');
  const [jsFile, mapFile] = [join(FOLDER, `${name}.js`), join(FOLDER, `${name}.map`)];
  try {
    return { js: readFileSync(jsFile, 'utf8'), mapFile };
  } catch {
    const { js, map } = compile(text, fileName);
    keep(mapFile, map);
    keep(jsFile, js);
    return { js, mapFile };
  }
};
