/**
 * Makes a promise that a test leaves rejected fail that test; mocha lets it pass. Mocha loads this file before the
 * tests.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { Runnable } from 'mocha';

/** A test or hook, and everything that it has started. */
interface Running {
  readonly title: string;
  hasEnded: boolean;
  /** The first rejection that nobody has handled. */
  rejection: Error | null;
}

const running = new AsyncLocalStorage<Running>();
/** Mocha passes each event on to the other listeners, so that they get it twice. */
const seen = new WeakSet<Promise<unknown>>();

process.on('unhandledRejection', (reason, promise) => {
  if (seen.has(promise)) return;
  seen.add(promise);
  const error = reason instanceof Error ? reason : new Error(`a promise was rejected with ${String(reason)}`);
  const one = running.getStore();
  if (one !== undefined && !one.hasEnded) {
    one.rejection ??= error;
    return;
  }
  take(one === undefined ? error : lateError(one, error));
});

/** Mocha fails what runs now, so the message has to name the one at fault. */
function lateError({ title }: Running, error: Error): Error {
  const late = new Error(`rejected after the end of '${title}', which did not wait for it: ${error.message}`);
  late.stack = `Error: ${late.message}\n${error.stack ?? ''}`;
  return late;
}

let take = (error: Error): void => {
  throw error;
};

/** Sets what takes a rejection that belongs to no test that still runs; by default it is thrown. */
export function takeLateRejections(by: (error: Error) => void): void {
  take = by;
}

const run = Runnable.prototype.run;

Runnable.prototype.run = function (this: Runnable, done): void {
  const one: Running = { title: this.title, hasEnded: false, rejection: null };
  running.run(one, () =>
    run.call(this, (error?: unknown) => {
      // Node reports rejections once all microtasks are done, which is before the next turn.
      setImmediate(() => {
        one.hasEnded = true;
        done(error ?? one.rejection ?? undefined);
      });
    }),
  );
};
