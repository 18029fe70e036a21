import type { ErrnoName } from '../../shared/errno';
import { BenchError, ErrnoError, UsageError } from '../../shared/errors';

/** An error as plain data that one thread can send to another. */
export interface ErrorText {
  readonly kind: 'errno' | 'usage' | 'other';
  readonly code: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** An error that ended a thread, or an operation there; its stack is the one of that thread. */
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

export function errorText(error: unknown): ErrorText {
  if (!(error instanceof Error))
    return { kind: 'other', code: '', name: 'Error', message: String(error), stack: String(error) };
  const { name, message, stack = `${name}: ${message}` } = error;
  if (error instanceof ErrnoError) return { kind: 'errno', code: error.code, name, message, stack };
  return { kind: error instanceof UsageError ? 'usage' : 'other', code: '', name, message, stack };
}

/** The error again: one that the project throws on purpose as what it was, any other with the thread's stack. */
export function errorFrom(thread: string, text: ErrorText): Error {
  if (text.kind === 'errno') return withStack(new ErrnoError(text.code as ErrnoName, text.message), text.stack);
  if (text.kind === 'usage') return withStack(new UsageError(text.message), text.stack);
  return fatalError(thread, text);
}

/** An error that nobody throws on purpose, with the thread's name and stack. */
export function fatalError(thread: string, { name, message, stack }: ErrorText): ThreadError {
  return new ThreadError(thread, `${name}: ${message}`, stack);
}

function withStack<E extends Error>(error: E, stack: string): E {
  error.stack = stack;
  return error;
}
