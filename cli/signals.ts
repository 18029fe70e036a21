import { flushPrinted } from '../testbench/runtime/flush';

/** Signals with which a terminal, a CI system or a time limit ends a command. */
export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type EndSignal = (typeof SIGNALS)[number];

/** Time to write the reports of an interrupted run before the signal ends the process anyway. */
const GRACE_MS = 10_000;
/** Part of that time which reports to pipes may take. */
const REPORTS_MS = 8_000;

/** Ends this process by a signal, so that its parent sees what ended it. A shell shows 128 and the signal's number. */
function endBy(signal: EndSignal): void {
  for (const one of SIGNALS) process.removeAllListeners(one);
  process.kill(process.pid, signal);
}

/**
 * Runs `tidy` when a signal ends the process. The process still ends by that signal.
 * @returns a function that removes the handlers.
 */
export function beforeSignal(tidy: () => void): () => void {
  const handlers = SIGNALS.map((signal) => {
    const end = (): void => {
      tidy();
      endBy(signal);
    };
    process.once(signal, end);
    return { signal, end };
  });
  return () => handlers.forEach(({ signal, end }) => process.off(signal, end));
}

/** Runs work that a signal must not cut in the middle, because a file would be left behind. It must not wait. */
export function withoutSignals(work: () => void): void {
  const ignore = (): void => {};
  for (const signal of SIGNALS) process.on(signal, ignore);
  try {
    work();
  } finally {
    for (const signal of SIGNALS) process.off(signal, ignore);
  }
}

/**
 * Runs work that may wait for ever, such as for the reader of a pipe. A signal ends the process at once, because its
 * handlers would not be called before the work has ended.
 */
export function withPlainSignals(work: () => void): void {
  const former = SIGNALS.map((signal) => ({ signal, handlers: process.rawListeners(signal) as (() => void)[] }));
  for (const { signal, handlers } of former) for (const handler of handlers) process.off(signal, handler);
  try {
    work();
  } finally {
    for (const { signal, handlers } of former) for (const handler of handlers) process.on(signal, handler);
  }
}

let caught: EndSignal | null = null;
/** When the reports of an interrupted command must be written, by `performance.now`; null while it is not interrupted. */
let graceEndMs: number | null = null;

/**
 * Time that the reports of an interrupted command may still take, in ms; null if no signal has come. No second
 * signal is needed to end a report to a pipe that nobody reads.
 */
export function graceLeftMs(): number | null {
  return graceEndMs === null ? null : Math.max(0, graceEndMs - performance.now());
}

function startGrace(): void {
  graceEndMs ??= performance.now() + REPORTS_MS;
}

/**
 * Resolves at the first signal. Later signals change nothing, because npm may forward one that the terminal has
 * already sent to both processes.
 */
export function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    const onSignal = (): void => {
      startGrace();
      resolve();
    };
    for (const signal of SIGNALS) process.on(signal, onSignal);
  });
}

/**
 * Stops the work of a command at the first signal, so that it can write its reports. The process ends by that signal
 * in the end (`endIfInterrupted`). Later signals change nothing, because npm may forward one that the terminal has
 * already sent to both processes.
 */
export class Interruption {
  private readonly controller = new AbortController();

  /** Aborted at the first signal after `watch`. Its reason is the signal's name. */
  get stop(): AbortSignal {
    return this.controller.signal;
  }

  /** The signal that came; null while there is none. */
  get by(): EndSignal | null {
    return this.stop.aborted ? (this.stop.reason as EndSignal) : null;
  }

  /** Handles signals from now on. Before, they end the process at once. */
  watch(): void {
    for (const signal of SIGNALS) process.on(signal, this.onSignal);
  }

  /** Restores the default effect of the signals, unless one has come. */
  unwatch(): void {
    if (this.by === null) for (const signal of SIGNALS) process.off(signal, this.onSignal);
  }

  private readonly onSignal = (signal: NodeJS.Signals): void => {
    if (caught !== null) return;
    caught = signal as EndSignal;
    startGrace();
    setTimeout(() => endBy(signal as EndSignal), GRACE_MS);
    this.controller.abort(signal);
  };
}

/** Ends the process by the signal that has interrupted its command, once all that it printed has been taken. */
export async function endIfInterrupted(): Promise<void> {
  if (caught === null) return;
  await flushPrinted();
  endBy(caught);
}
