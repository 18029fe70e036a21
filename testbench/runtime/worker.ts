import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Engine } from '../../shared/engine';
import { loopsFor } from './engine';
import { codeRoot, packageRoot, runsFromSource, sourceArguments } from './package';

/** Build of the memory primitives that a worker uses. */
export type MemoryBuild = 'plain' | 'watched';

/**
 * Node arguments of a worker. A worker with arguments of its own inherits none, so this names all conditions again.
 */
function execArgv({ build, typeScript = false, source = runsFromSource }: WorkerSettings): string[] {
  const watched = build === 'watched' ? ['--conditions=watched'] : [];
  if (source) return [...watched, ...sourceArguments(source)];
  const loads = ['sourceStacks.js', ...(typeScript ? ['foreignTypeScript.js'] : [])];
  return [...watched, ...loads.flatMap((name) => ['-r', join(__dirname, name)])];
}

export interface WorkerSettings {
  readonly build: MemoryBuild;
  /** Engine of the worker's loop files. Default: TypeScript on watched memory, else WebAssembly where possible. */
  readonly engine?: Engine | undefined;
  /** The worker loads TypeScript that is not part of the package. Default: false. */
  readonly typeScript?: boolean;
  /** The worker runs the TypeScript source. Default: if this thread does. */
  readonly source?: boolean;
  /** `workerData` of the worker. Default: none. */
  readonly data?: object;
  /** Stream for lines that code in the worker prints. */
  readonly print: NodeJS.WritableStream;
}

function workerDataOf({ build, engine, data = {} }: WorkerSettings): object {
  if (engine === undefined) return data;
  if (engine === 'wasm' && build === 'watched') throw new Error('compiled loops cannot be watched');
  return { ...data, avpLoops: loopsFor(engine) };
}

/**
 * Starts a worker thread on one of the package's own modules.
 * @throws UsageError where the engine is `wasm` and there are no compiled loops.
 * @param module path in the package without its extension, for example `testbench/conformance/worker`.
 */
export function startWorker(module: string, settings: WorkerSettings): Worker {
  const { source = runsFromSource } = settings;
  const file = source ? join(packageRoot(), `${module}.ts`) : join(codeRoot(), `${module}.js`);
  const worker = new Worker(file, {
    execArgv: execArgv(settings),
    workerData: workerDataOf(settings),
    stdout: true,
    stderr: true,
    // A terminal closes its descriptor itself, unseen by this watch.
    trackUnmanagedFds: false,
  });
  // No pipes: each would add listeners to a stream that all workers share.
  worker.stdout.on('data', (chunk: Buffer) => settings.print.write(chunk));
  worker.stderr.on('data', (chunk: Buffer) => process.stderr.write(chunk));
  return worker;
}
