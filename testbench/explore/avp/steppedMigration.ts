import { formatMac } from '../../../shared/ethernet';
import { probeFlow } from '../../traffic/probe';
import { Random } from '../../../shared/random';
import { UsageError } from '../../../shared/errors';
import type { MigrationReport } from '../../api/bench';
import type { PortAccount } from '../../api/result';
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
  type MigrationSetup,
  type ReceiverView,
  type SenderView,
} from './types';

const GUEST_MAC = Uint8Array.of(0xfa, 0x16, 0x3e, 0, 0, 1);
const PEER_MAC = Uint8Array.of(0x02, 0, 0, 0, 0, 2);
const SINK_MAC = Uint8Array.of(0x02, 0, 0, 0, 0, 3);
const FRAME_BYTES = { min: 64, max: 700 };
const POOL_BUFFERS = 256;

/** A burst that is held up while a migration goes on. */
export interface BurstStall {
  readonly direction: 'receive' | 'transmit';
  /** At which of its accesses to host buffers, from 1, since traffic runs. */
  readonly access: number;
  /** Of virtual time. */
  readonly forMs: number;
}

export interface SteppedMigrationOptions {
  readonly seed: number;
  /** `avp`, the product, or `fixed-delay` (testbench/mutants/catalog/fixedDelay). */
  readonly driver: string;
  readonly stall: BurstStall;
  /** Schedule of a former run, to be repeated; empty for none. */
  readonly schedule?: string;
}

/** What became of a migration in which one burst was held up. */
export interface SteppedMigration {
  /** The schedule: repeats the run, switch by switch. */
  readonly token: string;
  /** Both null where the run did not come to its end. */
  readonly migration: MigrationReport | null;
  readonly findings: Findings | null;
  /** What became of the frames of the instance's port, each way. */
  readonly ports: readonly PortAccount[];
  /** Accesses of the guest that it had no right to, by the function that made them. */
  readonly violations: readonly string[];
  /** What ended the run early, null where nothing did. */
  readonly error: string | null;
  /** What happened, in order; of each function's accesses to one place the first. */
  readonly events: readonly TimelineEntry[];
  /** The same as lines for people. */
  readonly timeline: readonly string[];
}

/** What is changed in the code for a driver. @throws UsageError for another name */
export function variantOf(driver: string): Variant {
  if (driver === 'avp') return {};
  if (driver !== 'fixed-delay') throw new UsageError(`driver '${driver}': expected avp or fixed-delay`);
  // Loaded late, because the compiler behind it takes its time.
  const { buildVariant } = require('../../mutants/build/apply') as typeof import('../../mutants/build/apply');
  const { fixedDelay } =
    require('../../mutants/catalog/fixedDelay') as typeof import('../../mutants/catalog/fixedDelay');
  return buildVariant(fixedDelay);
}

/** Another layout on the other side: addresses, pools, ring lengths, buffer size. */
function orderOf(seed: number): MigrationSetup {
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

function actor(name: string, module: string, order: MigrationSetup, service = false): ActorSpec {
  return { name, module: `testbench/explore/avp/${module}`, export: name, data: order, service };
}

function planOf({ seed, stall: { direction, access, forMs }, schedule = '' }: SteppedMigrationOptions): Plan {
  const order = orderOf(seed);
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
      actor(ACTORS.host, 'host', order, true),
      actor(ACTORS.control, 'guest', order),
      actor(ACTORS.handler, 'guest', order),
      actor(ACTORS.receiver, 'guest', order),
      actor(ACTORS.sender, 'guest', order),
    ],
    points: [{ mark: EXPORTED }],
    strategy,
    recordViolations: true,
  };
}

/** Accesses of one function to one place are one line. */
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

/** What ended the run early, or keeps it from saying anything. */
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

function reported(run: SteppedRun, order: MigrationSetup, error: string | null): SteppedMigration {
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
  const findings = findingsOf(order, host, guest, received, sent);
  return {
    ...common,
    migration: migrationReport(host, findings, received, sent),
    findings,
    ports: accountsOf(findings),
  };
}

/**
 * Runs host, control, interrupt handler and both queues of an instance, each in a thread of its
 * own and one at a time, while the instance migrates to a host with another layout and one burst
 * is held up.
 * @param pool threads with that driver (`variantOf`), for several runs; new ones where it is left out.
 * @throws UsageError for another driver, or a schedule that belongs to another run.
 */
export async function steppedMigration(
  options: SteppedMigrationOptions,
  pool: WorkerPool | null = null,
): Promise<SteppedMigration> {
  const players = pool ?? new WorkerPool({ variant: variantOf(options.driver) });
  const order = orderOf(options.seed);
  try {
    return reported(await players.run(planOf(options)), order, null);
  } catch (error) {
    if (!(error instanceof SteppedError)) throw error;
    return reported(error.run, order, error.message);
  } finally {
    if (pool === null) await players.close();
  }
}
