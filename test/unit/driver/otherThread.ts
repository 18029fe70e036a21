/**
 * The second thread of lifetime.test.ts. It takes the port's interrupts over and uses the port until it is
 * told to end; then it leaves the port and reports what it saw. Words of `flags`: 0 is 1 once the thread has a
 * view, 1 tells the thread to end, 2 counts its rounds.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Port, type PortEvent } from '../../../driver';
import { RealClock } from '../../../shared/clock';
import { ErrnoError } from '../../../shared/errors';
import { PciFunction } from '../../../shared/pci';

export interface OtherThreadData {
  readonly port: number;
  readonly pci: number;
  readonly flags: SharedArrayBuffer;
}

/** Observations of the thread. */
export interface OtherThreadReport {
  /** Number of failed control operations by errno. */
  readonly codes: Readonly<Record<string, number>>;
  readonly events: readonly PortEvent[];
  /** The stack of an unexpected error. */
  readonly error: string | null;
}

const { port: address, pci, flags } = workerData as OtherThreadData;
const words = new Int32Array(flags);
const clock = new RealClock();
const port = Port.at(address, { clock });
const codes: Record<string, number> = {};
const out = new Uint32Array(64);

function control(): void {
  try {
    port.vlanOffloadSet({ filter: true });
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
    codes[error.code] = (codes[error.code] ?? 0) + 1;
  }
}

function round(): void {
  PciFunction.at(pci).dispatchInterrupt();
  control();
  port.rxBurst(0, out, 64);
}

let error: string | null = null;
let events: PortEvent[] = [];
try {
  port.takeInterrupts();
  Atomics.store(words, 0, 1);
  Atomics.notify(words, 0);
  for (; Atomics.load(words, 1) === 0; Atomics.add(words, 2, 1)) round();
  events = port.eventsSince(0).map(({ event }) => event);
  port.leave();
} catch (thrown) {
  error = String((thrown as Error).stack);
  Atomics.store(words, 1, 1);
  Atomics.store(words, 0, 1);
  Atomics.notify(words, 0);
}
parentPort!.postMessage({ codes, events, error } satisfies OtherThreadReport);
