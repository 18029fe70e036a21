import { parentPort, workerData } from 'node:worker_threads';
import { writeDump } from '../../../../../testbench/evidence/dump/writeDump';
import { RUN } from './run';

/** Another thread of the same arena. */
writeDump((workerData as { folder: string }).folder, RUN);
parentPort!.postMessage('done');
