import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeRoot, runsFromSource } from './package';

/**
 * The host's loops as WebAssembly, for `workerData.avpLoops`. Null where the source runs, which they
 * might be older than, and where they have not been built: TypeScript does the same, slower.
 */
export function compiledHostLoops(): WebAssembly.Module | null {
  const file = join(codeRoot(), 'loops/emulator.wasm');
  return runsFromSource || !existsSync(file) ? null : new WebAssembly.Module(readFileSync(file));
}
