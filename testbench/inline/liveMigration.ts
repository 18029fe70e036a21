import type { Migration } from '../../emulator';
import type { VirtualClock } from '../../shared/clock';
import type { AppPort } from './appPort';
import type { MigrationReport } from '../api/bench';
import type { BenchInstance } from './instance';
import type { Silence } from './silence';
import { dropsSince } from '../traffic/totals';

/** How long the first packet after a migration is waited for; longer means that none is sent. */
const FIRST_PACKET_LIMIT_MS = 200;

type Drops = Readonly<Record<string, number>>;

/** What a migration needs of the bench. */
export interface MigrationPlace {
  readonly clock: VirtualClock;
  /** Drops of all ports so far, by place and cause. */
  drops(): Drops;
}

/** A live migration that was started, with what the application notices of it. */
export class LiveMigration {
  private readonly silences: readonly Silence[];
  private readonly before: Drops;
  private readonly leaveClock: () => void;
  private lost: Drops | null = null;
  private left = false;

  constructor(
    private readonly bench: MigrationPlace,
    private readonly instance: BenchInstance,
    private readonly migration: Migration,
  ) {
    this.before = bench.drops();
    this.silences = this.ports.map((port) => port.watchSilence());
    this.leaveClock = bench.clock.onStep(() => this.observe());
  }

  /** True once the host has come to an end with it. */
  get done(): boolean {
    return this.migration.done;
  }

  /** Has it turn back; without effect once it is on its way back or has ended. */
  cancel(): void {
    this.migration.cancel();
  }

  /** Lets time pass until it has ended and the application has noticed, and gives what became of it. */
  ended(): MigrationReport {
    const { clock } = this.bench;
    while (!this.done) clock.sleepMs(1);
    const untilMs = clock.nowMs() + FIRST_PACKET_LIMIT_MS;
    while (!this.silences.every(({ broken }) => broken) && clock.nowMs() < untilMs) clock.sleepMs(1);
    return this.report();
  }

  /** What is known of it so far; at its end, all. */
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
      timeline,
    };
  }

  private get ports(): readonly AppPort[] {
    return this.instance.ports.filter(({ open }) => open);
  }

  private get lostSoFar(): Drops {
    return dropsSince(this.before, this.bench.drops());
  }

  /** The longest silence that a packet has ended; where none has, how long the ports were detached. */
  private get downtimeMs(): number {
    const ended = this.silences.filter(({ broken }) => broken);
    if (ended.length > 0) return Math.max(...ended.map(({ longestMs }) => longestMs));
    const { timeline } = this.migration;
    const last = timeline.findLast(({ step }) => step === 'acked') ?? timeline.at(-1)!;
    return last.atMs - timeline[0]!.atMs;
  }

  private observe(): void {
    // The guest has let go, and the host that it had is still there.
    if (this.migration.phase === 'moving' && !this.left) {
      this.left = true;
      for (const port of this.ports) port.leaveHost();
    }
    if (!this.done || this.lost !== null) return;
    this.lost = this.lostSoFar;
    for (const silence of this.silences) silence.end();
    this.leaveClock();
  }
}
