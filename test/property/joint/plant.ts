/**
 * Faults planted in the driver on purpose: a module is compiled again from its own source with
 * one piece of text changed, and takes the place of the real one while a test runs.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { compileFunction } from 'node:vm';
import ts from 'typescript';

const DRIVER = resolve(__dirname, '../../../driver');

type Exports = Record<string, unknown>;

/** @param text must occur exactly once, so that a driver that has changed can't pass for a faulty one. */
function compile(file: string, text: string, fault: string): Exports {
  const path = resolve(DRIVER, file);
  const source = readFileSync(path, 'utf8');
  if (source.split(text).length !== 2) throw new Error(`${file}: '${text}' does not occur exactly once`);
  const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023 };
  const { outputText } = ts.transpileModule(source.replace(text, fault), { compilerOptions: options });
  const module = { exports: {} as Exports };
  // The same modules behind it as behind the real one: same memory, same records.
  const run = compileFunction(outputText, ['exports', 'require', 'module']) as (...args: unknown[]) => void;
  run(module.exports, createRequire(path), module);
  return module.exports;
}

/** Runs `body` with the fault in place. */
export function withFault(file: string, text: string, fault: string, body: () => void): void {
  const real = createRequire(__filename)(resolve(DRIVER, file)) as Exports;
  const former = { ...real };
  Object.assign(real, compile(file, text, fault));
  try {
    body();
  } finally {
    Object.assign(real, former);
  }
}
