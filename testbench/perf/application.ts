/** Figures of one run of an application. */
export interface ApplicationRun {
  /** Time of the bursts that had packets, without what reading the clock took. */
  readonly busyNs: number;
  /** Time of the run. */
  readonly totalNs: number;
  readonly received: number;
  readonly sent: number;
  /** Bursts that had packets. */
  readonly bursts: number;
  readonly scavenges: number | null;
}

/** An application in this thread that drops its packets, or sends them back (`io`). */
export interface Application {
  run(io: boolean, burst: number, durationMs: number): Promise<ApplicationRun>;
  /** Returns all mbufs to their mempool. */
  close(): void;
}
