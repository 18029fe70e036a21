import { parentPort, workerData } from 'node:worker_threads';
import { writeDump } from '../../../../../testbench/evidence/dump/writeDump';
import { RUN } from './run';

/** A thread that shares the arena and writes a dump. */
writeDump((workerData as { folder: string }).folder, RUN);
parentPort!.postMessage('done');
