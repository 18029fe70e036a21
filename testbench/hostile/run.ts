import { MemoryViolation } from '../../shared/mem/watched';
import { watchedMemory } from '../../shared/mem/build';
import { UsageError } from '../../shared/errors';
import { caseOf, type HostileCase, type Side } from './cases/hostileCase';
import { Broken, type BrokenPromise } from './finding';
import { DRIVER_WORLDS } from './sides/driverWorld';
import { ControlSide } from './sides/control';
import { HostSide } from './sides/host';
import { HOST_WORLDS } from './sides/hostWorld';
import { ReceiveWorld } from './sides/receive';
import { type HostileWorld, worldOf } from './sides/world';
import { TransmitWorld } from './sides/transmit';

const MAKERS: Readonly<Record<Side, () => HostileWorld[]>> = {
  receive: () => DRIVER_WORLDS.map((settings) => new ReceiveWorld(settings)),
  transmit: () => DRIVER_WORLDS.map((settings) => new TransmitWorld(settings)),
  control: () => [new ControlSide()],
  host: () => HOST_WORLDS.map((settings) => new HostSide(settings)),
};

/** A promise that one side has broken, and the case that shows it. */
export interface HostileFinding {
  readonly side: Side;
  readonly promise: BrokenPromise;
  readonly message: string;
  /** Seed and number of the case; null if the caller gave the case itself. */
  readonly from: { readonly seed: number; readonly index: number } | null;
  readonly input: HostileCase;
  /** Command that runs the case again; empty if the caller gave the case itself. */
  readonly replay: string;
}

export interface HostileOptions {
  readonly side: Side;
  readonly seed: number;
  /** Number of cases. */
  readonly cases: number;
  /** Number of the first case, default 0. */
  readonly first?: number;
  /** Ends the run after this many findings, default 1. */
  readonly most?: number;
}

export interface HostileRun {
  /** Cases that were run: with the default of one finding, the last of them is the one that was found. */
  readonly cases: number;
  readonly findings: readonly HostileFinding[];
}

/** The command that runs cases again. */
export function replayOf(side: Side, seed: number, first: number, cases = 1): string {
  return `npx avp hostile ${side} --seed ${seed} --first ${first} --cases ${cases}`;
}

function promiseOf(error: unknown): BrokenPromise {
  if (error instanceof Broken) return error.promise;
  return error instanceof MemoryViolation ? 'rights' : 'throws';
}

/** Worlds of one side, in this thread. They use the whole arena. */
export class HostileWorlds {
  private readonly worlds: readonly HostileWorld[];

  /** @throws UsageError where this thread's memory is not watched. */
  constructor(readonly side: Side) {
    if (watchedMemory === null)
      throw new UsageError('hostile neighbours need the watched memory: start node with --conditions=watched');
    this.worlds = MAKERS[side]();
  }

  /** The counters of the attacked side after a case, from the beginning of the case on. */
  countersAfter(one: HostileCase): { readonly name: string; readonly value: number }[] {
    const { counters } = worldOf(this.worlds, one);
    counters.read();
    return counters.names.map((name, i) => ({ name, value: counters.values[i]! }));
  }

  /** Runs a case. Returns the broken promise; null if all were kept. */
  run(input: HostileCase, from: HostileFinding['from'] = null): HostileFinding | null {
    try {
      worldOf(this.worlds, input).run(input);
      return null;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const { side } = this;
      const replay = from === null ? '' : replayOf(side, from.seed, from.index);
      return { side, promise: promiseOf(error), message, from, input, replay };
    }
  }
}

/** Runs cases of a seed in these worlds. */
export function runCases(
  worlds: HostileWorlds,
  { seed, cases, first = 0, most = 1 }: Omit<HostileOptions, 'side'>,
): HostileRun {
  const findings: HostileFinding[] = [];
  for (let done = 0; done < cases; done++) {
    const index = first + done;
    const found = worlds.run(caseOf(seed, index), { seed, index });
    if (found !== null && findings.push(found) >= most) return { cases: done + 1, findings };
  }
  return { cases, findings };
}

/**
 * Attacks one side of the driver and host that this thread has loaded. It uses the whole arena of the thread, and ends
 * what was in it.
 * @throws UsageError where this thread's memory is not watched.
 */
export function runHostile(options: HostileOptions): HostileRun {
  return runCases(new HostileWorlds(options.side), options);
}
