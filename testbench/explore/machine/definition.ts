import type { Clock } from '../../../shared/clock';
import type { Platform } from '../../../shared/pci';
import type { Random } from '../../../shared/random';

/** Size of a world. */
export interface Size {
  /** Packets that cross the rings in one run. */
  readonly packets: number;
  /** Queue pairs. */
  readonly queues: number;
  /** Burst routines of the driver. */
  readonly shape: 'simple' | 'scattered';
}

/**
 * The surroundings of one actor. Actors share only memory, because each has its own copy of every module. What one
 * has made, such as an address, it gives to the others by name.
 */
export interface Stage {
  /** Size of the world that is to be made. */
  readonly size: Size;
  /**
   * Virtual time, which all actors share. What an actor does may depend on how much of it passes between two moments,
   * and not on the moments themselves: a complete search takes states for one that come at other times.
   */
  readonly clock: Clock;
  /** The clock, in the form in which `probe` of a driver takes it. */
  readonly platform: Platform;
  /** Source of everything that the actor draws during its set-up. */
  readonly random: Random;
  /** Offers a value by name to the actors that are set up later. */
  give(name: string, value: unknown): void;
  /** Returns the value that an actor set up before has given under this name. */
  find<T>(name: string): T;
  /** Names a range of memory for messages. Where ranges overlap, the smallest gives the name. */
  label(name: string, address: number, bytes: number): void;
  /** Only during set-up: calls `step` again and again while another actor sleeps. */
  meanwhile(step: () => void): void;
  /**
   * Names an object that records what happens, for people. As no actor and no oracle may look at it, it tells no states
   * apart.
   */
  record(object: object): void;
  /** Only in `run`: waits while a word of memory has a value. */
  waitWhile(address: number, value: number): void;
  /**
   * Only in `run`, and not in a method that it calls: sleeps between two rounds of the actor's work. What it does
   * afterwards may depend on its fields and on memory, and on no local variable. A complete search then takes all
   * rounds for one that have left the same behind.
   */
  rest(durationMs: number): void;
  /** Only in `run`: passes a milestone of the check. */
  pass(milestone: string): void;
  /** Only in `run`: waits until any actor has passed a milestone. */
  waitFor(milestone: string): void;
  /** Only in `run`: ends another actor where it stands, as a process that is killed. Its stores still become visible. */
  kill(actor: string): void;
}

/** An actor of a check. Its fields are put back before each run, also in objects that they lead to. */
export interface Actor {
  /** The work of the actor in a run. Each access to memory that it shares is a point at which others may go on. */
  run(): void;
}

/** Result of an oracle: what went wrong. */
export interface Finding {
  /** One line that names no counts and no addresses, because the same bug has to give the same line each time. */
  readonly cause: string;
  /** Further lines, which may name counts and addresses. */
  readonly details?: readonly string[];
}

/**
 * A check: a small closed world of actors, and its oracle. Actors are set up in the order in which they stand here.
 * A module exports it under any name; `avp explore FILE` takes the first one that it finds.
 */
export interface CheckDefinition<Actors extends Readonly<Record<string, Actor>> = Readonly<Record<string, Actor>>> {
  /** Name in lists and reports. */
  readonly name: string;
  /** One line that says what the check shows. */
  readonly description: string;
  /** Makes each actor, with all that it needs. Runs once, before the first run. */
  readonly actors: { readonly [Name in keyof Actors]: (stage: Stage) => Actors[Name] };
  /** Actors that run until all others have ended. */
  readonly services?: readonly (keyof Actors & string)[];
  /** Names that `Stage.pass` knows. */
  readonly milestones?: readonly string[];
  /** Size where none is asked for; otherwise 1 packet, 1 queue pair, simple. */
  readonly size?: Partial<Size>;
  /**
   * Judges the end of a run.
   * @param actors the actors, by name, after the run.
   * @param thorough true to look at everything; false for checks of a few microseconds only.
   * @returns null if all is well.
   */
  judge(actors: Actors, thorough: boolean): Finding | null;
}

/** Returns the check unchanged. The call gives it its types. */
export function defineCheck<Actors extends Readonly<Record<string, Actor>>>(
  check: CheckDefinition<Actors>,
): CheckDefinition<Actors> {
  return check;
}
