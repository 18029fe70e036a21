import { Errno, type ErrnoName } from './errno';

/** The code of every error class. A code is stable: programs may compare it. */
export type ErrorCode =
  /** `ErrnoError`: a control operation failed. */
  | ErrnoName
  /** `UsageError` and `CaptureError`: bad input by the caller, or something that the environment lacks. */
  | 'USAGE'
  /** `BenchError`: a text is no MAC address. */
  | 'MAC_SYNTAX'
  /** `MemoryViolation`: an access without a right to it. */
  | 'MEMORY_VIOLATION'
  /** `CheckFailed`: a check of a clause did not hold. */
  | 'CHECK_FAILED'
  /** `SetUpFailed`: a clause did not reach the state that it starts from. */
  | 'SET_UP_FAILED'
  /** `GuestKilled`: a clause has killed the guest that a call was made on. */
  | 'GUEST_KILLED'
  /** `LacksCapability`: the target cannot do what a clause needs. */
  | 'LACKS_CAPABILITY'
  /** `EnvironmentFailed`: the machine, and not the driver, kept a clause from a verdict. */
  | 'ENVIRONMENT_FAILED'
  /** `FailureReproduced`: a replay ended with the failure again. */
  | 'REPRODUCED'
  /** `DriverCrashed`: the driver under test threw, or touched memory without a right to it. */
  | 'DRIVER_CRASHED'
  /** `PeerEnded`: a peer process ended before it had answered. */
  | 'PEER_ENDED'
  /** `PeerStuck`: a peer process did not answer in time. */
  | 'PEER_STUCK'
  /** `PeerStarved`: a peer process did not answer in time, for want of a CPU. */
  | 'PEER_STARVED'
  /** `PeerOutputError`: a peer process wrote output that its parser does not know. */
  | 'PEER_OUTPUT'
  /** `PathsDiffer`: two drivers that are to be compared do not do the same work. */
  | 'PATHS_DIFFER'
  /** `ScenarioError`: a script did something wrong. */
  | 'SCENARIO'
  /** `ThreadError`: a thread ended, or an operation failed there. */
  | 'THREAD'
  /** `PlainAccessError`: code of an explored world touched memory where no scheduler sees it, or without a right. */
  | 'PLAIN_ACCESS'
  /** `RunAborted`: unwinds an actor of a stepped run that ends early. */
  | 'RUN_ABORTED'
  /** `ScheduleMismatch`: a schedule does not fit the run. */
  | 'SCHEDULE_MISMATCH'
  /** `NotRepeatable`: a schedule of an exploration gave two different runs. */
  | 'NOT_REPEATABLE'
  /** `ExplorationFailed`: a worker of an exploration ended, or could not go on. */
  | 'EXPLORATION'
  /** `Broken`: one side has broken a promise that it keeps against any neighbour. */
  | 'BROKEN_PROMISE'
  /** `HostileJobsFailed`: a worker that attacks one side did not start. */
  | 'HOSTILE_JOBS'
  /** `SteppedError`: a stepped run failed; the part after STEPPED says how. */
  | 'STEPPED_FAILED'
  | 'STEPPED_DEADLOCK'
  | 'STEPPED_LIMIT'
  | 'STEPPED_STUCK'
  | 'STEPPED_MISMATCH';

/**
 * Base of every error class of the project. The message is for people: it names the input, says
 * what was expected, and tells what to do.
 */
// eslint-disable-next-line no-restricted-syntax -- the one that the others extend
export class BenchError extends Error {
  constructor(
    /** Stable code of the error's class; of an `ErrnoError`, the errno's name. Programs may compare it. */
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Bad input by the caller, or something that the environment lacks. The command line ends with status 2. */
export class UsageError extends BenchError {
  constructor(message: string, options?: ErrorOptions) {
    super('USAGE', message, options);
  }
}

/**
 * The failure of a control operation, as a driver or host reports it. `code` is the errno's name,
 * `errno` its positive value. Nothing has changed after the throw unless the operation says otherwise.
 */
export class ErrnoError extends BenchError {
  /** Name of the errno, such as `ETIME`. */
  declare readonly code: ErrnoName;
  /** Positive value of the errno, as in Linux. */
  readonly errno: number;

  constructor(code: ErrnoName, message: string, options?: ErrorOptions) {
    super(code, message, options);
    this.errno = Errno[code];
  }

  /** Makes an error of an errno from the other side; EIO if the value is not in the table. */
  static fromValue(errno: number, message: string): ErrnoError {
    const known = (Object.keys(Errno) as ErrnoName[]).find((name) => Errno[name] === errno);
    return new ErrnoError(known ?? 'EIO', message);
  }
}
