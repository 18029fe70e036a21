import type { Worker } from 'node:worker_threads';

/** Keeps a worker that dies while nobody waits for it from bringing the process down. */
function ignoreError(): void {}

/**
 * The worker's next message, or why there will be none: the time limit, an error that killed the thread, or its end.
 * A worker that dies between two calls is found dead by the second.
 */
export function nextMessage<T>(worker: Worker, limitMs: number): Promise<T | Error> {
  if (worker.threadId < 0) return Promise.resolve(new Error('the worker thread has ended before'));
  return new Promise((resolve) => {
    const settle = (value: T | Error): void => {
      clearTimeout(timer);
      worker.off('message', settle).off('error', onError).off('exit', onExit);
      resolve(value);
    };
    const onError = (error: Error): void =>
      settle(new Error(`the worker thread died: ${error.stack ?? error.message}`, { cause: error }));
    const onExit = (code: number): void => settle(new Error(`the worker thread ended with status ${code}`));
    const timer = setTimeout(() => settle(new Error(`time limit: no end after ${limitMs} ms`)), limitMs);
    worker.off('error', ignoreError).on('error', ignoreError);
    worker.on('message', settle).on('error', onError).on('exit', onExit);
  });
}
