import type { Clock } from '../../shared/clock';
import type { Pace } from '../runtime/backoff';
import type { Desk, Operations } from './channel';

/** What a thread of this mode does, besides answering its caller. */
export interface Duty<O extends Operations = Operations> {
  /** What the caller can have it do, by name. */
  readonly operations: O;
  /** How it rests when it finds no work. */
  readonly pace: Pace;
  /** One round of its own work. True where there was some. Whatever it throws ends the thread and the run. */
  poll(): boolean;
  /** Rests in another way than on the bell of its mailbox. */
  rest?(durationMs: number): void;
  /** Gives up what it holds, at an orderly end. */
  end(): void;
}

/** What a duty is made from. */
export interface DutyPlace<D> {
  /** The caller's data, plain. */
  readonly data: D;
  /** Real time, with the same zero in every thread. */
  readonly clock: Clock;
  readonly desk: Desk;
}

/** What the module of a duty exports. */
export interface DutyModule<D = never, O extends Operations = Operations> {
  readonly begin: (place: DutyPlace<D>) => Duty<O>;
}

/** What a thread is started with. */
export interface ThreadData {
  readonly words: SharedArrayBuffer;
  /** Path of the duty's module in the package, without its extension. */
  readonly duty: string;
  readonly data: unknown;
  /** Zero of the clocks of all threads (`RealClock`). */
  readonly originMs: number;
}
