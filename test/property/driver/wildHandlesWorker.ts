/** Runs bursts of wild handles in a thread of its own, on the memory build that the thread was started with. */
import { parentPort } from 'node:worker_threads';
import { freeWild, sendWild, type WildPacket } from './wildHandles';

parentPort!.on('message', ({ what, packets }: { what: 'send' | 'free'; packets: WildPacket[] }) =>
  parentPort!.postMessage(what === 'send' ? sendWild(packets) : freeWild(packets)),
);
