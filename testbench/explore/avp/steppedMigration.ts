import { formatMac } from '../../../shared/ethernet';
import { PcapngWriter } from '../../../emulator/capture';
import { arenaImage } from '../../../shared/arenaImage';
import { probeFlow } from '../../traffic/probeFrame';
import { Random } from '../../../shared/random';
import { UsageError } from '../../../shared/errors';
import type { MigrationReport, PortAccount } from '../../api/result';
import { WorkerPool } from '../engine/workerPool';
import type { ActorSpec, Plan, Strategy } from '../engine/plan';
import type { SteppedRun, TimelineEntry } from '../engine/report';
import { SteppedError } from '../engine/result';
import type { Variant } from '../engine/loading';
import { type Findings, findingsOf, migrationReport } from './judge';
import {
  ACTORS,
  MESSAGES,
  BUFFERS,
  EXPORTED,
  type GuestView,
  type HostView,
  INSTANCE,
  KEPT,
  type KeptMemory,
  type MigrationSetup,
  type ReceiverView,
  type SenderView,
  type SteppedEvidence,
} from './types';

const GUEST_MAC = Uint8Array.of(0xfa, 0x16, 0x3e, 0, 0, 1);
const PEER_MAC = Uint8Array.of(0x02, 0, 0, 0, 0, 2);
const SINK_MAC = Uint8Array.of(0x02, 0, 0, 0, 0, 3);
const FRAME_BYTES = { min: 64, max: 700 };
const POOL_BUFFERS = 256;

/** A burst that is held up while a migration goes on. */
export interface BurstStall {
  /** Whose burst is held up: that of the receiver or of the sender. */
  readonly direction: 'receive' | 'transmit';
  /**
   * At which of its accesses to host buffers since the start of traffic.
   * @range 1 or more
   * @unit none
   */
  readonly access: number;
  /** Duration in virtual time. */
  readonly forMs: number;
}

/** A migration whose interleaving is chosen. */
export interface SteppedMigrationOptions {
  /**
   * Decides traffic and schedule.
   * @unit none
   */
  readonly seed: number;
  /** `avp`, the product, or `fixed-delay` (testbench/mutants/catalog/fixedDelay). */
  readonly driver: string;
  /** The burst to hold up. */
  readonly stall: BurstStall;
  /**
   * Schedule of a former run to repeat; empty for none.
   * @defaultValue ''
   */
  readonly schedule?: string;
}

/** The outcome of a migration during which one burst was held up. */
export interface SteppedMigration {
  /** The schedule that repeats the run. */
  readonly token: string;
  /** Null, like `findings`, where the run did not come to its end. */
  readonly migration: MigrationReport | null;
  /** Findings of the run; null if it did not come to its end. */
  readonly findings: Findings | null;
  /** Accounts of the instance's port, one for each direction. */
  readonly ports: readonly PortAccount[];
  /** Accesses of the guest without the right to them, by function and address range. */
  readonly violations: readonly string[];
  /** Reason why the run ended early; null if it came to its end. */
  readonly error: string | null;
  /** Notes and violations in order; of each function's violations in one range only the first. */
  readonly events: readonly TimelineEntry[];
  /** The events as lines of text. */
  readonly timeline: readonly string[];
}

/** The changed modules of a driver variant. @throws UsageError for an unknown name */
export function variantOf(driver: string): Variant {
  if (driver === 'avp') return {};
  if (driver !== 'fixed-delay') throw new UsageError(`driver '${driver}': expected avp or fixed-delay`);
  // Loaded on demand, because the compiler behind it is slow to load.
  const { buildVariant } = require('../../mutants/build/apply') as typeof import('../../mutants/build/apply');
  const { fixedDelay } =
    require('../../mutants/catalog/fixedDelay') as typeof import('../../mutants/catalog/fixedDelay');
  return buildVariant(fixedDelay);
}

/** Source and destination that differ in addresses, pools, ring lengths and buffer size. */
function setupOf(seed: number): MigrationSetup {
  const random = new Random(seed);
  const layout = (): { seed: number; order: 'shuffled'; gaps: true } => ({
    seed: random.u32(),
    order: 'shuffled',
    gaps: true,
  });
  const host = { pools: [{ buffers: POOL_BUFFERS }], memoryBarBytes: 4 << 20, layout: layout() };
  const slots = (count: number): Record<'tx' | 'rx' | 'alloc' | 'free', number> => ({
    tx: count,
    rx: count,
    alloc: count,
    free: count,
  });
  return {
    seed,
    source: { ...host, fifoSlots: slots(64) },
    destination: { ...host, layout: layout(), fifoSlots: slots(32), mbufSize: 1_024, dataGap: 'varied' },
    toGuest: probeFlow({ id: 1, seed, sourceMac: PEER_MAC, destinationMac: GUEST_MAC, frameBytes: FRAME_BYTES }),
    fromGuest: probeFlow({ id: 2, seed, sourceMac: GUEST_MAC, destinationMac: SINK_MAC, frameBytes: FRAME_BYTES }),
    mac: formatMac(GUEST_MAC),
    framesPerRound: 2,
    migrateAfterMs: 3,
    trafficMs: 130,
  };
}

function actor(name: string, module: string, setup: MigrationSetup, service = false): ActorSpec {
  return { name, module: `testbench/explore/avp/${module}`, export: name, data: setup, service };
}

function planOf(
  { seed, stall: { direction, access, forMs }, schedule = '' }: SteppedMigrationOptions,
  evidence: boolean,
): Plan {
  const setup = setupOf(seed);
  const stalled = direction === 'receive' ? ACTORS.receiver : ACTORS.sender;
  const stall = {
    actor: stalled,
    at: { mark: BUFFERS },
    occurrence: access,
    after: MESSAGES.traffic,
    until: { ms: forMs },
  };
  const strategy: Strategy = schedule === '' ? { kind: 'stall', stall } : { kind: 'replay', token: schedule };
  return {
    actors: [
      actor(ACTORS.host, 'host', setup, true),
      actor(ACTORS.control, 'guest', setup),
      actor(ACTORS.handler, 'guest', setup),
      actor(ACTORS.receiver, 'guest', setup),
      actor(ACTORS.sender, 'guest', setup),
    ],
    points: [{ mark: EXPORTED }],
    strategy,
    recordViolations: true,
    evidence,
  };
}

/** Violations of one function in one address range are one line. */
function violationLines({ violations }: SteppedRun): string[] {
  const counts = new Map<string, number>();
  for (const { actor: who, kind, at, where } of violations) {
    const line = `${who}: ${kind} at ${at.replace(/\+0x[0-9a-f]+$/, '')}, in ${where}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts].map(([line, count]) => (count === 1 ? line : `${line}, ${count} times`));
}

function eventsOf({ timeline, violations }: SteppedRun): TimelineEntry[] {
  const told = new Set<string>();
  const first = violations.filter(({ actor: who, at, where }) => {
    const key = [who, at.replace(/\+0x[0-9a-f]+$/, ''), where].join();
    return !told.has(key) && told.add(key) !== undefined;
  });
  const trespasses = first.map(({ order, timeMs, actor: who, kind, bytes, at, where }) => {
    return {
      order,
      timeMs,
      actor: who,
      what: `has no right to what it touches: ${kind} of ${bytes} bytes at ${at}, in ${where}`,
    };
  });
  return [...timeline, ...trespasses].sort((a, b) => a.order - b.order);
}

function lineOf({ timeMs, actor: who, what }: TimelineEntry): string {
  return `${timeMs.toFixed(3).padStart(9)} ms  ${who} ${what}`;
}

/** Returns the reason why the run ended early or shows nothing; null if it is valid. */
function errorOf({ deviations }: SteppedRun, guest: GuestView | undefined, error: string | null): string | null {
  if (error !== null || guest === undefined || guest.closing !== null) return error ?? guest?.closing ?? null;
  return deviations.some(({ hold }) => hold !== null)
    ? null
    : 'no burst was held up: it did not come to the access that was asked for';
}

function accountsOf({ toGuest, fromGuest }: Findings): PortAccount[] {
  return (
    [
      ['rx', toGuest],
      ['tx', fromGuest],
    ] as const
  ).map(([way, { sent, delivered, dropped }]) => {
    return { name: `${INSTANCE} ${way}`, offered: sent, delivered, dropped };
  });
}

function reported(run: SteppedRun, setup: MigrationSetup, error: string | null): SteppedMigration {
  const { results, token } = run;
  const host = results[ACTORS.host] as HostView | undefined;
  const guest = results[ACTORS.control] as GuestView | undefined;
  const received = results[ACTORS.receiver] as ReceiverView | undefined;
  const sent = results[ACTORS.sender] as SenderView | undefined;
  const events = eventsOf(run);
  const common = {
    token,
    violations: violationLines(run),
    events,
    timeline: events.map(lineOf),
    error: errorOf(run, guest, error),
  };
  if (host === undefined || guest === undefined || received === undefined || sent === undefined)
    return { ...common, migration: null, findings: null, ports: [] };
  const findings = findingsOf(setup, host, guest, received, sent);
  return {
    ...common,
    migration: migrationReport(host, guest, findings, received, sent),
    findings,
    ports: accountsOf(findings),
  };
}

/** The evidence of the run that has just ended. The memory of one that did not come to its tear-down is still in place. */
function evidenceOf({ kept, timeMs }: SteppedRun): SteppedEvidence {
  const pcap = (kept[KEPT.pcap] as Uint8Array | undefined) ?? new PcapngWriter().toBytes();
  const memory = (kept[KEPT.memory] as KeptMemory | null | undefined) ?? { image: arenaImage(), atMs: timeMs };
  return { pcap, memory };
}

/**
 * Migrates an instance to a host with another layout while one burst is held up. Host, control
 * thread, interrupt handler and both queues are actors of a stepped run.
 * @param pool workers with that driver (`variantOf`), to reuse for several runs; new ones by default.
 * @param keep called with the evidence of the run when it has ended, also if it has ended early; none is collected by
 *   default.
 * @throws UsageError for an unknown driver, or a schedule that belongs to another plan.
 */
export async function steppedMigration(
  options: SteppedMigrationOptions,
  pool: WorkerPool | null = null,
  keep: ((evidence: SteppedEvidence) => void) | null = null,
): Promise<SteppedMigration> {
  const workers = pool ?? new WorkerPool({ variant: variantOf(options.driver) });
  const setup = setupOf(options.seed);
  try {
    const run = await workers.run(planOf(options, keep !== null));
    keep?.(evidenceOf(run));
    return reported(run, setup, null);
  } catch (error) {
    if (!(error instanceof SteppedError)) throw error;
    keep?.(evidenceOf(error.run));
    return reported(error.run, setup, error.message);
  } finally {
    if (pool === null) await workers.close();
  }
}
