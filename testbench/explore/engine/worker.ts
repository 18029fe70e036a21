/** Entry of a thread of the worker pool. It installs the variant before it loads the code under test. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { installVariant, loadModule, type Variant } from './loading';

/** Data with which the thread is started, besides the arena. */
export interface WorkerStart {
  readonly control: SharedArrayBuffer;
  readonly variant: Variant;
  /** Modules to load at the start. One that does not load fails the run that needs it, not the start. */
  readonly modules: readonly string[];
  /** The CPU that all threads of the pool share, null where they are not pinned. */
  readonly processor: number | null;
}

/** Sent when the thread is ready: the modules that it had to compile. */
export type WorkerReady = Variant;

function preload(modules: readonly string[]): void {
  for (const module of modules)
    try {
      loadModule(module);
    } catch {
      // Reported by the run that needs it.
    }
}

if (parentPort !== null) {
  const { control, variant, modules, processor } = workerData as WorkerStart;
  const compiled = installVariant(variant);
  const { runActors } = require('./workerLoop') as typeof import('./workerLoop');
  const { pinThread } = require('../../runtime/affinity') as typeof import('../../runtime/affinity');
  preload(modules);
  // Before the thread is ready: a thread that is terminated while it loads the native library aborts the process.
  if (processor !== null) pinThread(processor);
  parentPort.once('message', (port: MessagePort) => runActors(control, port));
  parentPort.postMessage(compiled satisfies WorkerReady);
}
