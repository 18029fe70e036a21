/*
 * TypeScript to JavaScript, file by file. What the compiler gives is kept in .cache/, and the compiler itself is
 * loaded only where something is not there yet: every process and worker thread of a test run loads most of the
 * project.
 */
'use strict';

const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { threadId } = require('node:worker_threads');

const FOLDER = join(__dirname, '..', '..', '.cache', 'transpiled');
const OPTIONS = { target: 'es2023', module: 'commonjs', esModuleInterop: true, sourceMap: true };
/** All that the compiler's output depends on beside the file. */
const TERMS = `${require('typescript/package.json').version}\0${JSON.stringify(OPTIONS)}`;

/** @throws SyntaxError that names the place */
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

/** Keeps a text for the next time, where the folder can be written to. */
function keep(file, text) {
  try {
    mkdirSync(FOLDER, { recursive: true });
    // Whoever else does the same now writes the same.
    const own = `${file}.${process.pid}.${threadId}`;
    writeFileSync(own, text);
    renameSync(own, file);
  } catch {
    // The next process compiles it again.
  }
}

/**
 * JavaScript of a file with this text, and where its source map is kept.
 * @throws SyntaxError where the text is no TypeScript
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
