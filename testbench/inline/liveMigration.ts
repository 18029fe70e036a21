import type { Migration } from '../../emulator';
import type { VirtualClock } from '../../shared/clock';
import type { MigrationReport } from '../api/result';
import { dropsSince } from '../traffic/totals';
import { lostFeaturesOf } from '../common/lostFeatures';
import type { InlinePort } from './port';
import type { Silence } from './silence';

/** Time to wait for the first packet after a migration. After that nobody is sending. */
const FIRST_PACKET_LIMIT_MS = 200;

type Drops = Readonly<Record<string, number>>;

/** The bench, as a migration sees it. */
export interface MigrationContext {
  readonly clock: VirtualClock;
  /** Drops of all ports so far, by place and cause. */
  drops(): Drops;
}

/** A live migration that was started, with its downtime and losses as the application sees them. */
export class LiveMigration {
  private readonly silences: readonly Silence[];
  /** Number of the driver's last event at the start, by port. */
  private readonly eventsBefore: ReadonlyMap<InlinePort, number>;
  private readonly dropsBefore: Drops;
  private readonly leaveClock: () => void;
  /** Drops during the migration, null until it has ended. */
  private lost: Drops | null = null;
  /** Features that the ports lack; null until the migration has ended. */
  private lostFeatures: MigrationReport['lostFeatures'] | null = null;
  private leftSource = false;

  constructor(
    private readonly context: MigrationContext,
    private readonly instance: { readonly name: string; readonly ports: readonly InlinePort[] },
    private readonly migration: Migration,
  ) {
    this.dropsBefore = context.drops();
    this.eventsBefore = new Map(this.openPorts.map((port) => [port, port.eventSequence]));
    this.silences = this.openPorts.map((port) => port.measureSilence());
    this.leaveClock = context.clock.onStep(() => this.observe());
  }

  /** True once the host has ended it. */
  get done(): boolean {
    return this.migration.done;
  }

  /** Turns the migration back. Has no effect once it is on its way back or has ended. */
  cancel(): void {
    this.migration.cancel();
  }

  /** Lets time pass until it has ended and the application has received or sent a packet, and reports the outcome. */
  ended(): MigrationReport {
    const { clock } = this.context;
    while (!this.done) clock.sleepMs(1);
    const untilMs = clock.nowMs() + FIRST_PACKET_LIMIT_MS;
    while (!this.silences.every(({ broken }) => broken) && clock.nowMs() < untilMs) clock.sleepMs(1);
    return this.report();
  }

  /** Reports the migration so far. The report is complete once the migration has ended. */
  report(): MigrationReport {
    this.observe();
    const { from, to, outcome, cause, node, ringsAtDetach, timeline } = this.migration;
    return {
      instance: this.instance.name,
      from: from.name,
      to: to.name,
      outcome: outcome!,
      cause,
      node: node.name,
      downtimeMs: this.downtimeMs,
      ringsAtDetach,
      lostByCause: this.lost ?? this.lostSoFar,
      lostFeatures: this.lostFeatures ?? this.lostFeaturesSoFar,
      timeline,
    };
  }

  private get openPorts(): readonly InlinePort[] {
    return this.instance.ports.filter(({ open }) => open);
  }

  private get lostFeaturesSoFar(): MigrationReport['lostFeatures'] {
    const there = [...this.eventsBefore].filter(([{ open }]) => open);
    return lostFeaturesOf(there.map(([port, before]) => ({ name: port.name, events: port.eventsSince(before) })));
  }

  private get lostSoFar(): Drops {
    return dropsSince(this.dropsBefore, this.context.drops());
  }

  /** The longest silence that a packet has ended. If no packet has, the time for which the ports were detached. */
  private get downtimeMs(): number {
    const ended = this.silences.filter(({ broken }) => broken);
    if (ended.length > 0) return Math.max(...ended.map(({ longestMs }) => longestMs));
    const { timeline } = this.migration;
    const last = timeline.findLast(({ step }) => step === 'acked') ?? timeline.at(-1)!;
    return last.atMs - timeline[0]!.atMs;
  }

  private observe(): void {
    // The guest has detached, and the source host's memory is still there.
    if (this.migration.phase === 'moving' && !this.leftSource) {
      this.leftSource = true;
      for (const port of this.openPorts) port.leaveHost();
    }
    if (!this.done || this.lost !== null) return;
    this.lost = this.lostSoFar;
    this.lostFeatures = this.lostFeaturesSoFar;
    for (const silence of this.silences) silence.end();
    this.leaveClock();
  }
}
