/*
 * ts-node loads this file in a checkout (tsconfig.json, "ts-node"). `npx ts-node scenarios/NAME.ts` sets no import
 * conditions, and without `source` the package's own name resolves to compiled code, which may be older than the
 * source. This file therefore starts the script in a second Node that has the condition and the project's loader.
 */
'use strict';

const { spawnSync } = require('node:child_process');
const { existsSync, realpathSync } = require('node:fs');
const { join } = require('node:path');
const { isMainThread } = require('node:worker_threads');

const CONDITION = '--conditions=source';
const script = process.argv[1] ?? '';
const isCommand = existsSync(script) && /[\\/]ts-node[\\/]dist[\\/]bin[^\\/]*\.js$/.test(realpathSync(script));

if (isMainThread && isCommand && !process.execArgv.includes(CONDITION)) {
  // Only ts-node understands its own options. A script without any needs just the loader.
  const hasOptions = (process.argv[2] ?? '-').startsWith('-');
  const program = hasOptions ? [script] : ['-r', join(__dirname, 'loadSource.cjs')];
  const args = [CONDITION, ...process.execArgv, ...program, ...process.argv.slice(2)];
  const { status, signal, error } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (signal !== null) process.kill(process.pid, signal);
  process.exit(status ?? 2);
}
