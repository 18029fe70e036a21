/*
 * What ts-node asks to turn TypeScript into JavaScript (tsconfig.json, "ts-node"): the compiler's own
 * transpileModule, with what it gave kept in .cache/. Every worker thread loads most of the project;
 * without this each of them spends 2 to 4 seconds on compiling the same files again.
 */
'use strict';

const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { threadId } = require('node:worker_threads');

const FOLDER = join(__dirname, '..', '..', '.cache', 'transpiled');

exports.create = ({ service, nodeModuleEmitKind }) => {
  const compilerOptions = { ...service.config.options };
  const terms = JSON.stringify([
    require('typescript/package.json').version,
    nodeModuleEmitKind ?? null,
    compilerOptions,
  ]);
  const compile = (text, fileName) => {
    const { outputText, sourceMapText } = require('typescript').transpileModule(text, { fileName, compilerOptions });
    return { outputText, sourceMapText, diagnostics: [] };
  };
  return {
    transpile(text, { fileName }) {
      const file = join(FOLDER, createHash('sha256').update(`${terms}\0${fileName}\0`).update(text).digest('hex'));
      try {
        return JSON.parse(readFileSync(file, 'utf8'));
      } catch {
        const result = compile(text, fileName);
        mkdirSync(FOLDER, { recursive: true });
        // Whoever else does the same now writes the same.
        const own = `${file}.${process.pid}.${threadId}`;
        writeFileSync(own, JSON.stringify(result));
        renameSync(own, file);
        return result;
      }
    },
  };
};
