/** Rounds in a row before the event loop may serve sockets, terminals and timers. */
const ROUNDS = 64;
/** Pause between two batches of rounds while the host is idle. */
const IDLE_MS = 1;

/** A host that acts in rounds. */
export interface HostRounds {
  step(): void;
  /** True if the next round is due at once. */
  readonly busy: boolean;
}

/** Runs a host in this thread in real time, in turn with the event loop. */
export class HostLoop {
  private running = true;
  private readonly over: Promise<void>;
  /** The error that a round threw and that ended the loop. */
  failure: Error | null = null;

  constructor(private readonly host: HostRounds) {
    this.over = this.run();
  }

  /** Ends the loop and waits for the last round. @throws `failure` */
  async stop(): Promise<void> {
    this.running = false;
    await this.over;
    if (this.failure !== null) throw this.failure;
  }

  private async run(): Promise<void> {
    while (this.running) {
      try {
        for (let round = 0; round < ROUNDS; round++) this.host.step();
      } catch (error) {
        this.failure = error as Error;
        return;
      }
      await (this.host.busy ? new Promise(setImmediate) : new Promise((resolve) => setTimeout(resolve, IDLE_MS)));
    }
  }
}
