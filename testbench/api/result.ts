import type { Engine } from '../../shared/engine';
import type { DropCounts } from './drops';
import type { Measured } from './expect';
import type { FaultReport } from './faults';
import type { MigrationEvent, MigrationOutcome, RingEntries } from '../../emulator';

/** One thing that a scenario expected. */
export interface Expectation {
  /** The expectation in the words of the script. */
  readonly what: string;
  /** True if it holds. */
  readonly ok: boolean;
  /** The number and its range, of `expect.atLeast`, `atMost` and `within`. */
  readonly measured?: Measured;
}

/** Account of the frames that were offered to one port, in one direction. */
export interface PortAccount {
  /** `INSTANCE/NETWORK rx` or `INSTANCE/NETWORK tx`. */
  readonly name: string;
  /** Frames that were to pass: rx, those that the switch gave to the device; tx, those that the application made. */
  readonly offered: number;
  /** Frames that passed: rx, those that the application got; tx, those that the switch accepted. */
  readonly delivered: number;
  /** Drops by cause, without causes that did not occur. */
  readonly dropped: DropCounts;
}

/** Counts of the frames of all loads of a run. */
export interface TrafficTotals {
  /** Frames that applications gave to their ports, replies included. */
  readonly offered: number;
  /** Frames that arrived intact, once, in the order of their flow. */
  readonly delivered: number;
  /** Frames whose bytes are not those that were sent. */
  readonly corrupted: number;
  /** Frames that arrived once more. */
  readonly duplicated: number;
  /** Frames that arrived after a later one of their flow. */
  readonly reordered: number;
  /** Packet buffers of hosts, and mbufs, that are not where they belong; 0 at a quiet point. */
  readonly leakedBuffers: number;
  /** Frames that were offered, and neither delivered nor counted as dropped; 0 at a quiet point. */
  readonly unexplainedLoss: number;
  /** Drops by place (application, driver, host, switch) and cause, as each place counts its own. */
  readonly lostByCause: DropCounts;
}

/** Outcome of a live migration (section 15). */
export interface MigrationReport {
  /** Name of the instance. */
  readonly instance: string;
  /** Name of the source. */
  readonly from: string;
  /** Name of the destination. */
  readonly to: string;
  /** The migration's outcome. */
  readonly outcome: MigrationOutcome;
  /** Why it did not complete, null where it did. */
  readonly cause: string | null;
  /** The node where the instance is now. */
  readonly node: string;
  /** The longest time during which no packet moved at a port of the instance, as its application sees it. */
  readonly downtimeMs: number;
  /** Entries on the rings of all AVP NICs when the detach event was raised. */
  readonly ringsAtDetach: RingEntries;
  /** Frames of all ports that were dropped during the migration, by place and cause. */
  readonly lostByCause: DropCounts;
  /**
   * By port, what its application asked for and the present host lacks: `vlanStrip`, `vlanInsert`, or `mtu`, where the
   * host's frame limit is too low. Without ports that lack nothing.
   */
  readonly lostFeatures: Readonly<Record<string, readonly ('vlanStrip' | 'vlanInsert' | 'mtu')[]>>;
  /** Each step with its time. */
  readonly timeline: readonly MigrationEvent[];
}

/**
 * How a scenario runs. `inline`: host and guests share one thread and a virtual clock. `threads`: host, control,
 * interrupt handler and queues have threads of their own, in real time. `stepped`: they have threads of which only one
 * runs at a time, on a virtual clock.
 */
export const MODES = ['inline', 'threads', 'stepped'] as const;
/** Mode of a scenario. */
export type Mode = (typeof MODES)[number];

/** `pass`: every expectation holds. `fail`: one does not. `error`: the run did not come to its end. */
export type Verdict = 'pass' | 'fail' | 'error';

/** The result of a scenario, as its JSON has it; with the totals of its traffic where it has several nodes. */
export interface ScenarioResult extends Partial<TrafficTotals> {
  /** Name of the scenario. */
  readonly scenario: string;
  /** Seed of the run. */
  readonly seed: number;
  /** Mode in which the scenario ran. */
  readonly mode: Mode;
  /** Engine of driver and host: WebAssembly or TypeScript. */
  readonly engine: Engine;
  /** Verdict on the run. */
  readonly verdict: Verdict;
  /** Expectations of the scenario, in the order in which it stated them. */
  readonly expectations: readonly Expectation[];
  /** Frame accounts of every port, one for each direction. */
  readonly ports: readonly PortAccount[];
  /** Migrations that have ended, in the order in which they were started. */
  readonly migrations: readonly MigrationReport[];
  /** Faults that were put, in this order; left out where there was none. */
  readonly faults?: readonly FaultReport[];
}

/** Sums up all drops of an account. */
export function droppedIn(account: PortAccount): number {
  return Object.values(account.dropped).reduce((sum, count) => sum + count, 0);
}

type NonZero<C extends string> = string extends C ? Record<string, number> : Partial<Record<C, number>>;

/** Leaves out counts of 0. */
export function nonZero<C extends string>(counts: Readonly<Partial<Record<C, number>>>): NonZero<C> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)) as NonZero<C>;
}
