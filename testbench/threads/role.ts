import type { Clock } from '../../shared/clock';
import type { Pace } from '../runtime/backoff';
import type { Operations, WorkerChannel } from './channel';

/** Pace of the roles that poll rings. The longest pause is short, so that a lost hint costs little. */
export const POLLING: Pace = { spins: 16, minPauseMs: 0.03, maxPauseMs: 1 };

/** The work of one thread of this mode. */
export interface Role<O extends Operations = Operations> {
  /** Operations that the caller can have it carry out, by name. */
  readonly operations: O;
  /** Way in which the thread pauses while it finds no work. */
  readonly pace: Pace;
  /** Runs one round of its own work. Returns true where there was some. An error ends the thread and the run. */
  poll(): boolean;
  /** Pauses. Default: the thread sleeps on the doorbell of its channel. */
  rest?(durationMs: number): void;
  /** Releases what the role holds, at an orderly end. */
  end(): void;
}

/** Parts from which a role is made. */
export interface RoleContext<D> {
  /** The caller's data, plain. */
  readonly data: D;
  /** Real time, with the same zero in every thread. */
  readonly clock: Clock;
  readonly channel: WorkerChannel;
}

/** The exports of a role's module. */
export interface RoleModule<D = never, O extends Operations = Operations> {
  readonly begin: (context: RoleContext<D>) => Role<O>;
}

/** The `workerData` of a thread. */
export interface WorkerStart {
  readonly words: SharedArrayBuffer;
  /** Path of the role's module in the package, without its extension. */
  readonly role: string;
  /** Passed to the role as `RoleContext.data`. */
  readonly data: unknown;
  /** Zero of the clocks of all threads (`RealClock`). */
  readonly originMs: number;
}
