import type { Worker } from 'node:worker_threads';

/** Prevents a worker that dies while nobody waits for it from ending the process. */
function ignoreError(): void {}

/**
 * Waits for the worker's next message. Resolves to an Error if none comes: the time limit, an error that killed the
 * thread, or its end. If the worker dies between two calls, the second call says so.
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
