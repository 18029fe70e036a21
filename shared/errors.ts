import { Errno, type ErrnoName } from './errno';

/**
 * Base of every error that the project throws on purpose. `code` is stable; the message is
 * for people: it names the input, what was expected, and what to do.
 */
export class BenchError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Bad input by the caller or a lacking environment: the command line ends with status 2. */
export class UsageError extends BenchError {
  constructor(message: string, options?: ErrorOptions) {
    super('USAGE', message, options);
  }
}

/**
 * A control operation that failed, as a driver or host reports it. `code` is the errno's name,
 * `errno` its positive value. After the throw nothing has changed, unless the operation says otherwise.
 */
export class ErrnoError extends BenchError {
  readonly errno: number;

  constructor(code: ErrnoName, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.errno = Errno[code];
  }

  /** For an errno that came from the other side and may have no name here. */
  static fromValue(errno: number, message: string): ErrnoError {
    const known = (Object.keys(Errno) as ErrnoName[]).find((name) => Errno[name] === errno);
    return new ErrnoError(known ?? 'EIO', message);
  }
}
