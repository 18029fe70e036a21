import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Mode } from '../api/result';
import { type Scenario, scenarioAmong, type ScenarioText } from '../api/scenario';
import { codeRoot, sourceArguments } from '../runtime/package';
import type { BenchOf } from './modes';

/**
 * Declares the scenario of a file, which exports it under any name. `modes` decides what its body gets: the inline
 * bench where it is left out, the contract `Bench` for `['inline', 'threads']`.
 *
 * A file that is started by itself (`npx ts-node scenarios/NAME.ts`) runs as `avp run` runs it, with the same options.
 */
export function scenario<M extends Mode = 'inline'>(
  text: ScenarioText & { readonly modes?: readonly [M, ...M[]] },
  body: (bench: BenchOf<M>) => Promise<void>,
): Scenario<BenchOf<M>> {
  const result: Scenario<BenchOf<M>> = { ...text, body };
  // The module's exports are complete only after the file has been read to its end.
  setImmediate(() => {
    const { main } = require;
    if (main !== undefined && scenarioAmong(main.exports as object) === result) runAsCommand(main.filename);
  });
  return result;
}

/** Starts the command line on a file, as a process of its own. */
function runAsCommand(file: string): void {
  const command = join(codeRoot(), 'cli', 'avp');
  const args = [...sourceArguments(), command, 'run', file, ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 2;
}
