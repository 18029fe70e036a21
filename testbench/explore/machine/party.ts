import { ACTOR_DRIVER } from '../../../shared/loops/rights';

/** Kinds of an actor's next access. Numbers, because the machine compares them at each access. */
/** The beginning: nothing has been run yet. */
export const START = 0;
export const LOAD = 1;
export const LOAD_ACQUIRE = 2;
export const STORE = 3;
export const STORE_RELEASE = 4;
export const COMPARE_EXCHANGE = 5;
export const EXCHANGE = 6;
export const ADD = 7;
export const FENCE = 8;
export const COPY = 9;
export const FILL = 10;
export const READ_BYTES = 11;
export const WRITE_BYTES = 12;
export const PROTECT = 13;
export const SLEEP = 14;
/** Waits while a word has a value. */
export const WAIT = 15;

/** A running twin. At a point it yields, and is resumed with the result of its access: none, a number, or bytes. */
export type Stepping = Generator<unknown, unknown, unknown>;

/** An actor of a run: how far it is, and the access that it stands before. */
export class Party {
  stepping: Stepping | null = null;
  ended = false;
  /** Error that the actor threw, null for none. */
  error: unknown = null;
  /** Whose rights apply (`shared/loops/rights`). */
  acting = ACTOR_DRIVER;

  kind = START;
  address = 0;
  length = 0;
  /** First byte that a copy reads; -1 for any other access. */
  source = -1;
  /** Value to store or add; of a wait, the value that has to change. */
  value = 0;
  expected = 0;
  site = -1;
  bytes: Uint8Array | null = null;

  /** End of a sleep, in nanoseconds of virtual time. */
  wakeNs = 0;
  /** True while the actor sleeps between two rounds of its work (`Stage.rest`). */
  rests = false;

  /** The compare-and-exchange that failed last, which fails again until the word changes. -1 for none. */
  failedSite = -1;
  failedAddress = 0;
  failedExpected = 0;
  failedFound = 0;

  constructor(
    readonly index: number,
    readonly name: string,
    /** A service runs until all others have ended. */
    readonly service: boolean,
  ) {}

  begin(stepping: Stepping, acting: number): void {
    this.stepping = stepping;
    this.ended = false;
    this.error = null;
    this.acting = acting;
    this.kind = START;
    this.rests = false;
    this.address = 0;
    this.length = 0;
    this.source = -1;
    this.site = -1;
    this.failedSite = -1;
    this.bytes = null;
  }

  /** True for a compare-and-exchange that is bound to fail as it did before. */
  failsAgain(found: number): boolean {
    return (
      this.failedSite === this.site &&
      this.failedAddress === this.address &&
      this.failedExpected === this.expected &&
      this.failedFound === found
    );
  }

  noteFailure(found: number): void {
    this.failedSite = this.site;
    this.failedAddress = this.address;
    this.failedExpected = this.expected;
    this.failedFound = found;
  }
}
