/** The thread that loads a target's script to describe it. It answers with the facts, or with the text of an error. */
import { parentPort, workerData } from 'node:worker_threads';
import type { TargetPath } from './names';
import { factsOf, loadTarget } from './load';

try {
  parentPort?.postMessage(factsOf(loadTarget((workerData as { readonly path: TargetPath }).path)));
} catch (error) {
  parentPort?.postMessage((error as Error).message);
}
