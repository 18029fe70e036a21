/**
 * Plants a fault in the driver: compiles a module from its own source with one piece of text replaced, and swaps
 * its exports for those of the real module while a test runs.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { compileFunction } from 'node:vm';
import ts from 'typescript';
import { guestLoops } from '../../../driver/guestLoops';

const DRIVER = resolve(__dirname, '../../../driver');

type Exports = Record<string, unknown>;

/** @param text must occur exactly once, so that the test fails if the driver's source has changed. */
function compile(file: string, text: string, fault: string): Exports {
  const path = resolve(DRIVER, file);
  const source = readFileSync(path, 'utf8');
  if (source.split(text).length !== 2) throw new Error(`${file}: '${text}' does not occur exactly once`);
  const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023 };
  const { outputText } = ts.transpileModule(source.replace(text, fault), { compilerOptions: options });
  const module = { exports: {} as Exports };
  // Let it import the same module instances as the real one, so that it uses the same memory.
  const run = compileFunction(outputText, ['exports', 'require', 'module']) as (...args: unknown[]) => void;
  run(module.exports, createRequire(path), module);
  return module.exports;
}

/** Runs `body` with the fault in place. */
export function withFault(file: string, text: string, fault: string, body: () => void): void {
  const real = createRequire(__filename)(resolve(DRIVER, file)) as Exports;
  const faulty = compile(file, text, fault);
  // The application calls what this thread has chosen.
  const chosen = guestLoops() as unknown as Exports;
  const former = [{ ...real }, { ...chosen }] as const;
  Object.assign(real, faulty);
  for (const name of Object.keys(chosen)) chosen[name] = faulty[name] ?? chosen[name];
  try {
    body();
  } finally {
    Object.assign(real, former[0]);
    Object.assign(chosen, former[1]);
  }
}
