/*
 * Loaded by ts-node in a checkout (tsconfig.json, "ts-node"). `npx ts-node scenarios/NAME.ts` sets no
 * import conditions, and without `source` the package's own name leads to compiled code, which may
 * be older than the source. So ts-node's command starts itself once more with the condition.
 */
'use strict';

const { spawnSync } = require('node:child_process');
const { existsSync, realpathSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');

const CONDITION = '--conditions=source';
const script = process.argv[1] ?? '';
const isCommand = existsSync(script) && /[\\/]ts-node[\\/]dist[\\/]bin[^\\/]*\.js$/.test(realpathSync(script));

if (isMainThread && isCommand && !process.execArgv.includes(CONDITION)) {
  const args = [CONDITION, ...process.execArgv, ...process.argv.slice(1)];
  const { status, signal, error } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (signal !== null) process.kill(process.pid, signal);
  process.exit(status ?? 2);
}
