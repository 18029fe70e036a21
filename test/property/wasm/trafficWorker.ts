/** Runs traffic in a thread of its own, on the engine that the thread was started with. */
import { parentPort } from 'node:worker_threads';
import { engineHere } from '../../../shared/wasm/load';
import { runTraffic, type TrafficCase, type TrafficOutcome } from './traffic';

/** Outcome of a case; a text is the error that it ended with. */
export interface TrafficAnswer {
  readonly engine: string;
  readonly outcome: TrafficOutcome | string;
}

function outcomeOf(one: TrafficCase): TrafficOutcome | string {
  try {
    return runTraffic(one);
  } catch (error) {
    return (error as Error).stack!;
  }
}

parentPort!.on('message', (one: TrafficCase) =>
  parentPort!.postMessage({ engine: engineHere('driver'), outcome: outcomeOf(one) } satisfies TrafficAnswer),
);
