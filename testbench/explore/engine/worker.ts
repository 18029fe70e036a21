/**
 * A thread of a pool. It loads the code under test only after it has been told which variant of
 * it that is.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { installVariant, loadModule, type Variant } from './loading';

/** What the thread is started with, besides the arena. */
export interface WorkerStart {
  readonly control: SharedArrayBuffer;
  readonly variant: Variant;
  /** Modules that it will need; one that does not load is an error of the run that needs it. */
  readonly modules: readonly string[];
  /** The processor that all threads of a pool share, null where they are not pinned. */
  readonly processor: number | null;
}

/** What it says when it is ready: what it had to compile. */
export type WorkerReady = Variant;

function preload(modules: readonly string[]): void {
  for (const module of modules)
    try {
      loadModule(module);
    } catch {
      // Told by the run that needs it.
    }
}

if (parentPort !== null) {
  const { control, variant, modules, processor } = workerData as WorkerStart;
  const compiled = installVariant(variant);
  const { serve } = require('./workerLoop') as typeof import('./workerLoop');
  const { pinThread } = require('../../runtime/affinity') as typeof import('../../runtime/affinity');
  preload(modules);
  parentPort.once('message', (port: MessagePort) => {
    if (processor !== null) pinThread(processor);
    serve(control, port);
  });
  parentPort.postMessage(compiled satisfies WorkerReady);
}
