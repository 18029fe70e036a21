/** Rounds in a row before the event loop gets its turn: sockets, terminals and timers live there. */
const ROUNDS = 64;
/** Between two turns while nobody is there to be served. */
const IDLE_MS = 1;

/** What a host loop runs; `busy` says whether the next round is wanted at once. */
export interface HostRounds {
  step(): void;
  readonly busy: boolean;
}

/** Runs a host in this thread beside everything else that happens there, in real time. */
export class HostLoop {
  private running = true;
  private readonly over: Promise<void>;
  /** What a round has thrown; the loop has ended with it. */
  failure: Error | null = null;

  constructor(private readonly host: HostRounds) {
    this.over = this.run();
  }

  /** Ends the loop; no round is under way afterwards. @throws what a round has thrown, with which the loop had ended. */
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
