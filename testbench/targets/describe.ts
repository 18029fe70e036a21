import { statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { UsageError } from '../../shared/errors';
import { SCRIPT_ENDINGS } from '../runtime/loadScript';
import { nextMessage } from '../runtime/nextMessage';
import { startWorker } from '../runtime/worker';
import type { TargetFacts } from './load';
import type { TargetPath } from './names';

/** Time limit for a script to load. */
const LOAD_LIMIT_MS = 60_000;

function requireFile(path: TargetPath): void {
  const isScript = SCRIPT_ENDINGS.includes(extname(path));
  if (!isScript || statSync(resolve(path), { throwIfNoEntry: false })?.isFile() !== true)
    throw new UsageError(
      `--target ${path}: ${isScript ? 'there is no such file' : 'this is no script'}: expected the path of a script (${SCRIPT_ENDINGS.join(' ')}) that exports a target`,
    );
}

/** Tells whether a thread that loads the target has to compile TypeScript. */
export function isTypeScript(path: string): boolean {
  return /\.c?ts$/.test(path);
}

/**
 * Describes the target of a script. Loads it in a thread of its own on the watched memory, as clauses do.
 * @throws UsageError as `loadTarget`, and where there is no such script.
 */
export async function describeTarget(path: TargetPath, print: NodeJS.WritableStream): Promise<TargetFacts> {
  requireFile(path);
  const settings = { build: 'watched', typeScript: isTypeScript(path), data: { path }, print } as const;
  const worker = startWorker('testbench/targets/describeWorker', settings);
  const answer = await nextMessage<TargetFacts | string>(worker, LOAD_LIMIT_MS);
  await worker.terminate();
  if (answer instanceof Error) throw new UsageError(`cannot load ${path}: ${answer.message}`);
  if (typeof answer === 'string') throw new UsageError(answer);
  return answer;
}
