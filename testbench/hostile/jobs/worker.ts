import { parentPort, workerData } from 'node:worker_threads';
import { runCases, HostileWorlds } from '../run';
import type { CaseOrder, WorkerData } from './orders';

const { side, seed } = workerData as WorkerData;
const worlds = new HostileWorlds(side);

parentPort!.on('message', (order: CaseOrder) => parentPort!.postMessage(runCases(worlds, { ...order, seed })));
parentPort!.postMessage('ready');
