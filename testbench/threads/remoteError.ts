import type { ErrnoName } from '../../shared/errno';
import { BenchError, ErrnoError, UsageError } from '../../shared/errors';

/** An error as plain data that one thread can send to another. */
export interface SerializedError {
  readonly kind: 'errno' | 'usage' | 'other';
  /** Name of the errno, empty for other kinds. */
  readonly code: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** An error that ended a thread, or an operation in it. Its stack is the one in that thread. */
export class ThreadError extends BenchError {
  constructor(
    readonly thread: string,
    text: string,
    stack: string | null,
    options?: ErrorOptions,
  ) {
    super('THREAD', `thread '${thread}': ${text}`, options);
    if (stack !== null) this.stack = `${this.name}: thread '${thread}': ${stack}`;
  }
}

export function serializeError(error: unknown): SerializedError {
  if (!(error instanceof Error))
    return { kind: 'other', code: '', name: 'Error', message: String(error), stack: String(error) };
  const { name, message, stack = `${name}: ${message}` } = error;
  if (error instanceof ErrnoError) return { kind: 'errno', code: error.code, name, message, stack };
  return { kind: error instanceof UsageError ? 'usage' : 'other', code: '', name, message, stack };
}

/** Restores an ErrnoError or UsageError; any other error becomes a ThreadError. All keep the thread's stack. */
export function deserializeError(thread: string, error: SerializedError): Error {
  if (error.kind === 'errno') return withStack(new ErrnoError(error.code as ErrnoName, error.message), error.stack);
  if (error.kind === 'usage') return withStack(new UsageError(error.message), error.stack);
  return fatalError(thread, error);
}

/** The error with which a thread ended. */
export function fatalError(thread: string, { name, message, stack }: SerializedError): ThreadError {
  return new ThreadError(thread, `${name}: ${message}`, stack);
}

function withStack<E extends Error>(error: E, stack: string): E {
  error.stack = stack;
  return error;
}
